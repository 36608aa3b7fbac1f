import type { Context } from 'hono'
import * as z from 'zod'
import { DAY_MS } from '../event/clock.ts'
import { limit, text } from '../http/query-fields.ts'
import { parseQuery } from '../http/parse-query.ts'
import { HttpError } from '../platform/http-error.ts'
import { operateSettings } from '../settings/settings.ts'
import { countReasons } from '../db/quarantine/counts.ts'
import {
  findListed,
  findItem,
  listItems,
  type ListedItem,
  type QuarantinePage,
  type StoredItem,
} from '../db/quarantine/list.ts'
import { formatId, formatItemCursor, parseId, cursorAfter } from './item-id.ts'

type ApiContext = Context<{ Bindings: Env }>

const MAX_PARTS = 100 // of 30,000 characters: what can be shown is far less than what can be kept

// What was told with the first page is not counted anew on each that follows.
const NOT_COUNTED = { reasons: null, complete: null }

const NO_STORE = { headers: { 'Cache-Control': 'no-store' } }

const place = cursorAfter('the "next" of the answer before, as it came').optional()

/** The fields of what goes through what was set aside, with or without a reason. */
export const quarantineFields = {
  reason: text
    .optional()
    .meta({ description: 'Only what was set aside for this reason, word for word.' }),
  cursor: place.meta({ description: 'The `next` of the answer before.' }),
}

/** What `GET /quarantine` is asked for. */
export const quarantineQuery = z.strictObject({ ...quarantineFields, limit: limit(100, 50) })

/** `GET /quarantine`: what could be no event, the newest first, and at first how many for which reason. */
export async function listQuarantined({ env, req }: ApiContext): Promise<Response> {
  const query = parseQuery(quarantineQuery, new URL(req.url).searchParams)
  const [counted, { elements, next }] = await Promise.all([
    query.cursor ? NOT_COUNTED : countReasons(env.DB),
    listItems(env.DB, query.reason, query.limit, query.cursor),
  ])
  const days = operateSettings(env).quarantineDays
  const quarantine = elements.map((each) => toJson({ ...each, complete: complete(each) }, days))
  return Response.json({ quarantine, ...counted, next: next && formatItemCursor(next) }, NO_STORE)
}

/** `GET /quarantine/{id}`: one, with all that was sent. */
export async function showQuarantined({ env, req }: ApiContext): Promise<Response> {
  const { request, elementIndex } = parseId(req.param('id') ?? '') ?? rejectUnknown()
  const found = await findItem(env.DB, request, elementIndex, MAX_PARTS)
  return Response.json(
    toJson(found ?? rejectUnknown(), operateSettings(env).quarantineDays),
    NO_STORE,
  )
}

/**
 * What is set aside under an id.
 * @throws HttpError 404 `not_found` where that is nothing
 */
export async function findById(db: D1Database, id: string): Promise<ListedItem> {
  const key = parseId(id) ?? rejectUnknown()
  return (await findListed(db, key.request, key.elementIndex)) ?? rejectUnknown()
}

/** When something is deleted by itself: UTC milliseconds; null where all is kept. @param days 0 keeps all */
export function expiryOf({ receivedAt }: { receivedAt: number }, days: number): number | null {
  return days === 0 ? null : receivedAt + days * DAY_MS
}

/** What a step may take of a page, by its size; at least one. Else all of the page. */
export function takeUpTo(
  { elements, next }: QuarantinePage,
  sizeOf: (element: ListedItem) => number,
  most: number,
): QuarantinePage {
  let size = 0
  const end = elements.findIndex((element, index) => {
    size += sizeOf(element)
    return size > most && index > 0
  })
  const last = elements[end - 1]
  return last ? { elements: elements.slice(0, end), next: last } : { elements, next }
}

function complete({ bytes, lastPart, sent }: ListedItem): boolean {
  return lastPart === 0 && new TextEncoder().encode(sent).byteLength === bytes
}

function toJson(element: StoredItem & { complete: boolean }, days: number): object {
  const { kind, reason, receivedAt, origin, labels, sent } = element
  return {
    id: formatId(element),
    kind,
    reason,
    receivedAt,
    origin,
    labels: JSON.parse(labels ?? '{}') as unknown,
    sent,
    complete: element.complete,
    expiresAt: expiryOf(element, days),
  }
}

function rejectUnknown(): never {
  throw new HttpError(
    404,
    'not_found',
    'Nothing is set aside under this id: it became an event, was discarded, or never was there. `GET /quarantine` lists what is.',
  )
}
