import { HOUR_MS, QUARTER_MS, DAY_MS, MINUTE_MS } from '../event/clock.ts'
import { BUCKETS, chooseOffsetSpans, listBuckets, placeOf } from '../reports/buckets.ts'
import { countEvents } from '../db/reports/event-series.ts'
import { countPerMinute } from '../db/reports/per-minute.ts'
import type { CampaignFilter, Period } from '../db/reports/totals.ts'
import type { Clock } from '../language/format.ts'

/** One bar of a chart. */
export type Bar = {
  /** UTC milliseconds. */
  since: number
  until: number
  /** Events by status. */
  counts: ReadonlyMap<string, number>
}

/** The bars of a period, the oldest first. */
export type Bars = {
  by: 'minute' | 'quarter' | 'hour' | 'day'
  bars: Bar[]
  /** False if there was too much to count. */
  complete: boolean
}

const MAX_MINUTES = 2 * HOUR_MS
const MAX_HOURS = 3 * DAY_MS

/** Counts the events of a period in bars, as many as can be told apart. */
export async function countActivity(
  db: D1Database,
  filter: CampaignFilter,
  period: Period,
  clock: Clock,
): Promise<Bars> {
  const length = period.until - period.since
  if (length > MAX_MINUTES) {
    return countBuckets(db, filter, period, clock.zone, length > MAX_HOURS ? 'day' : 'hour')
  }
  const since = Math.floor(period.since / MINUTE_MS) * MINUTE_MS
  // A bar links to its full minute.
  const until = Math.ceil(period.until / MINUTE_MS) * MINUTE_MS
  const counts = await countPerMinute(db, filter, { since, until })
  if (!counts) return countQuarters(db, filter, period)
  const found = Map.groupBy(counts, ({ minute }) => minute)
  const minutes = (until - since) / MINUTE_MS
  const bars = Array.from({ length: minutes }, (_, index) => {
    const start = since + index * MINUTE_MS
    return toBar(start, start + MINUTE_MS, found.get(start / MINUTE_MS) ?? [])
  })
  return { by: 'minute', bars, complete: true }
}

async function countBuckets(
  db: D1Database,
  filter: CampaignFilter,
  period: Period,
  zone: string,
  by: 'hour' | 'day',
): Promise<Bars> {
  const spans = chooseOffsetSpans(by, period, zone)
  const { ms } = BUCKETS[by]
  const found = await countEvents(db, filter, spans, ms)
  const counts = Map.groupBy(found.counts, (count) => placeOf(by, count))
  const buckets = listBuckets(by, spans, zone)
  const end = spans.at(-1)?.until ?? period.until
  const bars = buckets.map((bucket, index) =>
    toBar(bucket.start, buckets[index + 1]?.start ?? end, counts.get(placeOf(by, bucket)) ?? []),
  )
  return { by, bars, complete: found.complete }
}

/** For periods with too many events to count by the minute. */
async function countQuarters(
  db: D1Database,
  filter: CampaignFilter,
  period: Period,
): Promise<Bars> {
  const since = Math.floor(period.since / QUARTER_MS) * QUARTER_MS
  const until = Math.ceil(period.until / QUARTER_MS) * QUARTER_MS
  // Quarters begin at the same time in all zones.
  const span = { since, until, offset: 0 }
  const found = await countEvents(db, filter, [span], QUARTER_MS)
  const counts = Map.groupBy(found.counts, ({ bucket }) => bucket)
  const bars = Array.from({ length: (until - since) / QUARTER_MS }, (_, index) => {
    const start = since + index * QUARTER_MS
    return toBar(start, start + QUARTER_MS, counts.get(start / QUARTER_MS) ?? [])
  })
  return { by: 'quarter', bars, complete: found.complete }
}

function toBar(
  since: number,
  until: number,
  counts: readonly { activityStatus: string; events: number }[],
): Bar {
  const sums = new Map<string, number>()
  for (const { activityStatus, events } of counts) {
    sums.set(activityStatus, (sums.get(activityStatus) ?? 0) + events)
  }
  return { since, until, counts: sums }
}
