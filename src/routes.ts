import type { MiddlewareHandler } from 'hono'
import { Hono } from 'hono/tiny'
import { respondWithError } from './http/error-handler.ts'
import { meterRequest } from './http/metered.ts'
import { respondJson } from './http/respond-json.ts'
import { receiveWebhook } from './ingest/webhook.ts'

/** Keeps browsers from guessing the type of a response. */
const preventSniffing: MiddlewareHandler = async (context, next) => {
  await next()
  context.header('X-Content-Type-Options', 'nosniff')
}

/**
 * Every URL. Yespo's requests are served by what is imported above, which is evaluated first; everything else is
 * imported dynamically, and evaluated before the first request: see `preload.ts`.
 */
export const app = new Hono<{ Bindings: Env }>({ strict: false })
  .use(preventSniffing, meterRequest)
  .post('/webhooks/yespo', async (context) =>
    respondJson(JSON.stringify(await receiveWebhook(context))),
  )
  .all('*', async ({ req, env }) => {
    const { others } = await import('./other-routes.ts')
    return others.fetch(req.raw, env)
  })
  .onError(respondWithError)
