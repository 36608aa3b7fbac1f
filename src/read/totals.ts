import type { Context } from 'hono'
import * as z from 'zod'
import { findStretch, isTimeZone, listStretches, toUtc, type Stretch } from '../activity/clock.ts'
import { exactNumber } from '../activity/exact-number.ts'
import { readSettings } from '../settings.ts'
import { countByTime, type BucketCount } from '../store/totals.ts'
import { answerJson } from './activity-json.ts'
import { countsSchema, toCounts } from './counts.ts'
import { period } from './fields.ts'
import { invalidParameter, parseQuery } from './query.ts'
import {
  campaignFields,
  lookedAtSchema,
  periodSchema,
  REPORTS,
  toCampaignFilter,
} from './reports.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const BUCKETS = {
  hour: { ms: HOUR_MS, most: 31 * 24, usual: 24 },
  day: { ms: DAY_MS, most: 400, usual: 30 },
} as const

/** Of one answer: what is more is no chart any more. */
const MAX_COUNTS = 20_000

/** What totals can be split by. */
const SPLITS = {
  channel: REPORTS.channels,
  message: REPORTS.messages,
  broadcast: REPORTS.broadcasts,
  workflow: REPORTS.workflows,
  sender: REPORTS.senders,
} as const

type Split = keyof typeof SPLITS

/** What `GET /reports/totals` is asked for. @param zone of times that carry none, an IANA name */
export function totalsQuery(zone: string) {
  return z.strictObject({
    by: z
      .enum(['hour', 'day'], { error: 'has to be hour or day' })
      .default('day')
      .meta({ description: 'One line an hour (31 days at the most) or a day (400).' }),
    timeZone: z
      .string()
      .refine(isTimeZone, 'has to be an IANA name such as Europe/Kyiv')
      .optional()
      .meta({ description: 'Whose hours and days: an IANA name; otherwise YESPO_TIME_ZONE.' }),
    split: z
      .enum(Object.keys(SPLITS) as [Split, ...Split[]], {
        error: `has to be one of ${Object.keys(SPLITS).join(', ')}`,
      })
      .optional()
      .meta({
        description:
          'A line of its own for each of these; hours and days without one are left out.',
      }),
    ...period(zone),
    ...campaignFields,
  })
}

/** The answer of `GET /reports/totals`. */
export const totalsSchema = z.object({
  by: z.enum(['hour', 'day']),
  timeZone: z.string(),
  period: periodSchema,
  totals: z.array(
    z.object({
      time: z.string().meta({ description: "The hour or day by the zone's clocks" }),
      start: z.int().meta({ description: 'Its beginning: UTC milliseconds' }),
      mediaType: z.string().optional(),
      messageId: z.int().optional(),
      broadcastId: z.int().optional(),
      workflowId: z.int().optional(),
      from: z.string().optional(),
      ...countsSchema.shape,
    }),
  ),
  lookedAt: lookedAtSchema,
})

/** `GET /reports/totals`: what happened hour by hour or day by day, the oldest first. */
export async function showTotals({ env, req }: Context<{ Bindings: Env }>): Promise<Response> {
  const { searchParams } = new URL(req.url)
  // Times that carry no zone are meant in the one that is asked for.
  const asked = searchParams.get('timeZone')
  const usual = readSettings(env).timeZone
  const query = parseQuery(totalsQuery(asked && isTimeZone(asked) ? asked : usual), searchParams)
  const zone = query.timeZone ?? usual
  const { ms, most } = BUCKETS[query.by]
  const stretches = chooseStretches(query, zone)
  const buckets = query.by === 'day' ? listDays(stretches, zone) : listHours(stretches)
  // By the clocks: a month with an hour twice is a month.
  const span = (buckets.at(-1)?.bucket ?? 0) - (buckets[0]?.bucket ?? 0) + 1
  if (span > most) {
    throw invalidParameter('since', `is more than ${most} ${query.by}s before the end`)
  }
  const column = query.split && SPLITS[query.split]
  const filter = toCampaignFilter(query)
  const found = await countByTime(env.DB, column, filter, stretches, ms, MAX_COUNTS)
  if (found.counts.length > MAX_COUNTS) {
    throw invalidParameter(
      'split',
      'makes too many lines; ask for less time, or for some campaigns',
    )
  }
  const { rowsLookedAt, isWhole } = found
  return answerJson(
    JSON.stringify({
      by: query.by,
      timeZone: zone,
      period: { since: stretches[0]?.since ?? null, until: stretches.at(-1)?.until ?? null },
      totals: toLines(buckets, found.counts, query.by, column),
      lookedAt: { rows: rowsLookedAt, isWhole },
    }),
  )
}

type Bucket = { bucket: number; offset: number; start: number }

/** The stretches of whole hours or days that a query asks for. */
function chooseStretches(
  { by, since, until = Date.now() }: z.output<ReturnType<typeof totalsQuery>>,
  zone: string,
): Stretch[] {
  const { ms, usual } = BUCKETS[by]
  const start = since ?? until - (usual - 1) * ms
  if (start >= until) throw invalidParameter('since', 'is not before until')
  const [first, last] = [findStretch(start, zone), findStretch(until - 1, zone)]
  const firstBucket = Math.floor((start + first.offset) / ms)
  const end = Math.floor((until - 1 + last.offset) / ms) + 1
  if (by === 'day') return listStretches(startOfDay(firstBucket, zone), startOfDay(end, zone), zone)
  // Clocks that change by half an hour cut an hour in two.
  return listStretches(
    Math.max(firstBucket * ms - first.offset, first.since),
    Math.min(end * ms - last.offset, last.until),
    zone,
  )
}

function startOfDay(day: number, zone: string): number {
  const midnight = `${new Date(day * DAY_MS).toISOString().slice(0, 10)}T00:00`
  return toUtc(midnight, zone) ?? day * DAY_MS
}

function listHours(stretches: readonly Stretch[]): Bucket[] {
  return stretches.flatMap(({ since, until, offset }) => {
    const first = Math.floor((since + offset) / HOUR_MS)
    const end = Math.ceil((until + offset) / HOUR_MS)
    const hours = Math.min(end - first, BUCKETS.hour.most + 1)
    return Array.from({ length: hours }, (_, place) => {
      const bucket = first + place
      return { bucket, offset, start: Math.max(since, bucket * HOUR_MS - offset) }
    })
  })
}

function listDays(stretches: readonly Stretch[], zone: string): Bucket[] {
  const [first, last] = [stretches[0], stretches.at(-1)]
  if (!first || !last) return []
  const start = Math.floor((first.since + first.offset) / DAY_MS)
  const end = Math.floor((last.until - 1 + last.offset) / DAY_MS)
  const days = Math.min(end - start + 1, BUCKETS.day.most + 1)
  return Array.from({ length: days }, (_, place) => {
    const bucket = start + place
    return { bucket, offset: 0, start: startOfDay(bucket, zone) }
  }).filter(({ bucket, start: at }) => startOfDay(bucket + 1, zone) > at) // a day may be skipped
}

function toLines(
  buckets: readonly Bucket[],
  counts: readonly BucketCount[],
  by: 'hour' | 'day',
  column: (typeof SPLITS)[Split] | undefined,
): object[] {
  const isNumber = column !== 'mediaType' && column !== 'from'
  const placeOf = ({ bucket, offset }: { bucket: number; offset: number }) =>
    by === 'day' ? `${bucket}` : `${bucket} ${offset}`
  const found = Map.groupBy(counts, placeOf)
  return buckets.flatMap((bucket) => {
    const iso = new Date(bucket.bucket * BUCKETS[by].ms).toISOString()
    const own = { time: iso.slice(0, by === 'day' ? 10 : 16), start: bucket.start }
    const here = found.get(placeOf(bucket)) ?? []
    if (!column) return [{ ...own, ...toCounts(addUp(here)) }]
    return [...Map.groupBy(here, ({ key }) => key ?? '')].map(([key, members]) => ({
      ...own,
      [column]: isNumber ? exactNumber(key) : key,
      ...toCounts(addUp(members)),
    }))
  })
}

/** A day on which the clocks change has counts at two offsets. */
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
