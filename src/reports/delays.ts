import * as z from 'zod'
import { DELAY_BUCKETS, startOfBucket } from '../db/rollups/delay-buckets.ts'
import { countDelays, type DelayCount } from '../db/rollups/delays.ts'
import { readRollupState } from '../db/rollups/hours.ts'
import { toFullHours } from '../db/rollups/scan.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { period, perZone } from '../http/query-fields.ts'
import { campaignFields, describePeriod, periodSchema, toCampaignFilter, toPeriod } from './api.ts'
import { describeRolledUp, ROLLED_UP, rolledUpSchema } from './rolled-up.ts'

const PERCENTILES = [50, 75, 90] as const

const delaysQuery = perZone((zone) => z.strictObject({ ...period(zone), ...campaignFields() }))

const delaysSchema = lazily(() => {
  const seconds = z.int().nullable()
  const ofPeople = (percent: number) =>
    seconds.meta({ description: `${percent} % of them had read it so long after the delivery.` })
  return z
    .strictObject({
      period: periodSchema(),
      rolledUp: rolledUpSchema(),
      people: z.int().meta({
        description: 'People who read a message that was delivered, counted once per delivery.',
      }),
      seconds: z.strictObject({ p50: ofPeople(50), p75: ofPeople(75), p90: ofPeople(90) }).meta({
        description: 'Percentiles, to within 5 % or 3 seconds; null if no one read anything.',
      }),
      histogram: z
        .array(
          z.strictObject({
            from: z.int().meta({ description: 'Seconds after the delivery, included.' }),
            to: z.int().meta({ description: 'Seconds after the delivery, not included.' }),
            people: z.int(),
          }),
        )
        .meta({ description: 'Each span is about twice as long as the one before.' }),
    })
    .meta({ id: 'Delays' })
})

const showDelays = defineEndpoint({
  method: 'get',
  path: '/reports/delays',
  access: 'readToken',
  operationId: 'delaysReport',
  tag: 'Reports',
  summary: 'Time from delivery to reading',
  description: `How long after the delivery people read first, without machines. ${ROLLED_UP}`,
  query: delaysQuery,
  response: delaysSchema,
  async handle({ env, query }) {
    const counted = toFullHours(toPeriod(query))
    const [delays, state] = await Promise.all([
      countDelays(env.DB, toCampaignFilter(query), counted),
      readRollupState(env.DB),
    ])
    return {
      period: describePeriod(counted),
      rolledUp: describeRolledUp(state),
      ...describeDelays(delays),
    }
  },
})

export const delayEndpoints = [showDelays]

/** Percentiles and a histogram. @param delays by bucket, shortest first */
export function describeDelays(delays: readonly DelayCount[]) {
  const people = delays.reduce((sum, count) => sum + count.people, 0)
  const [p50, p75, p90] = PERCENTILES.map((percent) =>
    percentileOf(delays, (people * percent) / 100),
  )
  const doublings = Map.groupBy(delays, ({ bucket }) => Math.floor(bucket / DELAY_BUCKETS))
  const last = Math.max(-1, ...doublings.keys())
  const histogram = Array.from({ length: last + 1 }, (_, doubling) => ({
    from: startOfBucket(doubling * DELAY_BUCKETS),
    to: startOfBucket((doubling + 1) * DELAY_BUCKETS),
    people: (doublings.get(doubling) ?? []).reduce((sum, count) => sum + count.people, 0),
  }))
  return {
    people,
    seconds: { p50: p50 ?? null, p75: p75 ?? null, p90: p90 ?? null },
    histogram,
  }
}

/** The delay until so many had read: within a bucket, people are taken as evenly spread. */
function percentileOf(delays: readonly DelayCount[], rank: number): number | undefined {
  let before = 0
  for (const { bucket, people } of delays) {
    if (before + people >= rank) {
      return Math.round(startOfBucket(bucket + (rank - before) / people))
    }
    before += people
  }
  return undefined
}
