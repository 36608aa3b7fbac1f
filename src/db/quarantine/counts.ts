import { NEWEST_FIRST, type QuarantineCursor } from './list.ts'

// If there are more, the newest are counted.
const MAX_COUNTED = 10_000
const MAX_REASONS = 50

/** The number of items that `countNewestReasons` counts. */
const MAX_NEWEST = 1_000

/** The number of items that were quarantined for a reason. */
export type ReasonCount = { reason: string; items: number }

type ReasonCounts = { reasons: ReasonCount[]; complete: boolean }

/**
 * The number of quarantined items by reason, most frequent first; `complete` is false if there are more reasons or
 * items than were counted.
 */
export function countReasons(db: D1Database): Promise<ReasonCounts> {
  return countBounded(db, MAX_COUNTED, MAX_REASONS)
}

/** Like `countReasons`, but of the newest `MAX_NEWEST` items, with all their reasons. */
export function countNewestReasons(db: D1Database): Promise<ReasonCounts> {
  return countBounded(db, MAX_NEWEST, MAX_NEWEST)
}

async function countBounded(
  db: D1Database,
  maxItems: number,
  maxReasons: number,
): Promise<ReasonCounts> {
  const { results } = await db
    .prepare(
      `SELECT reason, count(*) AS items, sum(count(*)) OVER () AS counted FROM (
         SELECT reason FROM quarantine INDEXED BY quarantine_by_time
         WHERE part = 0 ${NEWEST_FIRST} LIMIT ${maxItems}
       ) GROUP BY reason ORDER BY items DESC, reason LIMIT ${maxReasons + 1}`,
    )
    .all<ReasonCount & { counted: number }>()
  const counted = results[0]?.counted ?? 0
  return {
    reasons: results.slice(0, maxReasons).map(({ reason, items }) => ({ reason, items })),
    complete: counted < maxItems && results.length <= maxReasons,
  }
}

/** The number of items with a reason, of the newest after a cursor; `complete` if those were all. */
export async function countReason(
  db: D1Database,
  reason: string,
  after: QuarantineCursor | undefined,
): Promise<{ items: number; complete: boolean }> {
  const older = after ? 'AND (receivedAt, request, elementIndex) < (?, ?, ?)' : ''
  const cursor = after ? [after.receivedAt, after.request, after.elementIndex] : []
  const row = await db
    .prepare(
      `SELECT count(*) AS counted, count(*) FILTER (WHERE reason = ?) AS items FROM (
         SELECT reason FROM quarantine INDEXED BY quarantine_by_time
         WHERE part = 0 ${older} ${NEWEST_FIRST} LIMIT ${MAX_COUNTED}
       )`,
    )
    .bind(reason, ...cursor)
    .first<{ counted: number; items: number }>()
  return { items: row?.items ?? 0, complete: (row?.counted ?? 0) < MAX_COUNTED }
}
