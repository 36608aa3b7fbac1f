import type { Context } from 'hono'
import * as z from 'zod'
import { takeDeleteStep } from '../delete.ts'
import { formatItemCursor } from '../item-id.ts'
import { replay, takeReplayStep } from '../replay.ts'
import { parseQuery } from '../../http/parse-query.ts'
import { HttpError } from '../../platform/http-error.ts'
import { removeItems } from '../../db/quarantine/changes.ts'
import { findListed, type ListedItem } from '../../db/quarantine/list.ts'
import { readForm } from '../../web/form.ts'
import { link, type Query } from '../../web/link.ts'
import { oneReason, outcomeFields, place } from './fields.ts'

type PageContext = Context<{ Bindings: Env }>

const { deleted, ...replayFields } = outcomeFields
const replayForm = z.strictObject({
  reason: oneReason.optional(),
  cursor: place,
  ...replayFields,
})
const discardForm = z.strictObject({ reason: oneReason, cursor: place, deleted })

/** `POST /set-aside/replay`: one step of trying again all of a reason, or all without one. */
export async function replayReason(context: PageContext): Promise<Response> {
  const { reason, cursor: after, total, ...before } = await readFields(replayForm, context)
  const { next, ...report } = await takeReplayStep(context.env, reason, after)
  const counts = {
    replayed: report.replayed + (before.replayed ?? 0),
    events: report.events + (before.events ?? 0),
    still: report.still + (before.still ?? 0),
  }
  return goBack(context, counts, next && { reason, more: formatItemCursor(next), total })
}

/** `POST /set-aside/discard`: one step of discarding all of a reason. */
export async function deleteReason(context: PageContext): Promise<Response> {
  const { reason, cursor: after, deleted: before = 0 } = await readFields(discardForm, context)
  const { deleted: gone, next } = await takeDeleteStep(context.env.DB, reason, after)
  return goBack(
    context,
    { deleted: before + gone },
    next && { reason, more: formatItemCursor(next) },
  )
}

/** `POST /set-aside/{request}/{elementIndex}/replay` */
export async function replayElement(context: PageContext): Promise<Response> {
  return goBack(context, { ...(await replay(context.env, [await findElement(context)])) })
}

/** `POST /set-aside/{request}/{elementIndex}/discard` */
export async function deleteElement(context: PageContext): Promise<Response> {
  await removeItems(context.env.DB, [await findElement(context)])
  return goBack(context, { deleted: 1 })
}

/**
 * The element that an address names.
 * @throws HttpError 404 `not_found` where nothing is there
 */
export async function findElement({ env, req }: PageContext): Promise<ListedItem> {
  const [request = '', index = ''] = [req.param('request'), req.param('elementIndex')]
  const found = /^\d{1,9}$/.test(index) ? await findListed(env.DB, request, Number(index)) : null
  if (!found) {
    throw new HttpError(
      404,
      'not_found',
      'Nothing with this place is set aside: it became an event, was discarded, or never was there.',
    )
  }
  return found
}

/** Shows what came of it, at an address that does nothing when it is loaded again. */
function goBack(context: PageContext, counts: Query, more: Query | null = null): Response {
  return context.redirect(link('/set-aside', { ...more, ...counts }), 303)
}

async function readFields<Schema extends z.ZodObject>(
  schema: Schema,
  { req }: PageContext,
): Promise<z.output<Schema>> {
  const fields = Object.entries(await readForm(req)).flatMap(([name, value]) =>
    value ? [[name, value]] : [],
  )
  return parseQuery(schema, new URLSearchParams(fields))
}
