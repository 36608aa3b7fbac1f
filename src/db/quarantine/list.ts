import type { Envelope, QuarantinedItem } from '../../event/message.ts'

/** The cursor of an item in order of arrival. */
export type QuarantineCursor = { receivedAt: number; request: string; elementIndex: number }

/** A quarantined item, with the beginning of its text. */
export type StoredItem = QuarantinedItem & Envelope

/** A quarantined item with its size. */
export type ListedItem = StoredItem & {
  /** Bytes of its first part. */
  bytes: number
  /** The number of its last part, from 0. */
  lastPart: number
}

/** Newest first; `next` is the cursor of the next page, null on the last one. */
export type QuarantinePage = { items: ListedItem[]; next: QuarantineCursor | null }

const SCAN_BUDGET = 5_000
const BEGINNING = 2_000 // characters of each text: enough for skimming a list

const MAX_PARTS = 1_000_000 // no body has as many

const COLUMNS = 'kind, request, elementIndex, reason, receivedAt, origin, labels'
const SIZE = `octet_length(sent) AS bytes, (
  SELECT max(part) FROM quarantine AS other
  WHERE other.request = quarantine.request AND other.elementIndex = quarantine.elementIndex
) AS lastPart`
/** In reverse order of arrival. */
export const NEWEST_FIRST = 'ORDER BY receivedAt DESC, request DESC, elementIndex DESC'

/**
 * A page of quarantined items, newest first. If few have the reason, the page is short, and `next` continues after the
 * scanned rows.
 *
 * @param after the `next` of the page before
 * @param beginning characters of each text
 */
export async function listItems(
  db: D1Database,
  reason: string | undefined,
  limit: number,
  after: QuarantineCursor | undefined,
  beginning = BEGINNING,
): Promise<QuarantinePage> {
  const older = after ? 'AND (receivedAt, request, elementIndex) < (?, ?, ?)' : ''
  const cursor = after ? [after.receivedAt, after.request, after.elementIndex] : []
  const from = `quarantine INDEXED BY quarantine_by_time WHERE part = 0 ${older} ${NEWEST_FIRST}`
  // The index has all columns to scan; only listed items are read from the table.
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
    .bind(...cursor, ...(reason === undefined ? [] : [reason]))
    .all<ListedItem>()
  if (found.length > limit) return pageUpTo(found.slice(0, limit), found[limit - 1])
  if (reason === undefined) return pageUpTo(found, undefined)
  const end = await db
    .prepare(
      `SELECT receivedAt, request, elementIndex FROM ${from} LIMIT 1 OFFSET ${SCAN_BUDGET - 1}`,
    )
    .bind(...cursor)
    .first<QuarantineCursor>()
  return pageUpTo(found, end ?? undefined)
}

/** Items that came in meanwhile move the end forward: items after it belong to the next page. */
function pageUpTo(found: ListedItem[], end: QuarantineCursor | undefined): QuarantinePage {
  if (!end) return { items: found, next: null }
  return { items: found.filter((each) => !isBehind(each, end)), next: cursorOf(end) }
}

function isBehind(item: QuarantineCursor, end: QuarantineCursor): boolean {
  if (item.receivedAt !== end.receivedAt) return item.receivedAt < end.receivedAt
  if (item.request !== end.request) return item.request < end.request
  return item.elementIndex < end.elementIndex
}

function cursorOf({ receivedAt, request, elementIndex }: QuarantineCursor): QuarantineCursor {
  return { receivedAt, request, elementIndex }
}

/** One item with the first part of its text; null if there is none. */
export function findListed(
  db: D1Database,
  request: string,
  elementIndex: number,
): Promise<ListedItem | null> {
  const sql = `SELECT ${COLUMNS}, ${SIZE}, sent FROM quarantine WHERE request = ? AND elementIndex = ? AND part = 0`
  return db.prepare(sql).bind(request, elementIndex).first<ListedItem>()
}

/**
 * One item with its text, put together from its parts; null if there is none.
 *
 * @param most parts of it: a longer text is cut
 */
export async function findItem(
  db: D1Database,
  request: string,
  elementIndex: number,
  most = MAX_PARTS,
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
