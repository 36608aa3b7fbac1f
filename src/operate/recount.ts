import type { Context } from 'hono'
import * as z from 'zod'
import { recount } from '../store/recount.ts'
import { parseQuery } from '../read/query.ts'

/** What `POST /recount` is asked for. */
export const recountQuery = z.strictObject({
  since: z
    .string()
    .regex(/^-?\d{1,16}$/, 'has to be the "next" of the step before, as it came')
    .transform(Number)
    .optional()
    .meta({ description: 'The `next` of the step before; left out, the beginning.' }),
})

/** `POST /recount`: one step of making anew what is kept beside the events. */
export async function takeRecountStep({ env, req }: Context<{ Bindings: Env }>): Promise<Response> {
  const { since } = parseQuery(recountQuery, new URL(req.url).searchParams)
  const step = await recount(env.DB, since)
  return Response.json(step, { headers: { 'Cache-Control': 'no-store' } })
}
