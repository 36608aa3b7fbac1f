import { NEWEST_FIRST, type SetAsidePosition } from './quarantine.ts'

// With the newest, where there are more.
const MAX_COUNTED = 10_000
const MAX_REASONS = 50

/** How many elements were set aside for a reason. */
export type ReasonCount = { reason: string; elements: number }

/**
 * How many elements were set aside for which reason, the most frequent first; `isWhole` is false where
 * there are more reasons than these, or more elements than were counted.
 */
export async function countReasons(
  db: D1Database,
): Promise<{ reasons: ReasonCount[]; isWhole: boolean }> {
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
    isWhole: looked < MAX_COUNTED && results.length <= MAX_REASONS,
  }
}

/** How many were set aside for one reason, of the newest after a place; `isWhole` where that is all. */
export async function countReason(
  db: D1Database,
  reason: string,
  after: SetAsidePosition | undefined,
): Promise<{ elements: number; isWhole: boolean }> {
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
  return { elements: row?.elements ?? 0, isWhole: (row?.looked ?? 0) < MAX_COUNTED }
}
