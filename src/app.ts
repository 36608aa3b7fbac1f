import { Hono } from 'hono'
import { answerError } from './answer.ts'
import { api } from './api.ts'
import { meterRequest } from './metered.ts'
import { pages, showNotFound } from './dashboard/pages.tsx'

/** Every URL that is answered: programs' addresses, and then people's. */
export const app = new Hono<{ Bindings: Env }>({ strict: false })
  .use(meterRequest)
  .route('/', api)
  .route('/', pages)
  .notFound(showNotFound)
  .onError(answerError)
