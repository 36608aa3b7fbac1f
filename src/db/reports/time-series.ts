import { HOUR_MS, QUARTER_MS } from '../../event/clock.ts'
import type { OffsetSpan } from '../../event/offset-spans.ts'
import type { Dimension } from '../../event/dimensions.ts'
import { floorTo, quartersOf } from '../columns.ts'
import { inList, valuesOf, where } from '../events/filter.ts'
import {
  campaignConditions,
  inPeriod,
  keyOf,
  KINDS,
  MAX_TOTALS,
  periodOf,
  scanTotals,
  sumOf,
  type CampaignFilter,
  type Count,
} from './totals.ts'

const QUARTER_SUMS = [...quartersOf('events'), ...quartersOf('contacts')]
  .map((column) => `sum(${column}) AS ${column}`)
  .join(', ')

/** Counts of one bucket of time, or of one group in it if there is a dimension. */
export type BucketCount = Count & {
  /** The number of the quarter, hour or day, counted by the zone's clocks from 1970. */
  bucket: number
  /** How far those clocks were ahead of UTC, in milliseconds. */
  offset: number
  key: string | null
}

/** `complete` is false if there was more to count than one report reads. */
export type BucketCounts = { counts: BucketCount[]; rowsScanned: number; complete: boolean }

/**
 * Counts by hour or day of a zone's clocks.
 *
 * @param bucketMs a quarter of an hour, an hour or a day
 * @param spans that make up the period, without gaps
 * @param limit the maximum number of counts
 * @param statuses to count; undefined for all
 */
export async function countByTime(
  db: D1Database,
  dimension: Dimension | undefined,
  filter: CampaignFilter,
  spans: readonly OffsetSpan[],
  bucketMs: number,
  limit: number,
  statuses?: readonly string[],
): Promise<BucketCounts> {
  const conditions = campaignConditions(filter, dimension)
  const scan = scanTotals({
    columns: `${dimension === undefined ? 'NULL' : keyOf(dimension)} AS key, totals.*`,
    dimension,
    join: `totals ON ${inPeriod(periodOf(spans))}`,
    conditions,
  })
  const ofStatuses = statuses
    ? [{ sql: `hardBounce = ${KINDS.all}`, values: [] }, inList('activityStatus', statuses)]
    : []
  // Every row that a step reads is billed, so the many rows of `totals` are reduced first.
  const { results } = await db
    .prepare(
      `WITH span AS MATERIALIZED (
         SELECT value ->> 'since' AS since, value ->> 'until' AS until, value ->> 'offset' AS offset
         FROM json_each(?)
       ), hourly AS MATERIALIZED (
         SELECT hour, key, activityStatus, hardBounce, ${QUARTER_SUMS}, count(*) AS rows
         FROM (${scan}) GROUP BY hour, key, activityStatus, hardBounce
       ), chosen AS MATERIALIZED (SELECT * FROM hourly ${where(ofStatuses)})
       SELECT extent.rows, counted.*
       FROM (SELECT sum(rows) AS rows FROM hourly) AS extent LEFT JOIN (
         SELECT bucket, offset, key, activityStatus, hardBounce,
           sum(events) AS events, sum(contacts) AS contacts
         FROM (${bucketsOf(spans, bucketMs)})
         GROUP BY bucket, offset, key, activityStatus, hardBounce
       ) AS counted ON true
       ORDER BY bucket LIMIT ${limit + 1}`,
    )
    .bind(JSON.stringify(spans), ...valuesOf([...conditions, ...ofStatuses]))
    .all<BucketCount & { rows: number | null }>()
  const rowsScanned = results[0]?.rows ?? 0
  // Even without counts, one row has the number of scanned rows.
  const counts = results
    .filter(({ bucket }) => bucket !== null)
    .map(({ rows: _rows, ...count }) => count)
  return { counts, rowsScanned, complete: rowsScanned < MAX_TOTALS }
}

/** Counts of one hour of the week; `weekHour` is 0 on Monday at midnight. */
export type WeekHourCount = Count & { weekHour: number }

/** 1 January 1970 was a Thursday: so many hours after Monday at midnight. */
const FIRST_WEEK_HOUR = 72
const WEEK_HOURS = 168

/** Counts by hour of the week of a zone's clocks. @param spans that make up the period, without gaps */
export async function countByWeekHour(
  db: D1Database,
  filter: CampaignFilter,
  spans: readonly OffsetSpan[],
): Promise<{ counts: WeekHourCount[]; rowsScanned: number; complete: boolean }> {
  const conditions = campaignConditions(filter)
  const scan = scanTotals({
    columns: 'NULL AS key, totals.*',
    join: `totals ON ${inPeriod(periodOf(spans))}`,
    conditions,
  })
  const weekHour = `((bucket + ${FIRST_WEEK_HOUR}) % ${WEEK_HOURS} + ${WEEK_HOURS}) % ${WEEK_HOURS}`
  const { results } = await db
    .prepare(
      `WITH span AS MATERIALIZED (
         SELECT value ->> 'since' AS since, value ->> 'until' AS until, value ->> 'offset' AS offset
         FROM json_each(?)
       ), chosen AS MATERIALIZED (
         SELECT hour, key, activityStatus, hardBounce, ${QUARTER_SUMS}, count(*) AS rows
         FROM (${scan}) GROUP BY hour, activityStatus, hardBounce
       )
       SELECT (SELECT sum(rows) FROM chosen) AS rows, ${weekHour} AS weekHour, activityStatus, hardBounce,
         sum(events) AS events, sum(contacts) AS contacts
       FROM (${bucketsOf(spans, HOUR_MS)}) GROUP BY weekHour, activityStatus, hardBounce`,
    )
    .bind(JSON.stringify(spans), ...valuesOf(conditions))
    .all<WeekHourCount & { rows: number }>()
  const rowsScanned = results[0]?.rows ?? 0
  const counts = results.map(({ rows: _rows, ...count }) => count)
  return { counts, rowsScanned, complete: rowsScanned < MAX_TOTALS }
}

/** Whether each hour is in just one bucket, as in most zones, which differ from UTC by whole hours. */
export function hasWholeHours(spans: readonly OffsetSpan[], bucketMs: number): boolean {
  const times = spans.flatMap(({ since, until, offset }) => [since, until, offset])
  return [bucketMs, ...times].every((time) => time % HOUR_MS === 0)
}

/** Puts rows of `chosen` into buckets: unchanged, or by quarters if an hour is in two of them. */
function bucketsOf(spans: readonly OffsetSpan[], bucketMs: number): string {
  const bucketAt = (time: string) => `${floorTo(`(${time} + offset)`, bucketMs)} / ${bucketMs}`
  const complete = `hour >= since AND hour + ${HOUR_MS} <= until
    AND ${bucketAt('hour')} = ${bucketAt(`hour + ${HOUR_MS - 1}`)}`
  const columns = 'offset, key, activityStatus, hardBounce'
  const hours = `
    SELECT ${bucketAt('hour')} AS bucket, ${columns},
      ${sumOf('events')} AS events, ${sumOf('contacts')} AS contacts
    FROM chosen CROSS JOIN span ON ${complete}`
  if (hasWholeHours(spans, bucketMs)) return hours
  const quarters = [0, 1, 2, 3].map((quarter) => {
    const time = `(hour + ${quarter * QUARTER_MS})`
    return `
    SELECT ${bucketAt(time)} AS bucket, ${columns}, events${quarter}, contacts${quarter}
    FROM chosen CROSS JOIN span ON ${time} >= since AND ${time} < until AND NOT (${complete})`
  })
  // D1 accepts five at most.
  return [hours, ...quarters].join(' UNION ALL ')
}
