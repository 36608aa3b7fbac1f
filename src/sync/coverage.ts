import * as z from 'zod'
import { DAY_MS, HOUR_MS } from '../event/clock.ts'
import { period, perZone } from '../http/query-fields.ts'
import { checkPeriod } from '../http/parse-query.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { moment } from '../http/response-fields.ts'
import { countComparedHours, readCoverage } from '../db/sync/coverage.ts'
import { addUp, rate } from './rate.ts'

const DAYS = 90

/** Query parameters of `GET /coverage`. */
const coverageQuery = perZone((zone) =>
  z.strictObject({
    by: z
      .enum(['hour', 'day'], { error: 'must be hour or day' })
      .default('day')
      .meta({ description: 'Hours or days, in UTC.' }),
    ...period(zone),
  }),
)

const coverageSchema = lazily(() => {
  const counts = {
    both: z.int(),
    webhookOnly: z.int(),
    apiOnly: z.int().meta({ description: 'What the webhook missed.' }),
  }
  const share = z.number().nullable().meta({
    description: 'The share of the events of the API that the webhook confirmed; null without any.',
  })
  const kind = z.strictObject({
    activityStatus: z.string(),
    mediaType: z.string().nullable(),
    ...counts,
  })
  const span = z.strictObject({
    time: z.string(),
    start: moment('The start'),
    ...counts,
    share,
    kinds: z.array(kind),
  })
  return z
    .strictObject({
      coverage: z.array(span).meta({ description: 'Newest first.' }),
      total: z.strictObject({ ...counts, share }),
      hours: z.strictObject({ past: z.int(), compared: z.int() }).meta({
        description:
          'The hours of the period until now, and how many of them were read from the API: what the webhook missed in others is unknown.',
      }),
      complete: z.boolean().meta({ description: 'False if there is more than this response has.' }),
    })
    .meta({ id: 'Coverage' })
})

const showCoverage = defineEndpoint({
  method: 'get',
  path: '/coverage',
  access: 'readToken',
  hasPage: true,
  operationId: 'showCoverage',
  tag: 'Reports',
  summary: 'Compare the webhook with Yespo’s API',
  description:
    'Only for time that was synced from the API: `share` is 1 if the webhook confirmed all events that the API has. Events that only the API had are stored, too.',
  query: coverageQuery,
  response: coverageSchema,
  async handle({ env, query }) {
    const until = query.until ?? Date.now()
    const span = { since: query.since ?? until - DAYS * DAY_MS, until }
    checkPeriod(span)
    const isDaily = query.by === 'day'
    const past = { since: span.since, until: Math.min(span.until, Date.now()) }
    const [{ lines, complete }, compared] = await Promise.all([
      readCoverage(env.DB, span, isDaily ? DAY_MS : HOUR_MS),
      countComparedHours(env.DB, past),
    ])
    const hours = {
      past: Math.max(0, Math.ceil(past.until / HOUR_MS) - Math.floor(past.since / HOUR_MS)),
      compared,
    }
    const coverage = [...Map.groupBy(lines, ({ time }) => time)].map(([start, kinds]) => ({
      time: new Date(start).toISOString().slice(0, isDaily ? 10 : 16),
      start,
      ...rate(addUp(kinds)),
      kinds: kinds.map(({ time: _time, mediaType, ...kind }) => ({
        ...kind,
        mediaType: mediaType || null,
      })),
    }))
    return { coverage, total: rate(addUp(lines)), hours, complete }
  },
})

export const coverageEndpoints = [showCoverage]
