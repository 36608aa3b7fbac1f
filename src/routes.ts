import { Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import { respondWithError } from './http/error-handler.ts'
import { api } from './api-routes.ts'
import { meterRequest } from './http/metered.ts'
import { pages, showNotFound } from './page-routes.tsx'

/** Keeps browsers from guessing the type of a response. */
const preventSniffing = createMiddleware(async (context, next) => {
  await next()
  context.header('X-Content-Type-Options', 'nosniff')
})

/** Every URL: endpoints, and then pages. */
export const app = new Hono<{ Bindings: Env }>({ strict: false })
  .use(preventSniffing, meterRequest)
  .route('/', api)
  .route('/', pages)
  .notFound(showNotFound)
  .onError(respondWithError)
