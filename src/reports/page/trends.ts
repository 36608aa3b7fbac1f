import { DAY_MS } from '../../event/clock.ts'
import { BUCKETS, chooseOffsetSpans, listBuckets, placeOf } from '../buckets.ts'
import { countByTime, type BucketCount } from '../../db/reports/time-series.ts'
import type { Dimension } from '../../event/dimensions.ts'
import type { CampaignFilter, Period } from '../../db/reports/totals.ts'

/** Contacts over time, oldest bucket first: those who read or, if there are none, those who were reached. */
export type LineTrend = { status: 'READ' | 'DELIVERED'; values: number[] }

const MAX_HOURS = 3 * DAY_MS
const MAX_DAYS = (BUCKETS.day.max - 2) * DAY_MS // the first and the last day may be partial
const MAX_COUNTS = 20_000

/** Trends of groups, by their keys; none if the period is too long. */
export async function countTrends(
  db: D1Database,
  dimension: Dimension,
  filter: CampaignFilter,
  keys: readonly string[],
  period: Period,
  zone: string,
): Promise<Map<string, LineTrend>> {
  const length = period.until - period.since
  if (keys.length === 0 || length > MAX_DAYS) return new Map()
  const by = length > MAX_HOURS ? 'day' : 'hour'
  const spans = chooseOffsetSpans(by, period, zone)
  const found = await countByTime(
    db,
    dimension,
    { ...filter, [dimension]: keys },
    spans,
    BUCKETS[by].ms,
    MAX_COUNTS,
    ['READ', 'DELIVERED'],
  )
  const indexes = new Map(
    listBuckets(by, spans, zone).map((bucket, index) => [placeOf(by, bucket), index]),
  )
  const trends = new Map<string, LineTrend>()
  for (const [key, counts] of Map.groupBy(found.counts, (count) => count.key ?? '')) {
    const status = counts.some(isRead) ? 'READ' : 'DELIVERED'
    const values = Array.from(indexes, () => 0)
    for (const count of counts.filter(({ activityStatus }) => activityStatus === status)) {
      const index = indexes.get(placeOf(by, count))
      if (index !== undefined) values[index] = (values[index] ?? 0) + count.contacts
    }
    trends.set(key, { status, values })
  }
  return trends
}

function isRead({ activityStatus, contacts }: BucketCount): boolean {
  return activityStatus === 'READ' && contacts > 0
}
