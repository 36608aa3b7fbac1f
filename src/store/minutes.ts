import { MINUTE_MS } from '../activity/clock.ts'
import { allOf, isOfCampaigns, valuesOf, where, type Condition } from './filter.ts'
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
  const asked = isOfCampaigns(campaignConditions(filter))
  const fits = allOf(asked)
  const { results } = await db
    .prepare(
      `SELECT minute, activityStatus, count(CASE WHEN fits THEN 1 END) AS events, count(*) AS rows
       FROM (
         SELECT occurredAt / ${MINUTE_MS} AS minute, activityStatus, ${fits} AS fits
         FROM (SELECT * FROM activity ${where(range)} LIMIT ${MAX_EVENTS})
       ) GROUP BY minute, activityStatus`,
    )
    .bind(...valuesOf([...asked, ...range]))
    .all<MinuteCount & { rows: number }>()
  if (results.reduce((sum, { rows }) => sum + rows, 0) >= MAX_EVENTS) return null
  return results.flatMap(({ rows: _rows, ...count }) => (count.events > 0 ? count : []))
}
