import type { Context } from 'hono'
import * as z from 'zod'
import { countRows } from '../store/count-rows.ts'
import { recount } from '../store/recount.ts'
import { noteRowsWritten } from '../store/usage.ts'
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
  const counted = countRows(env.DB, 'rows_written')
  const step = await recount(counted.db, since)
  await noteRowsWritten(env.DB, counted.rows(), Date.now())
  return Response.json(step, { headers: { 'Cache-Control': 'no-store' } })
}
