import { HOUR_MS, QUARTER_MS, type OffsetSpan } from '../../event/clock.ts'
import { floorTo } from '../columns.ts'
import { valuesOf, where, type Condition } from '../events/filter.ts'
import {
  campaignConditions,
  campaignsBy,
  inPeriod,
  keyOf,
  MAX_TOTALS,
  sumOf,
  type CampaignFilter,
  type Count,
  type Dimension,
} from './totals.ts'

const QUARTER_SUMS = ['events', 'contacts']
  .flatMap((what) => [0, 1, 2, 3].map((quarter) => `sum(${what}${quarter}) AS ${what}${quarter}`))
  .join(', ')

/** Counts of one bucket of time, and of one group in it where there is a dimension. */
export type BucketCount = Count & {
  /** Which quarter, hour or day, counted by the zone's clocks from 1970. */
  bucket: number
  /** How far those clocks were ahead of UTC, in milliseconds. */
  offset: number
  key: string | null
}

/** `complete` is false where there was more to count than is looked at for one question. */
export type BucketCounts = { counts: BucketCount[]; rowsScanned: number; complete: boolean }

/**
 * Counts by hour or day of a zone's clocks.
 *
 * @param bucketMs a quarter of an hour, an hour or a day
 * @param stretches that make up the period, without gaps
 * @param limit of the counts
 * @param statuses which to count; all where they are not given
 */
export async function countByTime(
  db: D1Database,
  dimension: Dimension | undefined,
  filter: CampaignFilter,
  stretches: readonly OffsetSpan[],
  bucketMs: number,
  limit: number,
  statuses?: readonly string[],
): Promise<BucketCounts> {
  const period = { since: stretches[0]?.since ?? 0, until: stretches.at(-1)?.until ?? 0 }
  const conditions = campaignConditions(filter, dimension)
  const looked = `
    SELECT ${dimension === undefined ? 'NULL' : keyOf(dimension)} AS key, totals.*
    FROM ${campaignsBy(dimension)} CROSS JOIN totals ON ${inPeriod(period)}
    ${where(conditions)}
    ORDER BY campaigns.campaign DESC LIMIT ${MAX_TOTALS}`
  const values = valuesOf(conditions)
  const wanted: Condition[] = statuses
    ? [
        {
          sql: 'hardBounce = -1 AND activityStatus IN (SELECT value FROM json_each(?))',
          values: [JSON.stringify(statuses)],
        },
      ]
    : []
  // Each row that a step goes through is billed, so the many rows of `totals` become few at once.
  const { results } = await db
    .prepare(
      `WITH stretch AS MATERIALIZED (
         SELECT value ->> 'since' AS since, value ->> 'until' AS until, value ->> 'offset' AS offset
         FROM json_each(?)
       ), hourly AS MATERIALIZED (
         SELECT hour, key, activityStatus, hardBounce, ${QUARTER_SUMS}, count(*) AS rows
         FROM (${looked}) GROUP BY hour, key, activityStatus, hardBounce
       ), chosen AS MATERIALIZED (SELECT * FROM hourly ${where(wanted)})
       SELECT extent.rows, counted.*
       FROM (SELECT sum(rows) AS rows FROM hourly) AS extent LEFT JOIN (
         SELECT bucket, offset, key, activityStatus, hardBounce,
           sum(events) AS events, sum(contacts) AS contacts
         FROM (${bucketsOf(stretches, bucketMs)})
         GROUP BY bucket, offset, key, activityStatus, hardBounce
       ) AS counted ON true
       ORDER BY bucket LIMIT ${limit + 1}`,
    )
    .bind(JSON.stringify(stretches), ...values, ...valuesOf(wanted))
    .all<BucketCount & { rows: number | null }>()
  const rowsScanned = results[0]?.rows ?? 0
  // Where there is nothing to tell, one row still tells how much was looked at.
  const counts = results
    .filter(({ bucket }) => bucket !== null)
    .map(({ rows: _rows, ...count }) => count)
  return { counts, rowsScanned, complete: rowsScanned < MAX_TOTALS }
}

/** Whether each hour is in just one bucket; most zones differ from UTC by whole hours. */
export function hasWholeHours(stretches: readonly OffsetSpan[], bucketMs: number): boolean {
  const times = stretches.flatMap(({ since, until, offset }) => [since, until, offset])
  return [bucketMs, ...times].every((time) => time % HOUR_MS === 0)
}

/** Rows of `chosen` in their buckets: as they are, or where an hour is in two of them by its quarters. */
function bucketsOf(stretches: readonly OffsetSpan[], bucketMs: number): string {
  const bucketAt = (time: string) => `${floorTo(`(${time} + offset)`, bucketMs)} / ${bucketMs}`
  const complete = `hour >= since AND hour + ${HOUR_MS} <= until
    AND ${bucketAt('hour')} = ${bucketAt(`hour + ${HOUR_MS - 1}`)}`
  const columns = 'offset, key, activityStatus, hardBounce'
  const hours = `
    SELECT ${bucketAt('hour')} AS bucket, ${columns},
      ${sumOf('events')} AS events, ${sumOf('contacts')} AS contacts
    FROM chosen CROSS JOIN stretch ON ${complete}`
  if (hasWholeHours(stretches, bucketMs)) return hours
  const quarters = [0, 1, 2, 3].map((quarter) => {
    const time = `(hour + ${quarter * QUARTER_MS})`
    return `
    SELECT ${bucketAt(time)} AS bucket, ${columns}, events${quarter}, contacts${quarter}
    FROM chosen CROSS JOIN stretch ON ${time} >= since AND ${time} < until AND NOT (${complete})`
  })
  // D1 takes no more than five.
  return [hours, ...quarters].join(' UNION ALL ')
}
