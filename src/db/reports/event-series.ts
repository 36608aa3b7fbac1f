import { HOUR_MS, QUARTER_MS, startOfHour } from '../../event/clock.ts'
import type { OffsetSpan } from '../../event/offset-spans.ts'
import { quartersOf } from '../columns.ts'
import { readHours, type HourEvents } from '../derived/hours.ts'
import { valuesOf } from '../events/filter.ts'
import { decodeStatus, encodeStatus, IS_OTHER_STATUS } from './status-code.ts'
import { hasWholeHours } from './time-series.ts'
import {
  campaignConditions,
  KINDS,
  MAX_TOTALS,
  periodOf,
  scanTotals,
  sumOf,
  type CampaignFilter,
} from './totals.ts'

/** Events of one status in one bucket of time; `bucket` and `offset` as in `BucketCount`. */
export type EventCount = { bucket: number; offset: number; activityStatus: string; events: number }

/** Rows of `totals` to read if hours are returned by quarters: 27 bytes each, in a value of at most 2 MB. */
const MAX_OF_QUARTERS = 60_000
/** Hours of undocumented statuses to read: anything can be sent as one. */
const MAX_OTHERS = 20_000

/**
 * Counts events by status and by quarter, hour or day of a zone's clocks. Returns less than `countByTime`, and reads
 * one row per hour; for hours that are not filled in, and for a filter, it reads each row of `totals` once.
 *
 * @param bucketMs a quarter of an hour, an hour or a day
 * @param spans that make up the period, without gaps
 * @returns `complete` is false if there was more to count than one report reads
 */
export async function countEvents(
  db: D1Database,
  filter: CampaignFilter,
  spans: readonly OffsetSpan[],
  bucketMs: number,
): Promise<{ counts: EventCount[]; complete: boolean }> {
  const { since, until } = periodOf(spans)
  const first = startOfHour(since)
  const conditions = campaignConditions(filter)
  const isFullHours = hasWholeHours(spans, bucketMs)
  const maxRows = isFullHours ? MAX_TOTALS : MAX_OF_QUARTERS
  const { events: known, gaps } =
    conditions.length === 0
      ? await readHours(db, { since: first, until })
      : { events: [], gaps: [[first, until]] }
  const scan = scanTotals({
    columns: 'totals.*',
    join: `(SELECT value ->> 0 AS since, value ->> 1 AS until FROM json_each(?)) AS gap
      CROSS JOIN totals ON totals.campaign = campaigns.campaign AND hour >= gap.since AND hour < gap.until`,
    conditions,
    maxRows,
  })
  const values = [JSON.stringify(gaps), ...valuesOf(conditions)]
  const parts = isFullHours ? [sumOf('events')] : quartersOf('events')
  const isAll = `hardBounce = ${KINDS.all}`
  const code = encodeStatus(`(hour - ${first}) / ${HOUR_MS}`)
  // As one value: to group them, SQLite would read each row twice.
  const found =
    gaps.length > 0 &&
    (await db
      .prepare(
        `SELECT json_group_array(json_array(${code}, ${parts.join(', ')})) FILTER (WHERE ${isAll}) AS events, count(*) AS rows
         FROM (${scan})`,
      )
      .bind(...values)
      .first<{ events: string; rows: number }>())
  // One reasoned cast: the statement made it.
  const sums = addUp(
    JSON.parse(found ? found.events : '[]') as [code: number, ...events: number[]][],
  )
  let hasOthers = false
  const documented = [...sums].flatMap(([each, events]) => {
    const { index, activityStatus } = decodeStatus(each)
    hasOthers ||= activityStatus === undefined
    const hour = first + index * HOUR_MS
    return activityStatus === undefined ? [] : { hour, activityStatus, events }
  })
  const others = hasOthers ? await readOthers() : []
  const counts = toBuckets([...known, ...documented, ...others], spans, bucketMs)
  return { counts, complete: (!found || found.rows < maxRows) && others.length < MAX_OTHERS }

  /** Reads those of undocumented statuses, which are rare. */
  async function readOthers(): Promise<HourEvents[]> {
    const columns = parts.map((part) => `sum(${part})`).join(', ')
    const results = await db
      .prepare(
        `SELECT hour, activityStatus, ${columns} FROM (${scan}) WHERE ${isAll} AND ${IS_OTHER_STATUS}
         GROUP BY hour, activityStatus LIMIT ${MAX_OTHERS}`,
      )
      .bind(...values)
      .raw<[hour: number, activityStatus: string, ...events: number[]]>()
    return results.map(([hour, activityStatus, ...events]) => ({ hour, activityStatus, events }))
  }
}

/** The sums of the counts of each code. */
function addUp(rows: readonly [code: number, ...events: number[]][]): Map<number, number[]> {
  const sums = new Map<number, number[]>()
  for (const [code, ...events] of rows) {
    const sum = sums.get(code)
    if (sum) events.forEach((count, index) => (sum[index] = (sum[index] ?? 0) + count))
    else sums.set(code, events)
  }
  return sums
}

function toBuckets(
  hours: readonly HourEvents[],
  spans: readonly OffsetSpan[],
  bucketMs: number,
): EventCount[] {
  const counts = new Map<string, EventCount>()
  for (const { hour, activityStatus, events } of hours) {
    events.forEach((count, quarter) => {
      const time = hour + quarter * QUARTER_MS
      const span = spans.find(({ since, until }) => since <= time && time < until)
      if (!span || count === 0) return
      const { offset } = span
      const bucket = Math.floor((time + offset) / bucketMs)
      const key = `${bucket} ${offset} ${activityStatus}`
      const before = counts.get(key)
      if (before) before.events += count
      else counts.set(key, { bucket, offset, activityStatus, events: count })
    })
  }
  return [...counts.values()]
}
