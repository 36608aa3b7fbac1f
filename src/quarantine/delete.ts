import * as z from 'zod'
import { log } from '../platform/log.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { text } from '../http/query-fields.ts'
import { removeItems } from '../db/quarantine/changes.ts'
import { listItems, type QuarantineCursor } from '../db/quarantine/list.ts'
import { formatItemCursor } from '../http/item-id.ts'
import { findById, nextCursor, quarantineFields } from './api.ts'
import { takeUpTo } from './take-up-to.ts'

const STEP_ITEMS = 1_000
const STEP_PARTS = 5_000 // rows of the table

/** Stands for every reason: no item has it. */
export const EVERY_REASON = '*'

const REQUIRED = 'must be a reason of `GET /quarantine`, or `*` for all items'

const stepSchema = lazily(() =>
  z
    .strictObject({
      deleted: z.int().meta({ description: 'The number of deleted items.' }),
      next: nextCursor(),
    })
    .meta({ id: 'DeleteStep' }),
)

const deleteByReason = defineEndpoint({
  method: 'delete',
  path: '/quarantine',
  access: 'operateToken',
  hasPage: true,
  operationId: 'deleteQuarantine',
  tag: 'Quarantine',
  summary: 'Delete all items with a reason',
  description:
    'They cannot be restored. Takes a bounded step: repeat with `next` as `cursor` until it is null.',
  query: z.strictObject({
    reason: z
      .string({ error: REQUIRED })
      .min(1, REQUIRED)
      .pipe(text)
      .meta({ description: 'The exact reason; `*` deletes all items.' }),
    cursor: quarantineFields.cursor,
  }),
  response: stepSchema,
  async handle({ env, query: { reason, cursor } }) {
    const { deleted, next } = await takeDeleteStep(env.DB, reason, cursor)
    return { deleted, next: next && formatItemCursor(next) }
  },
})

const deleteOne = defineEndpoint({
  method: 'delete',
  path: '/quarantine/{id}',
  access: 'operateToken',
  hasPage: true,
  operationId: 'deleteQuarantined',
  tag: 'Quarantine',
  summary: 'Delete a quarantined item',
  description: 'It cannot be restored.',
  parameter: { description: 'The `id` of a quarantined item.', type: 'string' },
  response: stepSchema,
  async handle({ env, parameter }) {
    const item = await findById(env.DB, parameter)
    await removeItems(env.DB, [item])
    log('info', 'deleted', { items: 1 })
    return { deleted: 1, next: null }
  },
})

export const deleteEndpoints = [deleteByReason, deleteOne]

/**
 * Deletes a bounded number of items, newest first; what is quarantined meanwhile stays.
 *
 * @param reason `*` for all
 */
export async function takeDeleteStep(
  db: D1Database,
  reason: string,
  after: QuarantineCursor | undefined,
): Promise<{ deleted: number; next: QuarantineCursor | null }> {
  const only = reason === EVERY_REASON ? undefined : reason
  const page = await listItems(db, only, STEP_ITEMS, after, 0)
  const { items, next } = takeUpTo(page, ({ lastPart }) => lastPart + 1, STEP_PARTS)
  await removeItems(db, items)
  log('info', 'deleted', { items: items.length })
  return { deleted: items.length, next }
}
