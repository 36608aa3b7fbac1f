/** Elements that are looked at. */
export const MAX_NEWEST = 1_000

/**
 * For which reasons the newest elements were set aside, the most frequent first; `complete` is false
 * where there are more elements than were looked at.
 */
export async function countNewestReasons(
  db: D1Database,
): Promise<{ reasons: { reason: string; elements: number }[]; complete: boolean }> {
  const { results } = await db
    .prepare(
      `SELECT reason, count(*) AS elements FROM (
         SELECT reason FROM quarantine INDEXED BY quarantine_by_time WHERE part = 0
         ORDER BY receivedAt DESC, request DESC, elementIndex DESC LIMIT ${MAX_NEWEST}
       ) GROUP BY reason ORDER BY elements DESC, reason`,
    )
    .all<{ reason: string; elements: number }>()
  const looked = results.reduce((sum, { elements }) => sum + elements, 0)
  return { reasons: results, complete: looked < MAX_NEWEST }
}
