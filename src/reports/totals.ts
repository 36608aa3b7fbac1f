import type { Context } from 'hono'
import * as z from 'zod'
import type { OffsetSpan } from '../event/offset-spans.ts'
import { isTimeZone } from '../event/time-zone.ts'
import { DIMENSIONS, REPORT_NAMES, type Dimension } from '../event/dimensions.ts'
import { readSettings } from '../settings/settings.ts'
import { countByTime, type BucketCount } from '../db/reports/time-series.ts'
import { periodOf } from '../db/reports/totals.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { invalidParameter } from '../http/parse-query.ts'
import { period, perZone } from '../http/query-fields.ts'
import { moment } from '../http/response-fields.ts'
import {
  campaignFields,
  describedFields,
  periodSchema,
  scannedSchema,
  toCampaignFilter,
  toValue,
} from './api.ts'
import {
  BUCKETS,
  chooseOffsetSpans,
  listBuckets,
  nameBucket,
  placeOf,
  type Bucket,
} from './buckets.ts'
import { compareCounts, comparedFields, compareField, periodBefore, shiftOf } from './comparison.ts'
import { countFields, toCounts } from './counts.ts'
import { ratesSchema, thresholdsOf, toLimitedRates, type Thresholds } from './rates.ts'

/** The maximum number of lines in a response: a chart cannot show more. */
const MAX_COUNTS = 20_000

/** The dimensions by which totals can be split, by name. Not by tag, since a contact would count for each tag. */
const SPLITS = new Map<string, Dimension>(
  REPORT_NAMES.filter((name) => !('isList' in DIMENSIONS[name])).map((name) => [
    DIMENSIONS[name].title.toLowerCase(),
    DIMENSIONS[name].column,
  ]),
)

/** The query parameter for the time zone of hours and days. */
export function timeZoneField() {
  return z.string().refine(isTimeZone, 'must be an IANA name such as Europe/Kyiv').optional().meta({
    description: 'The time zone of hours and days, an IANA name; by default YESPO_TIME_ZONE.',
  })
}

/** Query parameters of `GET /reports/totals`. */
const totalsQuery = perZone((zone) => {
  const splits = [...SPLITS.keys()]
  return z.strictObject({
    by: z
      .enum(['hour', 'day'], { error: 'must be hour or day' })
      .default('day')
      .meta({ description: 'A line for each hour (up to 31 days) or day (up to 400).' }),
    timeZone: timeZoneField(),
    split: z
      .enum(splits, { error: `must be one of ${splits.join(', ')}` })
      .optional()
      .meta({
        description: 'A line for each of these; hours and days without one are left out.',
      }),
    ...period(zone),
    ...campaignFields(),
    compare: compareField(),
  })
})

/** The zone of times without one: that of the query, if it names one. */
export function zoneOf(context: Context | undefined): string | undefined {
  const zone = context?.req.query('timeZone')
  return zone !== undefined && isTimeZone(zone) ? zone : undefined
}

const totalsSchema = lazily(() => {
  const bucket = z.strictObject({
    time: z.string().meta({ description: 'The local hour or day.' }),
    start: moment('Its start'),
    ...countFields(),
    rates: ratesSchema(),
    ...comparedFields().shape,
    ...describedFields([...SPLITS.values()]),
  })
  return z
    .strictObject({
      by: z.enum(['hour', 'day']),
      timeZone: z.string(),
      period: periodSchema(),
      periodBefore: periodSchema().optional(),
      totals: z.array(bucket).meta({ description: 'Oldest first.' }),
      scanned: scannedSchema(),
    })
    .meta({ id: 'Totals' })
})

const showTotals = defineEndpoint({
  method: 'get',
  path: '/reports/totals',
  access: 'readToken',
  operationId: 'totalsReport',
  tag: 'Reports',
  summary: 'Counts by hour or by day',
  description: 'Full hours or days of a time zone, oldest first.',
  query: (timeZone, context) => totalsQuery(zoneOf(context) ?? timeZone),
  response: totalsSchema,
  async handle({ env, query }) {
    const { by } = query
    const zone = query.timeZone ?? readSettings(env).timeZone
    const spans = chooseOffsetSpans(by, query, zone)
    const column = query.split === undefined ? undefined : SPLITS.get(query.split)
    const count = (of: readonly OffsetSpan[]) =>
      countByTime(env.DB, column, toCampaignFilter(query), of, BUCKETS[by].ms, MAX_COUNTS)
    const found = await count(spans)
    if (found.counts.length > MAX_COUNTS) {
      throw invalidParameter(
        'split',
        'has too many lines; choose a shorter period, or fewer campaigns',
      )
    }
    const counted = periodOf(spans)
    const report = {
      by,
      timeZone: zone,
      period: { since: counted.since, until: counted.until },
    }
    const buckets = listBuckets(by, spans, zone)
    const lines = { by, column, thresholds: thresholdsOf(env) }
    if (!query.compare) {
      return {
        ...report,
        totals: toLines(buckets, found.counts, lines),
        scanned: { rows: found.rowsScanned, complete: found.complete },
      }
    }
    const earlier = periodBefore(query.compare, counted, zone)
    const before = await count(chooseOffsetSpans(by, earlier, zone))
    const shift = Math.round(shiftOf(query.compare, counted, zone) / BUCKETS[by].ms)
    return {
      ...report,
      periodBefore: { since: earlier.since, until: earlier.until },
      totals: toLines(buckets, found.counts, {
        ...lines,
        before: { counts: before.counts, shift },
      }),
      scanned: {
        rows: found.rowsScanned + before.rowsScanned,
        complete: found.complete && before.complete && before.counts.length <= MAX_COUNTS,
      },
    }
  },
})

export const totalsEndpoints = [showTotals]

/** @param before counts of buckets that are `shift` earlier by the clocks */
function toLines(
  buckets: readonly Bucket[],
  counts: readonly BucketCount[],
  {
    by,
    column,
    thresholds,
    before,
  }: {
    by: 'hour' | 'day'
    column: Dimension | undefined
    thresholds: Thresholds
    before?: { counts: readonly BucketCount[]; shift: number }
  },
) {
  const earlier =
    before && Map.groupBy(before.counts, ({ bucket, key }) => `${bucket + before.shift} ${key}`)
  const describe = ({ bucket }: Bucket, key: string | null, members: readonly BucketCount[]) => {
    const sums = addUp(members)
    return {
      ...toCounts(sums),
      rates: toLimitedRates(sums, thresholds),
      ...(earlier && compareCounts(sums, addUp(earlier.get(`${bucket} ${key}`) ?? []))),
    }
  }
  const found = Map.groupBy(counts, (count) => placeOf(by, count))
  return buckets.flatMap((bucket) => {
    const own = { time: nameBucket(by, bucket), start: bucket.start }
    const here = found.get(placeOf(by, bucket)) ?? []
    if (!column) return [{ ...own, ...describe(bucket, null, here) }]
    return [...Map.groupBy(here, ({ key }) => key ?? '')].map(([key, members]) => ({
      ...own,
      [column]: toValue(column, key),
      ...describe(bucket, key, members),
    }))
  })
}

/** Adds up counts at two offsets, as of a day on which the clocks change. */
function addUp(counts: readonly BucketCount[]): BucketCount[] {
  const kinds = Map.groupBy(counts, (count) => `${count.activityStatus} ${count.hardBounce}`)
  return [...kinds.values()].flatMap(([first, ...others]) => {
    if (!first) return []
    const sum = { ...first }
    for (const { events, contacts } of others) {
      sum.events += events
      sum.contacts += contacts
    }
    return [sum]
  })
}
