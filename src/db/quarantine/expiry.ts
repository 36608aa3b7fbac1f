import { DAY_MS } from '../../event/clock.ts'

const WARNING_DAYS = 7

/** When an alert was told last, and what a note says: null where there is none of it. */
export async function readNotified(
  db: D1Database,
  alert: string,
  note: string,
): Promise<{ notifiedAt: number | null; note: string | null }> {
  const row = await db
    .prepare(
      `SELECT (SELECT notifiedAt FROM alerts WHERE name = ?) AS notifiedAt,
         (SELECT value FROM key_values WHERE name = ?) AS note`,
    )
    .bind(alert, note)
    .first<{ notifiedAt: number | null; note: string | null }>()
  return row ?? { notifiedAt: null, note: null }
}

/**
 * Deletes what was set aside and received by then, the oldest first. What is in many parts goes from its
 * end: as long as there is any of it, its beginning says so.
 *
 * @param receivedBy UTC milliseconds, included
 * @param most pieces: an element has one, a long one many
 * @returns how many pieces
 */
export async function deleteItems(
  db: D1Database,
  receivedBy: number,
  most: number,
): Promise<number> {
  const { meta } = await db
    .prepare(
      `DELETE FROM quarantine WHERE (request, elementIndex, part) IN (
         SELECT piece.request, piece.elementIndex, piece.part
         FROM quarantine AS element INDEXED BY quarantine_by_time
         CROSS JOIN quarantine AS piece USING (request, elementIndex)
         WHERE element.part = 0 AND element.receivedAt <= ?
         ORDER BY element.receivedAt, element.request, element.elementIndex, piece.part DESC
         LIMIT ?
       )`,
    )
    .bind(receivedBy, most)
    .run()
  return meta.changes
}

/** What was received by then is so old that the owner has to be told: UTC milliseconds. */
export function expiringBy(quarantineDays: number, now: number): number {
  if (quarantineDays === 0) return -Infinity
  return now - Math.max(0, quarantineDays - WARNING_DAYS) * DAY_MS
}
