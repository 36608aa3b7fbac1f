import { Hono, type Handler } from 'hono'
import { answerError, answerMethodNotAllowed } from './answer.ts'
import { exportActivityAs, listActivity, showActivity } from './read/activity.ts'
import { authorize, authorizeOperator } from './read/authorize.ts'
import { showBounces } from './read/bounces.ts'
import { findContacts, showContact } from './read/contacts.ts'
import { showDelivery } from './read/deliveries.ts'
import { showDocs } from './docs/page.ts'
import { showOpenapi } from './docs/openapi.ts'
import { discardByReason, discardOne } from './operate/discard.ts'
import { eraseByName, eraseContact } from './operate/erase.ts'
import { showErasure, showErasures } from './operate/erasures.ts'
import { listQuarantined, showQuarantined } from './operate/quarantine.ts'
import { forPrograms } from './operate/for-programs.ts'
import { takeRecountStep } from './operate/recount.ts'
import { replayByReason, replayOne } from './operate/replay.ts'
import { showStatus } from './operate/status.ts'
import { showReport } from './read/reports.ts'
import { showSuppressions } from './read/suppressions.ts'
import { showTotals } from './read/totals.ts'
import { receiveWebhook } from './receive/webhook.ts'

type Bindings = { Bindings: Env }

/** What is answered to whoever has the read token; each to GET, and to HEAD. */
const READING: Readonly<Record<string, Handler<Bindings>>> = {
  '/activity': listActivity,
  '/activity.csv': exportActivityAs('csv'),
  '/activity.ndjson': exportActivityAs('ndjson'),
  '/activity/:id': showActivity,
  '/deliveries/:iid': showDelivery,
  '/suppressions': showSuppressions,
  '/reports/messages': showReport('messages'),
  '/reports/broadcasts': showReport('broadcasts'),
  '/reports/workflows': showReport('workflows'),
  '/reports/channels': showReport('channels'),
  '/reports/senders': showReport('senders'),
  '/reports/tags': showReport('tags'),
  '/reports/totals': showTotals,
  '/reports/bounces': showBounces,
  '/erasures': showErasures,
  '/erasures/:number': showErasure,
}

/** What programs ask: Yespo, and whoever has the read token. */
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
  .post('/recount', authorizeOperator, takeRecountStep)
  .all('/recount', answerMethodNotAllowed('POST'))
  .get('/status', forPrograms(authorize), forPrograms(showStatus))
  .all('/status', forPrograms(answerMethodNotAllowed('GET, HEAD')))
  .get('/contacts', authorize, findContacts)
  .delete('/contacts', authorizeOperator, eraseByName)
  .all('/contacts', answerMethodNotAllowed('GET, HEAD, DELETE'))
  .get('/contacts/:contactId', authorize, showContact)
  .delete('/contacts/:contactId', authorizeOperator, eraseContact)
  .all('/contacts/:contactId', answerMethodNotAllowed('GET, HEAD, DELETE'))
  .get('/quarantine', authorize, listQuarantined)
  .delete('/quarantine', authorizeOperator, discardByReason)
  .all('/quarantine', answerMethodNotAllowed('GET, HEAD, DELETE'))
  .post('/quarantine/replay', authorizeOperator, replayByReason)
  .all('/quarantine/replay', answerMethodNotAllowed('POST'))
  .get('/quarantine/:id', authorize, showQuarantined)
  .delete('/quarantine/:id', authorizeOperator, discardOne)
  .all('/quarantine/:id', answerMethodNotAllowed('GET, HEAD, DELETE'))
  .post('/quarantine/:id/replay', authorizeOperator, replayOne)
  .all('/quarantine/:id/replay', answerMethodNotAllowed('POST'))
  .onError(answerError)

for (const [path, answer] of Object.entries(READING)) {
  api.get(path, authorize, answer).all(path, answerMethodNotAllowed('GET, HEAD'))
}
