import type { Context } from 'hono'
import * as z from 'zod'
import { isTimeZone } from '../event/clock.ts'
import { exactNumber } from '../event/exact-number.ts'
import { readSettings } from '../settings/settings.ts'
import { INTEGERS } from '../db/columns.ts'
import { countByTime, type BucketCount } from '../db/reports/time-series.ts'
import { respondJson } from '../http/event-json.ts'
import { BUCKETS, chooseOffsetSpans, listBuckets, placeOf, type Bucket } from './buckets.ts'
import { toCounts } from './counts.ts'
import { period, perZone } from '../http/query-fields.ts'
import { invalidParameter, parseQuery } from '../http/parse-query.ts'
import { campaignFields, REPORTS, toCampaignFilter } from './api.ts'

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

/** What `GET /reports/totals` is asked for. */
export const totalsQuery = perZone((zone) =>
  z.strictObject({
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
    ...campaignFields(),
  }),
)

/** `GET /reports/totals`: what happened hour by hour or day by day, the oldest first. */
export async function showTotals({ env, req }: Context<{ Bindings: Env }>): Promise<Response> {
  const { searchParams } = new URL(req.url)
  // Times that carry no zone are meant in the one that is asked for.
  const asked = searchParams.get('timeZone')
  const usual = readSettings(env).timeZone
  const query = parseQuery(totalsQuery(asked && isTimeZone(asked) ? asked : usual), searchParams)
  const zone = query.timeZone ?? usual
  const stretches = chooseOffsetSpans(query.by, query, zone)
  const column = query.split && SPLITS[query.split]
  const filter = toCampaignFilter(query)
  const found = await countByTime(
    env.DB,
    column,
    filter,
    stretches,
    BUCKETS[query.by].ms,
    MAX_COUNTS,
  )
  if (found.counts.length > MAX_COUNTS) {
    throw invalidParameter(
      'split',
      'makes too many lines; ask for less time, or for some campaigns',
    )
  }
  return respondJson(
    JSON.stringify({
      by: query.by,
      timeZone: zone,
      period: { since: stretches[0]?.since ?? null, until: stretches.at(-1)?.until ?? null },
      totals: toLines(listBuckets(query.by, stretches, zone), found.counts, query.by, column),
      scanned: { rows: found.rowsScanned, complete: found.complete },
    }),
  )
}

function toLines(
  buckets: readonly Bucket[],
  counts: readonly BucketCount[],
  by: 'hour' | 'day',
  column: (typeof SPLITS)[Split] | undefined,
): object[] {
  const isNumber = column !== undefined && INTEGERS.has(column)
  const found = Map.groupBy(counts, (count) => placeOf(by, count))
  return buckets.flatMap((bucket) => {
    const iso = new Date(bucket.bucket * BUCKETS[by].ms).toISOString()
    const own = { time: iso.slice(0, by === 'day' ? 10 : 16), start: bucket.start }
    const here = found.get(placeOf(by, bucket)) ?? []
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
