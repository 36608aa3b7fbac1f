import { HOUR_MS, startOfHour } from '../../event/clock.ts'
import { valuesOf, where, type Condition } from '../events/filter.ts'
import { campaignConditions, type CampaignFilter, type Period } from '../reports/totals.ts'
import type { RollupKind } from './store.ts'

/** The maximum rows of rollups that a report reads: some 500 ms. */
export const MAX_ROLLED_UP = 200_000

/** A period widened to full hours, as rollups count by the hour. */
export function toFullHours({ since, until }: Period): Period {
  return { since: startOfHour(since), until: startOfHour(until + HOUR_MS - 1) }
}

/**
 * The rows of a kind of rollup, as a FROM clause with its WHERE: each is the JSON array `row.value`, which begins with
 * the number of its campaign; `rollups.hour` is its hour.
 *
 * @param filter of campaigns; without one, `campaigns` is not read
 */
export function scanRollups(
  kind: Exclude<RollupKind, 'contacts' | 'pulse'>,
  period: Period,
  filter: CampaignFilter,
): { sql: string; values: (string | number)[] } {
  const { since, until } = toFullHours(period)
  const conditions: Condition[] = campaignConditions(filter)
  const ofCampaign =
    conditions.length === 0
      ? ''
      : `AND row.value ->> 0 IN (SELECT campaign FROM campaigns ${where(conditions)})`
  return {
    sql: `FROM rollups CROSS JOIN json_each(counts) AS row
      WHERE kind = '${kind}' AND rollups.hour >= ${since} AND rollups.hour < ${until} ${ofCampaign}`,
    values: valuesOf(conditions),
  }
}

/** The rows of `scanRollups` as a query, newest hours first, with `hour` and `value`; at most `MAX_ROLLED_UP`. */
export function scanNewest(
  ...scan: Parameters<typeof scanRollups>
): ReturnType<typeof scanRollups> {
  const { sql, values } = scanRollups(...scan)
  const newest = `ORDER BY rollups.hour DESC LIMIT ${MAX_ROLLED_UP}`
  return { sql: `SELECT rollups.hour, row.value ${sql} ${newest}`, values }
}
