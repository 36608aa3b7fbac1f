import { DAY_MS } from '../../event/clock.ts'
import { memoryKey } from '../monitor/alerts.ts'

/** Days before an item is deleted at which the operator is notified. */
export const WARNING_DAYS = 7

/** The alert that announces deletions; its memory is the QUARANTINE_DAYS for which it did. */
export const EXPIRING = 'expiring'

/** When deletions were last announced (UTC milliseconds), and for which QUARANTINE_DAYS; null if they were not. */
export async function readAnnouncement(
  db: D1Database,
): Promise<{ notifiedAt: number | null; days: string | null }> {
  const row = await db
    .prepare(
      `SELECT (SELECT notifiedAt FROM alerts WHERE name = ?) AS notifiedAt,
         (SELECT value FROM key_values WHERE name = ?) AS days`,
    )
    .bind(EXPIRING, memoryKey(EXPIRING))
    .first<{ notifiedAt: number | null; days: string | null }>()
  return row ?? { notifiedAt: null, days: null }
}

/**
 * Deletes items that were received by a time, the oldest first. An item of many parts is deleted from its end, so that
 * its first part is the last to go.
 *
 * @param receivedBy UTC milliseconds, included
 * @param most the maximum number of parts: most items have one, a long one has many
 * @returns the number of deleted parts
 */
export async function deleteItems(
  db: D1Database,
  receivedBy: number,
  most: number,
): Promise<number> {
  const { meta } = await db
    .prepare(
      `DELETE FROM quarantine WHERE (request, elementIndex, part) IN (
         SELECT item_part.request, item_part.elementIndex, item_part.part
         FROM quarantine AS element INDEXED BY quarantine_by_time
         CROSS JOIN quarantine AS item_part USING (request, elementIndex)
         WHERE element.part = 0 AND element.receivedAt <= ?
         ORDER BY element.receivedAt, element.request, element.elementIndex, item_part.part DESC
         LIMIT ?
       )`,
    )
    .bind(receivedBy, most)
    .run()
  return meta.changes
}

/** Items received by this time expire soon, and the operator is notified: UTC milliseconds. */
export function expiringBy(quarantineDays: number, now: number): number {
  if (quarantineDays === 0) return -Infinity
  return now - Math.max(0, quarantineDays - WARNING_DAYS) * DAY_MS
}
