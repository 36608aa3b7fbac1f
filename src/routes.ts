import { Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import { respondWithError } from './http/error-handler.ts'
import { api } from './api-routes.ts'
import { meterRequest } from './http/metered.ts'
import { pages, showNotFound } from './page-routes.tsx'

/** No browser takes an answer for anything but what it says to be. */
const preventSniffing = createMiddleware(async (context, next) => {
  await next()
  context.header('X-Content-Type-Options', 'nosniff')
})

/** Every URL that is answered: programs' addresses, and then people's. */
export const app = new Hono<{ Bindings: Env }>({ strict: false })
  .use(preventSniffing, meterRequest)
  .route('/', api)
  .route('/', pages)
  .notFound(showNotFound)
  .onError(respondWithError)
