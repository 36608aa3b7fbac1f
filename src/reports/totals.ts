import type { Context } from 'hono'
import * as z from 'zod'
import { isTimeZone } from '../event/time-zone.ts'
import { DIMENSIONS, REPORT_NAMES, type Dimension } from '../event/dimensions.ts'
import { readSettings } from '../settings/settings.ts'
import { countByTime, type BucketCount } from '../db/reports/time-series.ts'
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
import { BUCKETS, chooseOffsetSpans, listBuckets, placeOf, type Bucket } from './buckets.ts'
import { countFields, toCounts } from './counts.ts'

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
    ...describedFields([...SPLITS.values()]),
  })
  return z
    .strictObject({
      by: z.enum(['hour', 'day']),
      timeZone: z.string(),
      period: periodSchema(),
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
    const found = await countByTime(
      env.DB,
      column,
      toCampaignFilter(query),
      spans,
      BUCKETS[by].ms,
      MAX_COUNTS,
    )
    if (found.counts.length > MAX_COUNTS) {
      throw invalidParameter(
        'split',
        'has too many lines; choose a shorter period, or fewer campaigns',
      )
    }
    return {
      by,
      timeZone: zone,
      period: { since: spans[0]?.since ?? null, until: spans.at(-1)?.until ?? null },
      totals: toLines(listBuckets(by, spans, zone), found.counts, by, column),
      scanned: { rows: found.rowsScanned, complete: found.complete },
    }
  },
})

export const totalsEndpoints = [showTotals]

function toLines(
  buckets: readonly Bucket[],
  counts: readonly BucketCount[],
  by: 'hour' | 'day',
  column: Dimension | undefined,
) {
  const found = Map.groupBy(counts, (count) => placeOf(by, count))
  return buckets.flatMap((bucket) => {
    const iso = new Date(bucket.bucket * BUCKETS[by].ms).toISOString()
    const own = { time: iso.slice(0, by === 'day' ? 10 : 16), start: bucket.start }
    const here = found.get(placeOf(by, bucket)) ?? []
    if (!column) return [{ ...own, ...toCounts(addUp(here)) }]
    return [...Map.groupBy(here, ({ key }) => key ?? '')].map(([key, members]) => ({
      ...own,
      [column]: toValue(column, key),
      ...toCounts(addUp(members)),
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
