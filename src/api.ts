import { Hono, type Handler } from 'hono'
import { answerError, answerMethodNotAllowed } from './answer.ts'
import { exportActivityAs, listActivity, showActivity } from './read/activity.ts'
import { authorize, authorizeOperator } from './read/authorize.ts'
import { showBounces } from './read/bounces.ts'
import { findContacts, showContact } from './read/contacts.ts'
import { showDelivery } from './read/deliveries.ts'
import { forPrograms } from './for-people.ts'
import { showDocs } from './docs/page.ts'
import { showOpenapi } from './docs/openapi.ts'
import { discardByReason, discardOne } from './operate/quarantine/discard.ts'
import { takeAgainStep } from './operate/erasure/again.ts'
import { eraseByName, eraseContact } from './operate/erasure/erase.ts'
import { showErasure, showErasures } from './operate/erasure/erasures.ts'
import { showRecord, takeRecord } from './operate/erasure/record.ts'
import { listQuarantined, showQuarantined } from './operate/quarantine/quarantine.ts'
import { takeRecountStep } from './operate/recount.ts'
import { replayByReason, replayOne } from './operate/quarantine/replay.ts'
import { showStatus } from './operate/status/status.ts'
import { cancelBackfills, showBackfills, startBackfill } from './pull/backfill.ts'
import { showCoverage } from './pull/coverage.ts'
import { showReport } from './read/reports.ts'
import { showSuppressions } from './read/suppressions.ts'
import { showTotals } from './read/totals.ts'
import { receiveWebhook } from './receive/webhook.ts'

type Bindings = { Bindings: Env }

/** What an address answers: GET, and HEAD, with the read token, and the others with that of an operator. */
type Address = Partial<Record<'get' | 'post' | 'delete', Handler<Bindings>>>

/** What is answered to whoever has a token. */
const ADDRESSES: Readonly<Record<string, Address>> = {
  '/activity': { get: listActivity },
  '/activity.csv': { get: exportActivityAs('csv') },
  '/activity.ndjson': { get: exportActivityAs('ndjson') },
  '/activity/:id': { get: showActivity },
  '/contacts': { get: findContacts, delete: eraseByName },
  '/contacts/:contactId': { get: showContact, delete: eraseContact },
  '/deliveries/:iid': { get: showDelivery },
  '/suppressions': { get: showSuppressions },
  '/reports/messages': { get: showReport('messages') },
  '/reports/broadcasts': { get: showReport('broadcasts') },
  '/reports/workflows': { get: showReport('workflows') },
  '/reports/channels': { get: showReport('channels') },
  '/reports/senders': { get: showReport('senders') },
  '/reports/tags': { get: showReport('tags') },
  '/reports/totals': { get: showTotals },
  '/reports/bounces': { get: showBounces },
  '/quarantine': { get: listQuarantined, delete: discardByReason },
  '/quarantine/replay': { post: replayByReason },
  '/quarantine/:id': { get: showQuarantined, delete: discardOne },
  '/quarantine/:id/replay': { post: replayOne },
  '/erasures': { get: showErasures },
  '/erasures/record': { get: showRecord, post: takeRecord },
  '/erasures/again': { post: takeAgainStep },
  '/erasures/:number': { get: showErasure },
  '/recount': { post: takeRecountStep },
  '/backfill': { get: showBackfills, post: startBackfill, delete: cancelBackfills },
}

/** What programs ask: Yespo, and whoever has a token. */
export const api = new Hono<Bindings>({ strict: false })
  .get('/health', (context) => context.json({ status: 'ok' }))
  // Yespo asks once when a webhook is saved, perhaps without its credentials.
  .get('/webhooks/yespo', (context) => context.json({ status: 'ok', send: 'POST, a JSON array' }))
  .post('/webhooks/yespo', receiveWebhook)
  .all('/webhooks/yespo', answerMethodNotAllowed('GET, HEAD, POST'))
  .get('/openapi.json', showOpenapi)
  .all('/openapi.json', answerMethodNotAllowed('GET, HEAD'))
  .get('/docs', showDocs)
  .all('/docs', answerMethodNotAllowed('GET, HEAD'))
  .get('/status', forPrograms(authorize), forPrograms(showStatus))
  .all('/status', forPrograms(answerMethodNotAllowed('GET, HEAD')))
  .get('/coverage', forPrograms(authorize), forPrograms(showCoverage))
  .all('/coverage', forPrograms(answerMethodNotAllowed('GET, HEAD')))
  .onError(answerError)

for (const [path, address] of Object.entries(ADDRESSES)) {
  const { get, post, delete: remove } = address
  if (get) api.get(path, authorize, get)
  if (post) api.post(path, authorizeOperator, post)
  if (remove) api.delete(path, authorizeOperator, remove)
  const methods = [get && 'GET, HEAD', post && 'POST', remove && 'DELETE']
  api.all(path, answerMethodNotAllowed(methods.filter(Boolean).join(', ')))
}
