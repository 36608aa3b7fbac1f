import { Hono } from 'hono/tiny'
import { api } from './api-routes.ts'
import { respondWithError } from './http/error-handler.ts'

/** Every URL: endpoints, and then pages, which are loaded when one is first requested. */
export const others = new Hono<{ Bindings: Env }>({ strict: false })
  .route('/', api)
  .all('*', async ({ req, env }) => {
    const { pages } = await import('./page-routes.tsx')
    return pages.fetch(req.raw, env)
  })
  .onError(respondWithError)
