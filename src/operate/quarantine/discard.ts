import type { Context } from 'hono'
import * as z from 'zod'
import { log } from '../../log.ts'
import { text } from '../../read/fields.ts'
import { parseQuery } from '../../read/query.ts'
import { removeSetAside } from '../../store/quarantine-changes.ts'
import { listSetAside, type SetAsidePosition } from '../../store/quarantine.ts'
import { formatPlace } from './place.ts'
import { findById, quarantineFields, takeUpTo } from './quarantine.ts'

const STEP_ELEMENTS = 1_000
const STEP_PARTS = 5_000 // rows of the table

/** Asks for everything, where a reason is asked for: nothing is set aside for it. */
export const EVERY_REASON = '*'

const asked = 'has to be given: a reason of `GET /quarantine`, or `*` for everything'

/** What `DELETE /quarantine` is asked for. */
export const discardQuery = z.strictObject({
  reason: z
    .string({ error: asked })
    .min(1, asked)
    .pipe(text)
    .meta({ description: 'Why it was set aside, word for word; `*` discards everything.' }),
  cursor: quarantineFields.cursor,
})

/** `DELETE /quarantine`: one step of discarding all that was set aside for a reason. */
export async function discardByReason(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { env, req } = context
  const { reason, cursor } = parseQuery(discardQuery, new URL(req.url).searchParams)
  const { deleted, next } = await takeDiscardStep(env.DB, reason, cursor)
  return answer(deleted, next && formatPlace(next))
}

/** `DELETE /quarantine/{id}`: discards one. */
export async function discardOne({ env, req }: Context<{ Bindings: Env }>): Promise<Response> {
  const found = await findById(env.DB, req.param('id') ?? '')
  await removeSetAside(env.DB, [found])
  log('info', 'discarded', { deleted: 1 })
  return answer(1, null)
}

/**
 * Deletes a bounded part of what was set aside, the newest first; what comes in meanwhile stays.
 *
 * @param reason `*` for everything
 */
export async function takeDiscardStep(
  db: D1Database,
  reason: string,
  after: SetAsidePosition | undefined,
): Promise<{ deleted: number; next: SetAsidePosition | null }> {
  const only = reason === EVERY_REASON ? undefined : reason
  const page = await listSetAside(db, only, STEP_ELEMENTS, after, 0)
  const { elements, next } = takeUpTo(page, ({ lastPart }) => lastPart + 1, STEP_PARTS)
  await removeSetAside(db, elements)
  log('info', 'discarded', { deleted: elements.length })
  return { deleted: elements.length, next }
}

function answer(deleted: number, next: string | null): Response {
  return Response.json({ deleted, next }, { headers: { 'Cache-Control': 'no-store' } })
}
