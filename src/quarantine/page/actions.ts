import * as z from 'zod'
import { takeDeleteStep } from '../delete.ts'
import { formatItemCursor } from '../../http/item-id.ts'
import { replay, startReplay } from '../replay-step.ts'
import { parseQuery } from '../../http/parse-query.ts'
import { removeItems } from '../../db/quarantine/changes.ts'
import { readFormQuery } from '../../web/form.ts'
import { link, type Query } from '../../web/link.ts'
import type { PageContext } from '../../web/viewer.tsx'
import { deleteFields, itemCursor, oneReason, outcomeFields } from './fields.ts'
import { findListedItem } from './item.tsx'

const { deleted: _deleted, ...replayOutcome } = outcomeFields
const replayFields = z.strictObject({
  reason: oneReason.optional(),
  cursor: itemCursor,
  ...replayOutcome,
})

/** `POST /quarantine/replay`: a step of replaying the items of a reason, or all items if there is none. */
export async function replayReason(context: PageContext): Promise<Response> {
  const fields = parseQuery(replayFields, await readFormQuery(context.req))
  const { reason, cursor, total, ...before } = fields
  const { next, ...report } = await startReplay(context.env, reason, cursor)
  const counts = {
    replayed: report.replayed + (before.replayed ?? 0),
    events: report.events + (before.events ?? 0),
    still: report.still + (before.still ?? 0),
  }
  return showOutcome(context, counts, next && { reason, more: formatItemCursor(next), total })
}

/** `POST /quarantine/delete`: a step of deleting the items of a reason. */
export async function deleteReason(context: PageContext): Promise<Response> {
  const fields = parseQuery(deleteFields, await readFormQuery(context.req))
  const { reason, cursor, deleted: before = 0 } = fields
  const { deleted, next } = await takeDeleteStep(context.env.DB, reason, cursor)
  const more = next && { reason, more: formatItemCursor(next) }
  return showOutcome(context, { deleted: before + deleted }, more)
}

/** `POST /quarantine/{id}/replay` */
export async function replayItem(context: PageContext): Promise<Response> {
  const { replayed, events, still } = await replay(context.env, [await findListedItem(context)])
  return showOutcome(context, { replayed, events, still })
}

/** `POST /quarantine/{id}/delete` */
export async function deleteItem(context: PageContext): Promise<Response> {
  await removeItems(context.env.DB, [await findListedItem(context)])
  return showOutcome(context, { deleted: 1 })
}

/** Redirects to a URL that shows the outcome, and can be reloaded safely. */
function showOutcome(context: PageContext, counts: Query, more: Query | null = null): Response {
  return context.redirect(link('/quarantine', { ...more, ...counts }), 303)
}
