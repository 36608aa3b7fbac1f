import { Hono } from 'hono'
import { api } from './api-routes.ts'
import { respondWithError } from './http/error-handler.ts'
import { pages, showNotFound } from './page-routes.tsx'

/** Every URL: endpoints, and then pages. */
export const others = new Hono<{ Bindings: Env }>({ strict: false })
  .route('/', api)
  .route('/', pages)
  .notFound(showNotFound)
  .onError(respondWithError)
