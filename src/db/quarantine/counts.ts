import { NEWEST_FIRST, type QuarantineCursor } from './list.ts'

// With the newest, where there are more.
const MAX_COUNTED = 10_000
const MAX_REASONS = 50

/** How many elements were set aside for a reason. */
export type ReasonCount = { reason: string; elements: number }

/**
 * How many elements were set aside for which reason, the most frequent first; `complete` is false where
 * there are more reasons than these, or more elements than were counted.
 */
export async function countReasons(
  db: D1Database,
): Promise<{ reasons: ReasonCount[]; complete: boolean }> {
  const { results } = await db
    .prepare(
      `SELECT reason, count(*) AS elements, sum(count(*)) OVER () AS looked FROM (
         SELECT reason FROM quarantine INDEXED BY quarantine_by_time
         WHERE part = 0 ${NEWEST_FIRST} LIMIT ${MAX_COUNTED}
       ) GROUP BY reason ORDER BY elements DESC, reason LIMIT ${MAX_REASONS + 1}`,
    )
    .all<ReasonCount & { looked: number }>()
  const looked = results[0]?.looked ?? 0
  return {
    reasons: results.slice(0, MAX_REASONS).map(({ reason, elements }) => ({ reason, elements })),
    complete: looked < MAX_COUNTED && results.length <= MAX_REASONS,
  }
}

/** How many were set aside for one reason, of the newest after a place; `complete` where that is all. */
export async function countReason(
  db: D1Database,
  reason: string,
  after: QuarantineCursor | undefined,
): Promise<{ elements: number; complete: boolean }> {
  const behind = after ? 'AND (receivedAt, request, elementIndex) < (?, ?, ?)' : ''
  const place = after ? [after.receivedAt, after.request, after.elementIndex] : []
  const row = await db
    .prepare(
      `SELECT count(*) AS looked, count(*) FILTER (WHERE reason = ?) AS elements FROM (
         SELECT reason FROM quarantine INDEXED BY quarantine_by_time
         WHERE part = 0 ${behind} ${NEWEST_FIRST} LIMIT ${MAX_COUNTED}
       )`,
    )
    .bind(reason, ...place)
    .first<{ looked: number; elements: number }>()
  return { elements: row?.elements ?? 0, complete: (row?.looked ?? 0) < MAX_COUNTED }
}
