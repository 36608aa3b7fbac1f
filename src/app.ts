import { Hono } from 'hono'
import { answerError, answerMethodNotAllowed, answerNotFound } from './answer.ts'
import { listActivity, showActivity } from './read/activity.ts'
import { authorize } from './read/authorize.ts'
import { receiveWebhook } from './receive/webhook.ts'

/** Every URL that is answered. */
export const app = new Hono<{ Bindings: Env }>({ strict: false })
  .get('/health', (context) => context.json({ status: 'ok' }))
  // Yespo asks once when a webhook is saved, perhaps without its credentials.
  .get('/webhooks/yespo', (context) => context.json({ status: 'ok', send: 'POST, a JSON array' }))
  .post('/webhooks/yespo', receiveWebhook)
  .all('/webhooks/yespo', answerMethodNotAllowed('GET, HEAD, POST'))
  .use('/activity/*', authorize)
  .get('/activity', listActivity)
  .get('/activity/:id', showActivity)
  .all('/activity', answerMethodNotAllowed('GET, HEAD'))
  .all('/activity/:id', answerMethodNotAllowed('GET, HEAD'))
  .notFound(answerNotFound)
  .onError(answerError)
