import { valuesOf } from '../events/filter.ts'
import {
  campaignConditions,
  inPeriod,
  MAX_TOTALS,
  scanTotals,
  sumOf,
  type CampaignFilter,
  type Count,
  type Period,
} from './totals.ts'

/** Counts of all campaigns together; `complete` is false if there was more to count than one report reads. */
export type AllCounts = { counts: Count[]; rowsScanned: number; complete: boolean }

/** Counts the events of all campaigns that match a filter. */
export async function countAll(
  db: D1Database,
  filter: CampaignFilter,
  period: Period,
): Promise<AllCounts> {
  const conditions = campaignConditions(filter)
  const scan = scanTotals({
    columns: `activityStatus, hardBounce, ${sumOf('events', period)} AS events, ${sumOf('contacts', period)} AS contacts`,
    join: `totals ON ${inPeriod(period)}`,
    conditions,
  })
  const { results } = await db
    .prepare(
      `SELECT activityStatus, hardBounce, sum(events) AS events, sum(contacts) AS contacts, count(*) AS rows
       FROM (${scan}) GROUP BY activityStatus, hardBounce`,
    )
    .bind(...valuesOf(conditions))
    .all<Count & { rows: number }>()
  const rowsScanned = results.reduce((sum, { rows }) => sum + rows, 0)
  const counts = results.map(({ rows: _rows, ...count }) => count)
  return { counts, rowsScanned, complete: rowsScanned < MAX_TOTALS }
}
