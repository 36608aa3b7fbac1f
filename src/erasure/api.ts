import type { Context } from 'hono'
import * as z from 'zod'
import { limit } from '../http/query-fields.ts'
import { parseQuery } from '../http/parse-query.ts'
import { HttpError } from '../platform/http-error.ts'
import { findErasure, listErasures, type Erasure } from '../db/erasure/list.ts'

type OperateContext = Context<{ Bindings: Env }>

const NO_STORE = { 'Cache-Control': 'no-store' }

/** What `GET /erasures` is asked for. */
export const erasuresQuery = z.strictObject({
  limit: limit(500, 50),
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, 'has to be the "next" of the page before')
    .transform(Number)
    .optional()
    .meta({ description: 'The `next` of the page before.' }),
})

/** `GET /erasures`: that someone was forgotten, the last first, and nothing of whom. */
export async function showErasures({ env, req }: OperateContext): Promise<Response> {
  const query = parseQuery(erasuresQuery, new URL(req.url).searchParams)
  const found = await listErasures(env.DB, query.limit + 1, query.cursor)
  const erasures = found.slice(0, query.limit).map(describe)
  const next = found.length > query.limit ? String(erasures.at(-1)?.number) : null
  return Response.json({ erasures, next }, { headers: NO_STORE })
}

/** `GET /erasures/{number}`: one of them. */
export async function showErasure({ env, req }: OperateContext): Promise<Response> {
  const number = req.param('number') ?? ''
  const erasure = /^\d{1,15}$/.test(number) ? await findErasure(env.DB, Number(number)) : null
  if (!erasure) throw new HttpError(404, 'not_found', 'There is no erasure with this number.')
  return Response.json({ erasure: describe(erasure) }, { headers: NO_STORE })
}

/** An erasure as it is answered. */
export function describe({ number, erasedAt, finishedAt, removed }: Erasure) {
  const state = finishedAt === null ? 'under way' : 'finished'
  return { number, state, erasedAt, finishedAt, removed }
}
