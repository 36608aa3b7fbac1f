import * as z from 'zod'
import { DAY_MS } from '../event/clock.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { limit, text } from '../http/query-fields.ts'
import { HttpError } from '../platform/http-error.ts'
import { operateSettings } from '../settings/settings.ts'
import { countReasons } from '../db/quarantine/counts.ts'
import {
  findListed,
  findItem,
  listItems,
  type ListedItem,
  type StoredItem,
} from '../db/quarantine/list.ts'
import { formatId, formatItemCursor, parseId, parseItemCursor } from '../http/item-id.ts'

const MAX_PARTS = 100 // of 30,000 characters each, or 120,000; an item may have more than are shown

// The counts of the first page apply to the next ones, too.
const NOT_COUNTED = { reasons: null, complete: null }

/** A cursor as `formatItemCursor` writes it. @param origin continues “must be” */
export function cursorAfter(origin: string) {
  return z.string().transform((text, context) => {
    const cursor = parseItemCursor(text)
    if (cursor) return cursor
    context.addIssue(`must be ${origin}`)
    return z.NEVER
  })
}

/** Query parameters of endpoints that go through the quarantine, with or without a reason. */
export const quarantineFields = {
  reason: text.optional().meta({ description: 'Only items with exactly this reason.' }),
  cursor: cursorAfter('the `next` value of the previous response')
    .optional()
    .meta({ description: 'The `next` of the previous response.' }),
}

/** The cursor of the next step or page. */
export function nextCursor() {
  return z.string().nullable().meta({ description: 'The next `cursor`; null at the end.' })
}

const KINDS = ['element', 'bytes', 'body', 'bodyBytes', 'message'] as const

const itemSchema = lazily(() =>
  z
    .strictObject({
      id: z.string().meta({ description: 'Its request and its index in that, from 0.' }),
      kind: z.enum(KINDS).meta({
        description:
          '`element`: an element of a request. `body`: a body that is not valid JSON, or an array of many elements of one. `bytes`, `bodyBytes`: the same if it is not UTF-8; `sent` then has a character for each byte. `message`: a message of the queue.',
      }),
      reason: z.string().meta({ description: 'Why it is not a valid event.' }),
      receivedAt: z.int().meta({
        description: 'When it was received, or a message was quarantined: UTC milliseconds.',
      }),
      origin: z.string().meta({ description: 'Its source: `webhook`.' }),
      labels: z
        .record(z.string(), z.string())
        .meta({ description: 'The headers named in `LABEL_HEADERS`, as sent with it.' }),
      sent: z.string().meta({ description: 'What was sent, unchanged; in a list, its beginning.' }),
      complete: z.boolean().meta({ description: 'Whether `sent` is all of it.' }),
      expiresAt: z.int().nullable().meta({
        description: 'When `QUARANTINE_DAYS` deletes it: UTC milliseconds.',
      }),
    })
    .meta({ id: 'QuarantinedItem' }),
)

const pageSchema = lazily(() =>
  z
    .strictObject({
      quarantine: z.array(itemSchema()).meta({ description: 'Newest first.' }),
      reasons: z
        .array(z.strictObject({ reason: z.string(), items: z.int() }))
        .nullable()
        .meta({
          description:
            'The number of items by reason: the 50 most frequent, of the newest 10,000 items. Null with a `cursor`.',
        }),
      complete: z.boolean().nullable().meta({
        description:
          'Whether `reasons` counts all items; if false, there are more, perhaps with other reasons. Null with a `cursor`.',
      }),
      next: nextCursor(),
    })
    .meta({ id: 'QuarantinePage' }),
)

const listQuarantined = defineEndpoint({
  method: 'get',
  path: '/quarantine',
  access: 'readToken',
  hasPage: true,
  operationId: 'listQuarantine',
  tag: 'Quarantine',
  summary: 'List quarantined items, newest first',
  description:
    'Each with the beginning of what was sent; and, without a `cursor`, the number of items by reason. With a rare reason a page may be short, or empty, and still have a `next`.',
  query: z.strictObject({ ...quarantineFields, limit: limit(100, 50) }),
  response: pageSchema,
  async handle({ env, query }) {
    const [counted, { items, next }] = await Promise.all([
      query.cursor ? NOT_COUNTED : countReasons(env.DB),
      listItems(env.DB, query.reason, query.limit, query.cursor),
    ])
    const days = operateSettings(env).quarantineDays
    const quarantine = items.map((item) => toJson(item, isComplete(item), days))
    return { quarantine, ...counted, next: next && formatItemCursor(next) }
  },
})

const showQuarantined = defineEndpoint({
  method: 'get',
  path: '/quarantine/{id}',
  access: 'readToken',
  hasPage: true,
  operationId: 'showQuarantined',
  tag: 'Quarantine',
  summary: 'Show a quarantined item with all that was sent',
  description: 'More than three million characters are cut: see `complete`.',
  parameter: { description: 'The `id` of a quarantined item.', type: 'string' },
  response: itemSchema,
  async handle({ env, parameter }) {
    const { request, elementIndex } = parseId(parameter) ?? rejectUnknown()
    const item = (await findItem(env.DB, request, elementIndex, MAX_PARTS)) ?? rejectUnknown()
    return toJson(item, item.complete, operateSettings(env).quarantineDays)
  },
})

export const quarantineEndpoints = [listQuarantined, showQuarantined]

/**
 * The quarantined item with an id.
 * @throws HttpError 404 `not_found` if there is none
 */
export async function findById(db: D1Database, id: string): Promise<ListedItem> {
  const key = parseId(id) ?? rejectUnknown()
  return (await findListed(db, key.request, key.elementIndex)) ?? rejectUnknown()
}

/** When an item is deleted: UTC milliseconds; null if all are kept. @param days 0 keeps all */
export function expiryOf({ receivedAt }: { receivedAt: number }, days: number): number | null {
  return days === 0 ? null : receivedAt + days * DAY_MS
}

function isComplete({ bytes, lastPart, sent }: ListedItem): boolean {
  return lastPart === 0 && new TextEncoder().encode(sent).byteLength === bytes
}

function toJson(item: StoredItem, complete: boolean, days: number) {
  const { kind, reason, receivedAt, origin, labels, sent } = item
  return {
    id: formatId(item),
    kind,
    reason,
    receivedAt,
    origin,
    labels: z.record(z.string(), z.string()).parse(JSON.parse(labels ?? '{}')),
    sent,
    complete,
    expiresAt: expiryOf(item, days),
  }
}

function rejectUnknown(): never {
  throw new HttpError(
    404,
    'not_found',
    'No quarantined item has this ID: it was stored, deleted, or the ID is wrong. `GET /quarantine` lists all items.',
  )
}
