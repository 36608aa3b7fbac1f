import { Hono, type MiddlewareHandler } from 'hono'
import { respondWithError, respondMethodNotAllowed } from './http/error-handler.ts'
import { exportActivityAs, listActivity, showActivity } from './events/api.ts'
import { authorize, authorizeOperator } from './http/bearer-auth.ts'
import { showBounces } from './bounces/api.ts'
import { findContacts, showContact } from './contacts/api.ts'
import { showDelivery } from './deliveries/api.ts'
import { forPrograms } from './http/for-people.ts'
import { showDocs } from './openapi/page.ts'
import { showOpenapi } from './openapi/openapi.ts'
import { deleteByReason, deleteOne } from './quarantine/delete.ts'
import { takeAgainStep } from './erasure/again.ts'
import { eraseByName, eraseContact } from './erasure/erase.ts'
import { showErasure, showErasures } from './erasure/api.ts'
import { showRecord, takeRecord } from './erasure/record.ts'
import { listQuarantined, showQuarantined } from './quarantine/api.ts'
import { takeRebuildStep } from './monitoring/rebuild.ts'
import { replayByReason, replayOne } from './quarantine/replay.ts'
import { showStatus } from './monitoring/api.ts'
import { cancelBackfills, showBackfills, startBackfill } from './sync/api.ts'
import { showCoverage } from './sync/coverage.ts'
import { showReport } from './reports/api.ts'
import { showSuppressions } from './suppressions/api.ts'
import { showTotals } from './reports/totals.ts'
import { receiveWebhook } from './ingest/webhook.ts'

type Bindings = { Bindings: Env }

/** What an address answers: GET, and HEAD, with the read token, and the others with that of an operator. */
type Address = Partial<Record<'get' | 'post' | 'delete', MiddlewareHandler<Bindings>>>

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
  '/quarantine': { get: listQuarantined, delete: deleteByReason },
  '/quarantine/replay': { post: replayByReason },
  '/quarantine/:id': { get: showQuarantined, delete: deleteOne },
  '/quarantine/:id/replay': { post: replayOne },
  '/erasures': { get: showErasures },
  '/erasures/record': { get: showRecord, post: takeRecord },
  '/erasures/again': { post: takeAgainStep },
  '/erasures/:number': { get: showErasure },
  '/rebuild': { post: takeRebuildStep },
  '/backfill': { get: showBackfills, post: startBackfill, delete: cancelBackfills },
}

/** Paths that have a page for people, too. */
const WITH_PAGE = [
  '/quarantine',
  '/quarantine/replay',
  '/quarantine/:id',
  '/quarantine/:id/replay',
  '/erasures',
  '/erasures/:number',
]

/** What programs ask: Yespo, and whoever has a token. */
export const api = new Hono<Bindings>({ strict: false })
  .get('/health', (context) => context.json({ status: 'ok' }))
  // Yespo asks once when a webhook is saved, perhaps without its credentials.
  .get('/webhooks/yespo', (context) => context.json({ status: 'ok', send: 'POST, a JSON array' }))
  .post('/webhooks/yespo', receiveWebhook)
  .all('/webhooks/yespo', respondMethodNotAllowed('GET, HEAD, POST'))
  .get('/openapi.json', showOpenapi)
  .all('/openapi.json', respondMethodNotAllowed('GET, HEAD'))
  .get('/docs', showDocs)
  .all('/docs', respondMethodNotAllowed('GET, HEAD'))
  .get('/status', forPrograms(authorize), forPrograms(showStatus))
  .all('/status', forPrograms(respondMethodNotAllowed('GET, HEAD')))
  .get('/coverage', forPrograms(authorize), forPrograms(showCoverage))
  .all('/coverage', forPrograms(respondMethodNotAllowed('GET, HEAD')))
  .onError(respondWithError)

for (const [path, address] of Object.entries(ADDRESSES)) {
  const { get, post, delete: remove } = address
  const only = (handler: MiddlewareHandler<Bindings>) =>
    WITH_PAGE.includes(path) ? forPrograms(handler) : handler
  if (get) api.get(path, only(authorize), only(get))
  if (post) api.post(path, only(authorizeOperator), only(post))
  if (remove) api.delete(path, only(authorizeOperator), only(remove))
  const methods = [get && 'GET, HEAD', post && 'POST', remove && 'DELETE']
  api.all(path, only(respondMethodNotAllowed(methods.filter(Boolean).join(', '))))
}
