import type { Context } from 'hono'
import * as z from 'zod'
import { DAY_MS, HOUR_MS } from '../event/clock.ts'
import { period, perZone } from '../http/query-fields.ts'
import { checkPeriod, parseQuery } from '../http/parse-query.ts'
import { readSettings } from '../settings/settings.ts'
import { readCoverage, type CoverageLine, type Seen } from '../db/sync/coverage.ts'

const DAYS = 90

/** What `GET /coverage` is asked for. */
export const coverageQuery = perZone((zone) =>
  z.strictObject({
    by: z
      .enum(['hour', 'day'], { error: 'has to be hour or day' })
      .default('day')
      .meta({ description: 'Hours or days of UTC.' }),
    ...period(zone),
  }),
)

/** `GET /coverage`: of the events that Yespo's API has, which the webhook confirmed, and the other way round. */
export async function showCoverage({ env, req }: Context<{ Bindings: Env }>): Promise<Response> {
  const zone = readSettings(env).timeZone
  const query = parseQuery(coverageQuery(zone), new URL(req.url).searchParams)
  const until = query.until ?? Date.now()
  const asked = { since: query.since ?? until - DAYS * DAY_MS, until }
  checkPeriod(asked)
  const { lines, complete } = await readCoverage(
    env.DB,
    asked,
    query.by === 'day' ? DAY_MS : HOUR_MS,
  )
  const spans = Map.groupBy(lines, ({ time }) => time)
  const coverage = [...spans].map(([start, kinds]) => ({
    time: new Date(start).toISOString().slice(0, query.by === 'day' ? 10 : 16),
    start,
    ...rate(addUp(kinds)),
    kinds: kinds.map(({ activityStatus, mediaType, ...seen }) => ({
      activityStatus,
      mediaType: mediaType || null,
      ...seenOf(seen),
    })),
  }))
  return Response.json(
    { coverage, total: rate(addUp(lines)), complete },
    { headers: { 'Cache-Control': 'no-store' } },
  )
}

/** Of the events that the API has, the share that the webhook confirmed; null where it has none. */
export function rate(seen: Seen) {
  const inApi = seen.seenByBoth + seen.apiAlone
  return { ...seen, share: inApi === 0 ? null : seen.seenByBoth / inApi }
}

/** All of them together. */
export function addUp(lines: readonly Seen[]): Seen {
  const sum = { seenByBoth: 0, webhookAlone: 0, apiAlone: 0 }
  for (const { seenByBoth, webhookAlone, apiAlone } of lines) {
    sum.seenByBoth += seenByBoth
    sum.webhookAlone += webhookAlone
    sum.apiAlone += apiAlone
  }
  return sum
}

function seenOf({
  seenByBoth,
  webhookAlone,
  apiAlone,
}: Omit<CoverageLine, 'activityStatus' | 'mediaType'>): Seen {
  return { seenByBoth, webhookAlone, apiAlone }
}
