import type { Context } from 'hono'
import * as z from 'zod'
import { rebuild } from '../db/derived/rebuild.ts'
import { parseQuery } from '../http/parse-query.ts'

/** What `POST /rebuild` is asked for. */
export const rebuildQuery = z.strictObject({
  since: z
    .string()
    .regex(/^-?\d{1,16}$/, 'has to be the "next" of the step before, as it came')
    .transform(Number)
    .optional()
    .meta({ description: 'The `next` of the step before; left out, the beginning.' }),
})

/** `POST /rebuild`: one step of making anew what is kept beside the events. */
export async function takeRebuildStep({ env, req }: Context<{ Bindings: Env }>): Promise<Response> {
  const { since } = parseQuery(rebuildQuery, new URL(req.url).searchParams)
  const step = await rebuild(env.DB, since)
  return Response.json(step, { headers: { 'Cache-Control': 'no-store' } })
}
