import { Hono, type Handler } from 'hono'
import { answerError, answerMethodNotAllowed } from './answer.ts'
import { exportActivityAs, listActivity, showActivity } from './read/activity.ts'
import { authorize, authorizeOperator } from './read/authorize.ts'
import { showBounces } from './read/bounces.ts'
import { findContacts, showContact } from './read/contacts.ts'
import { showDelivery } from './read/deliveries.ts'
import { showDocs } from './docs/page.ts'
import { showOpenapi } from './docs/openapi.ts'
import { takeRecountStep } from './operate/recount.ts'
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
  '/contacts': findContacts,
  '/contacts/:contactId': showContact,
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
  .onError(answerError)

for (const [path, answer] of Object.entries(READING)) {
  api.get(path, authorize, answer).all(path, answerMethodNotAllowed('GET, HEAD'))
}
