import { HOUR_MS, QUARTER_MS, type Stretch } from '../activity/clock.ts'
import { floorTo } from './columns.ts'
import { valuesOf, where, type Condition } from './filter.ts'
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

/** Counts of one bucket of time, and of one group in it where there is a dimension. */
export type BucketCount = Count & {
  /** Which hour or day, counted by the zone's clocks from 1970. */
  bucket: number
  /** How far those clocks were ahead of UTC, in milliseconds. */
  offset: number
  key: string | null
}

/** `isWhole` is false where there was more to count than is looked at for one question. */
export type BucketCounts = { counts: BucketCount[]; rowsLookedAt: number; isWhole: boolean }

/**
 * Counts by hour or day of a zone's clocks.
 *
 * @param bucketMs an hour or a day
 * @param stretches that make up the period, without gaps
 * @param limit of the counts
 * @param statuses which to count; all where they are not given
 */
export async function countByTime(
  db: D1Database,
  dimension: Dimension | undefined,
  filter: CampaignFilter,
  stretches: readonly Stretch[],
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
  const isWanted: Condition[] = statuses
    ? [
        {
          sql: 'hardBounce = -1 AND activityStatus IN (SELECT value FROM json_each(?))',
          values: [JSON.stringify(statuses)],
        },
      ]
    : []
  const [found, extent] = await db.batch<BucketCount & { rows: number }>([
    db
      .prepare(
        `WITH stretch AS MATERIALIZED (
           SELECT value ->> 'since' AS since, value ->> 'until' AS until, value ->> 'offset' AS offset
           FROM json_each(?)
         ), looked AS (${looked})
         SELECT bucket, offset, key, activityStatus, hardBounce, sum(events) AS events, sum(contacts) AS contacts
         FROM (${bucketsOf(stretches, bucketMs)})
         ${where(isWanted)}
         GROUP BY bucket, offset, key, activityStatus, hardBounce
         ORDER BY bucket LIMIT ${limit + 1}`,
      )
      .bind(JSON.stringify(stretches), ...values, ...valuesOf(isWanted)),
    db.prepare(`SELECT count(*) AS rows FROM (${looked})`).bind(...values),
  ])
  const rowsLookedAt = extent?.results[0]?.rows ?? 0
  return { counts: found?.results ?? [], rowsLookedAt, isWhole: rowsLookedAt < MAX_TOTALS }
}

/** Rows of `looked` in their buckets: as they are, or where an hour is in two of them by its quarters. */
function bucketsOf(stretches: readonly Stretch[], bucketMs: number): string {
  const bucketAt = (time: string) => `${floorTo(`(${time} + offset)`, bucketMs)} / ${bucketMs}`
  const isWhole = `hour >= since AND hour + ${HOUR_MS} <= until
    AND ${bucketAt('hour')} = ${bucketAt(`hour + ${HOUR_MS - 1}`)}`
  const columns = 'offset, key, activityStatus, hardBounce'
  const hours = `
    SELECT ${bucketAt('hour')} AS bucket, ${columns},
      ${sumOf('events')} AS events, ${sumOf('contacts')} AS contacts
    FROM looked CROSS JOIN stretch ON ${isWhole}`
  // Most zones differ from UTC by whole hours.
  const isEven = stretches.every((stretch) =>
    [stretch.since, stretch.until, stretch.offset].every((time) => time % HOUR_MS === 0),
  )
  if (isEven) return hours
  const quarters = [0, 1, 2, 3].map((quarter) => {
    const time = `(hour + ${quarter * QUARTER_MS})`
    return `
    SELECT ${bucketAt(time)} AS bucket, ${columns}, events${quarter}, contacts${quarter}
    FROM looked CROSS JOIN stretch ON ${time} >= since AND ${time} < until AND NOT (${isWhole})`
  })
  // D1 takes no more than five.
  return [hours, ...quarters].join(' UNION ALL ')
}
