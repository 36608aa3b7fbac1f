import type { Envelope, QuarantinedItem } from '../../event/message.ts'

/** The place of an element in the order of arrival. */
export type QuarantineCursor = { receivedAt: number; request: string; elementIndex: number }

/** Something that was set aside, with the beginning of what was sent. */
export type StoredItem = QuarantinedItem & Envelope

/** The same, with how much of it there is. */
export type ListedItem = StoredItem & {
  /** Bytes of its first part. */
  bytes: number
  /** The number of its last part, from 0. */
  lastPart: number
}

/** Newest first; `next` is where the following page begins, null where there is nothing more. */
export type QuarantinePage = { elements: ListedItem[]; next: QuarantineCursor | null }

const SCAN_BUDGET = 5_000
const BEGINNING = 2_000 // characters of what was sent: a list is to be skimmed

const COLUMNS = 'kind, request, elementIndex, reason, receivedAt, origin, labels'
const SIZE = `octet_length(sent) AS bytes, (
  SELECT max(part) FROM quarantine AS other
  WHERE other.request = quarantine.request AND other.elementIndex = quarantine.elementIndex
) AS lastPart`
/** The order of arrival, backwards. */
export const NEWEST_FIRST = 'ORDER BY receivedAt DESC, request DESC, elementIndex DESC'

/**
 * A page of what was set aside, newest first. Where few have the reason the page is short, and `next`
 * goes on behind the rows that were looked at.
 *
 * @param after the `next` of the page before
 * @param beginning how many characters of what was sent
 */
export async function listItems(
  db: D1Database,
  reason: string | undefined,
  limit: number,
  after: QuarantineCursor | undefined,
  beginning = BEGINNING,
): Promise<QuarantinePage> {
  const behind = after ? 'AND (receivedAt, request, elementIndex) < (?, ?, ?)' : ''
  const place = after ? [after.receivedAt, after.request, after.elementIndex] : []
  const from = `quarantine INDEXED BY quarantine_by_time WHERE part = 0 ${behind} ${NEWEST_FIRST}`
  // The index has all that is looked at; only what is shown is read as a whole.
  const { results: found } = await db
    .prepare(
      `SELECT ${COLUMNS}, ${SIZE}, substr(sent, 1, ${beginning}) AS sent
       FROM (
         SELECT request, elementIndex FROM (
           SELECT request, elementIndex, reason FROM ${from} LIMIT ${SCAN_BUDGET}
         ) ${reason === undefined ? '' : 'WHERE reason = ?'} LIMIT ${limit + 1}
       ) CROSS JOIN quarantine USING (request, elementIndex)
       WHERE part = 0 ${NEWEST_FIRST}`,
    )
    .bind(...place, ...(reason === undefined ? [] : [reason]))
    .all<ListedItem>()
  if (found.length > limit) return pageUpTo(found.slice(0, limit), found[limit - 1])
  if (reason === undefined) return pageUpTo(found, undefined)
  const end = await db
    .prepare(
      `SELECT receivedAt, request, elementIndex FROM ${from} LIMIT 1 OFFSET ${SCAN_BUDGET - 1}`,
    )
    .bind(...place)
    .first<QuarantineCursor>()
  return pageUpTo(found, end ?? undefined)
}

/** What came in meanwhile moves the end forward: what is behind it is for the next page. */
function pageUpTo(found: ListedItem[], end: QuarantineCursor | undefined): QuarantinePage {
  if (!end) return { elements: found, next: null }
  return { elements: found.filter((each) => !isBehind(each, end)), next: cursorOf(end) }
}

function isBehind(element: QuarantineCursor, end: QuarantineCursor): boolean {
  if (element.receivedAt !== end.receivedAt) return element.receivedAt < end.receivedAt
  if (element.request !== end.request) return element.request < end.request
  return element.elementIndex < end.elementIndex
}

function cursorOf({ receivedAt, request, elementIndex }: QuarantineCursor): QuarantineCursor {
  return { receivedAt, request, elementIndex }
}

/** One element with the first part of what was sent; null where there is none. */
export function findListed(
  db: D1Database,
  request: string,
  elementIndex: number,
): Promise<ListedItem | null> {
  const sql = `SELECT ${COLUMNS}, ${SIZE}, sent FROM quarantine WHERE request = ? AND elementIndex = ? AND part = 0`
  return db.prepare(sql).bind(request, elementIndex).first<ListedItem>()
}

/**
 * One element with what was sent, put together from its parts; null where there is none.
 *
 * @param most parts of it: what is longer is cut
 */
export async function findItem(
  db: D1Database,
  request: string,
  elementIndex: number,
  most: number,
): Promise<(StoredItem & { complete: boolean }) | null> {
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS}, sent FROM quarantine
       WHERE request = ? AND elementIndex = ? ORDER BY part LIMIT ${most + 1}`,
    )
    .bind(request, elementIndex)
    .all<StoredItem>()
  const [first] = results
  if (!first) return null
  const sent = results.slice(0, most).map((part) => part.sent)
  return { ...first, sent: sent.join(''), complete: results.length <= most }
}
