import { valuesOf, where, type Condition } from './filter.ts'
import { campaignConditions, type CampaignFilter, type Period } from './totals.ts'

/** Events of one status in one minute. */
export type MinuteCount = { minute: number; activityStatus: string; events: number }

/** Events that one question looks at, each a whole row: some 100 ms. */
const MAX_EVENTS = 20_000

/**
 * Counts events by the minute, from the events themselves.
 *
 * @returns `minute` counted from 1970; null where there are more events than are looked at
 */
export async function countByMinute(
  db: D1Database,
  filter: CampaignFilter,
  { since, until }: Period,
): Promise<MinuteCount[] | null> {
  const range: Condition[] = [
    { sql: 'occurredAt >= ?', values: [since] },
    { sql: 'occurredAt < ?', values: [until] },
  ]
  const asked = campaignConditions(filter)
  const looked = `SELECT * FROM activity ${where(range)} LIMIT ${MAX_EVENTS}`
  const [found, extent] = await db.batch<MinuteCount & { rows: number }>([
    db
      .prepare(
        `SELECT occurredAt / 60000 AS minute, activityStatus, count(*) AS events
         FROM (${looked}) ${where(asked)} GROUP BY minute, activityStatus`,
      )
      .bind(...valuesOf([...range, ...asked])),
    db.prepare(`SELECT count(*) AS rows FROM (${looked})`).bind(...valuesOf(range)),
  ])
  return (extent?.results[0]?.rows ?? 0) < MAX_EVENTS ? (found?.results ?? []) : null
}
