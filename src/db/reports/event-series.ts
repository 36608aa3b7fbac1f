import { HOUR_MS, QUARTER_MS, startOfHour, type OffsetSpan } from '../../event/clock.ts'
import { valuesOf, where } from '../events/filter.ts'
import { readHours, type HourEvents } from '../derived/hours.ts'
import { hasWholeHours } from './time-series.ts'
import { IS_OTHER_STATUS, STATUS_INDEX, STATUS_INDEXES, statusIn } from './status-place.ts'
import {
  campaignConditions,
  campaignsBy,
  KINDS,
  MAX_TOTALS,
  sumOf,
  type CampaignFilter,
} from './totals.ts'

/** Events of one status in one bucket of time; `bucket` and `offset` as in `BucketCount`. */
export type EventCount = { bucket: number; offset: number; activityStatus: string; events: number }

/** Rows of `totals` that are looked at if hours are told by their quarters: 27 bytes each, of a value's 2 MB. */
const MAX_OF_QUARTERS = 60_000
/** Hours of statuses that nobody documented: anything can be sent as one. */
const MAX_OTHERS = 20_000

/**
 * Counts events by status and by quarter, hour or day of a zone's clocks. It tells less than `countByTime`, and reads
 * a row an hour, or where that is not filled in or only some campaigns are asked for, each row of `totals` once.
 *
 * @param bucketMs a quarter of an hour, an hour or a day
 * @param stretches that make up the period, without gaps
 * @returns `complete` is false where there was more to count than is looked at for one question
 */
export async function countEvents(
  db: D1Database,
  filter: CampaignFilter,
  stretches: readonly OffsetSpan[],
  bucketMs: number,
): Promise<{ counts: EventCount[]; complete: boolean }> {
  const period = { since: stretches[0]?.since ?? 0, until: stretches.at(-1)?.until ?? 0 }
  const first = startOfHour(period.since)
  const conditions = campaignConditions(filter)
  const isFullHours = hasWholeHours(stretches, bucketMs)
  const most = isFullHours ? MAX_TOTALS : MAX_OF_QUARTERS
  const { events: known, gaps } =
    conditions.length === 0
      ? await readHours(db, { since: first, until: period.until })
      : { events: [], gaps: [[first, period.until]] }
  const looked = `
    SELECT totals.* FROM ${campaignsBy(undefined)}
    CROSS JOIN (SELECT value ->> 0 AS since, value ->> 1 AS until FROM json_each(?)) AS gap
    CROSS JOIN totals ON totals.campaign = campaigns.campaign AND hour >= gap.since AND hour < gap.until
    ${where(conditions)} ORDER BY campaigns.campaign DESC LIMIT ${most}`
  const values = [JSON.stringify(gaps), ...valuesOf(conditions)]
  const parts = isFullHours ? [sumOf('events')] : [0, 1, 2, 3].map((quarter) => `events${quarter}`)
  const isAll = `hardBounce = ${KINDS.all}`
  const place = `(hour - ${first}) / ${HOUR_MS} * ${STATUS_INDEXES} + ${STATUS_INDEX}`
  // As one value: to sort them into groups, SQLite would read each row a second time.
  const found =
    gaps.length > 0 &&
    (await db
      .prepare(
        `SELECT json_group_array(json_array(${place}, ${parts.join(', ')})) FILTER (WHERE ${isAll}) AS events, count(*) AS rows
       FROM (${looked})`,
      )
      .bind(...values)
      .first<{ events: string; rows: number }>())
  // One reasoned cast: the statement made it.
  const sums = addUp(
    JSON.parse(found ? found.events : '[]') as [code: number, ...events: number[]][],
  )
  const documented: HourEvents[] = []
  let hasOthers = false
  for (const [code, events] of sums) {
    const hour = first + Math.floor(code / STATUS_INDEXES) * HOUR_MS
    const activityStatus = statusIn(code % STATUS_INDEXES)
    if (activityStatus === undefined) hasOthers = true
    else documented.push({ hour, activityStatus, events })
  }
  const others = hasOthers ? await readOthers() : []
  const counts = toBuckets([...known, ...documented, ...others], stretches, bucketMs)
  return { counts, complete: (!found || found.rows < most) && others.length < MAX_OTHERS }

  /** Those of statuses that nobody documented, which are rare. */
  async function readOthers(): Promise<HourEvents[]> {
    const sums = parts.map((part) => `sum(${part})`).join(', ')
    const results = await db
      .prepare(
        `SELECT hour, activityStatus, ${sums} FROM (${looked}) WHERE ${isAll} AND ${IS_OTHER_STATUS}
         GROUP BY hour, activityStatus LIMIT ${MAX_OTHERS}`,
      )
      .bind(...values)
      .raw<[hour: number, activityStatus: string, ...events: number[]]>()
    return results.map(([hour, activityStatus, ...events]) => ({ hour, activityStatus, events }))
  }
}

/** The sums of what is behind each code. */
function addUp(rows: readonly [code: number, ...events: number[]][]): Map<number, number[]> {
  const sums = new Map<number, number[]>()
  for (const [code, ...events] of rows) {
    const sum = sums.get(code)
    if (sum) events.forEach((count, place) => (sum[place] = (sum[place] ?? 0) + count))
    else sums.set(code, events)
  }
  return sums
}

function toBuckets(
  hours: readonly HourEvents[],
  stretches: readonly OffsetSpan[],
  bucketMs: number,
): EventCount[] {
  const counts = new Map<string, EventCount>()
  for (const { hour, activityStatus, events } of hours) {
    events.forEach((count, quarter) => {
      const time = hour + quarter * QUARTER_MS
      const stretch = stretches.find(({ since, until }) => since <= time && time < until)
      if (!stretch || count === 0) return
      const { offset } = stretch
      const bucket = Math.floor((time + offset) / bucketMs)
      const key = `${bucket} ${offset} ${activityStatus}`
      const before = counts.get(key)
      if (before) before.events += count
      else counts.set(key, { bucket, offset, activityStatus, events: count })
    })
  }
  return [...counts.values()]
}
