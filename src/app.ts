import { Hono } from 'hono'
import { answerError, answerNotFound } from './answer.ts'
import { api } from './api.ts'
import { meterRequest } from './metered.ts'
import { pages } from './dashboard/pages.tsx'

/** Every URL that is answered: programs' addresses, and then people's. */
export const app = new Hono<{ Bindings: Env }>({ strict: false })
  .use(meterRequest)
  .route('/', api)
  .route('/', pages)
  .notFound(answerNotFound)
  .onError(answerError)
