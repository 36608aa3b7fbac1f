import type { Context } from 'hono'
import * as z from 'zod'
import { log } from '../platform/log.ts'
import { text } from '../http/query-fields.ts'
import { parseQuery } from '../http/parse-query.ts'
import { removeItems } from '../db/quarantine/changes.ts'
import { listItems, type QuarantineCursor } from '../db/quarantine/list.ts'
import { formatItemCursor } from './item-id.ts'
import { findById, quarantineFields, takeUpTo } from './api.ts'

const STEP_ELEMENTS = 1_000
const STEP_PARTS = 5_000 // rows of the table

/** Asks for everything, where a reason is asked for: nothing is set aside for it. */
export const EVERY_REASON = '*'

const asked = 'has to be given: a reason of `GET /quarantine`, or `*` for everything'

/** What `DELETE /quarantine` is asked for. */
export const deleteQuery = z.strictObject({
  reason: z
    .string({ error: asked })
    .min(1, asked)
    .pipe(text)
    .meta({ description: 'Why it was set aside, word for word; `*` discards everything.' }),
  cursor: quarantineFields.cursor,
})

/** `DELETE /quarantine`: one step of discarding all that was set aside for a reason. */
export async function deleteByReason(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { env, req } = context
  const { reason, cursor } = parseQuery(deleteQuery, new URL(req.url).searchParams)
  const { deleted, next } = await takeDeleteStep(env.DB, reason, cursor)
  return answer(deleted, next && formatItemCursor(next))
}

/** `DELETE /quarantine/{id}`: discards one. */
export async function deleteOne({ env, req }: Context<{ Bindings: Env }>): Promise<Response> {
  const found = await findById(env.DB, req.param('id') ?? '')
  await removeItems(env.DB, [found])
  log('info', 'discarded', { deleted: 1 })
  return answer(1, null)
}

/**
 * Deletes a bounded part of what was set aside, the newest first; what comes in meanwhile stays.
 *
 * @param reason `*` for everything
 */
export async function takeDeleteStep(
  db: D1Database,
  reason: string,
  after: QuarantineCursor | undefined,
): Promise<{ deleted: number; next: QuarantineCursor | null }> {
  const only = reason === EVERY_REASON ? undefined : reason
  const page = await listItems(db, only, STEP_ELEMENTS, after, 0)
  const { elements, next } = takeUpTo(page, ({ lastPart }) => lastPart + 1, STEP_PARTS)
  await removeItems(db, elements)
  log('info', 'discarded', { deleted: elements.length })
  return { deleted: elements.length, next }
}

function answer(deleted: number, next: string | null): Response {
  return Response.json({ deleted, next }, { headers: { 'Cache-Control': 'no-store' } })
}
