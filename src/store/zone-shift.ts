import { HOUR_MS, QUARTER_MS } from '../activity/clock.ts'

/** An event, with what tells its delivery. */
export type Told = [occurredAt: number, contactId: string, iid: string, activityStatus: string]

const MAX_SHIFT_MS = 14 * HOUR_MS
/** Fewer may be chance. */
const MIN_MATCHES = 3

/**
 * How far the times of events are from those of the same events that the webhook brought: milliseconds to add
 * where a time zone is wrong, 0 where some are right, undefined where too few are known to tell.
 */
export async function findShift(
  db: D1Database,
  told: readonly Told[],
): Promise<number | undefined> {
  if (told.length === 0) return undefined
  const { results } = await db
    .prepare(
      `SELECT stored.occurredAt - (given.value ->> 0) AS shift, count(*) AS matches
       FROM json_each(?) AS given
       CROSS JOIN activity AS stored INDEXED BY activity_by_contact
         ON stored.contactId = CAST(given.value ->> 1 AS INTEGER)
           AND stored.iid = given.value ->> 2 AND stored.activityStatus = given.value ->> 3
           AND stored.occurredAt BETWEEN (given.value ->> 0) - ${MAX_SHIFT_MS} AND (given.value ->> 0) + ${MAX_SHIFT_MS}
       WHERE stored.origin <> 'api'
       GROUP BY shift ORDER BY matches DESC`,
    )
    .bind(JSON.stringify(told))
    .all<{ shift: number; matches: number }>()
  const [first] = results
  if (results.some(({ shift }) => shift === 0)) return 0
  const isZone = first && first.shift % QUARTER_MS === 0 && first.matches >= MIN_MATCHES
  return isZone ? first.shift : undefined
}

/** Whether the webhook brought anything of a delivery that happened after a time: UTC milliseconds. */
export async function hasDeliveries(db: D1Database, since: number): Promise<boolean> {
  const sql = `SELECT 1 FROM activity WHERE occurredAt >= ? AND origin <> 'api' AND iid <> '' LIMIT 1`
  return (await db.prepare(sql).bind(since).first()) !== null
}
