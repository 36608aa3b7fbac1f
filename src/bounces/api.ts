import * as z from 'zod'
import { countBounces, type BounceCount } from '../db/reports/bounces.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { moment } from '../http/response-fields.ts'
import { exampleOf, keyOfReason, reasonOf } from '../event/bounce/reason.ts'
import { limit, period, perZone } from '../http/query-fields.ts'
import { ALWAYS, campaignFields, toCampaignFilter } from '../reports/api.ts'

/** Query parameters of `GET /reports/bounces`. */
const bouncesQuery = perZone((zone) =>
  z.strictObject({ ...period(zone), ...campaignFields(), limit: limit(200, 20) }),
)

const bouncesSchema = lazily(() => {
  const counts = z.strictObject({
    events: z.int(),
    hard: z.int().meta({ description: 'Permanent ones, such as of an unknown mailbox.' }),
    soft: z.int().meta({ description: 'Temporary ones, such as of a full mailbox.' }),
  })
  const reason = z.string().nullable().meta({
    description:
      'The SMTP enhanced status code; if there is none, or it is unspecific (`5.0.0`), the text. Servers, tickets, addresses, names and times are replaced by an ellipsis.',
  })
  const example = z
    .string()
    .nullable()
    .meta({ description: 'The most frequent text, without personal data.' })
  return counts
    .extend({
      reasons: z.array(counts.extend({ reason, example })),
      domains: z.array(counts.extend({ domain: z.string().nullable() })),
      leftOut: z
        .strictObject({ reasons: z.int(), domains: z.int() })
        .meta({ description: 'The number of lines beyond `limit`.' }),
      scanned: z.strictObject({
        since: moment('The oldest bounce that was read').nullable(),
        complete: z.boolean().meta({
          description:
            'False if there are more bounces than one request reads (choose a shorter period), or more lines than `limit`.',
        }),
      }),
    })
    .meta({ id: 'Bounces' })
})

const showBounces = defineEndpoint({
  method: 'get',
  path: '/reports/bounces',
  access: 'readToken',
  operationId: 'bouncesReport',
  tag: 'Reports',
  summary: 'Bounces by reason and by domain',
  description: 'Most frequent first, without addresses.',
  query: bouncesQuery,
  response: bouncesSchema,
  async handle({ env, query }) {
    const { since = ALWAYS.since, until = ALWAYS.until, limit: lines } = query
    const found = await countBounces(env.DB, toCampaignFilter(query), { since, until })
    const { events, hard, soft, oldest } = found
    const reasons = groupReasons(found.descriptions)
    const domains = found.domains.map(({ value: domain, ...counts }) => ({ domain, ...counts }))
    const leftOut = {
      reasons: Math.max(0, reasons.length - lines),
      domains: Math.max(0, domains.length - lines),
    }
    const complete = found.complete && leftOut.reasons === 0 && leftOut.domains === 0
    return {
      events,
      hard,
      soft,
      reasons: reasons.slice(0, lines),
      domains: domains.slice(0, lines),
      leftOut,
      scanned: { since: oldest, complete },
    }
  },
})

export const bounceEndpoints = [showBounces]

/** Bounces for one reason; null if none is given. */
export type Reason = Omit<BounceCount, 'value'> & { reason: string | null; example: string | null }

/** A line for each reason, most frequent first. */
export function groupReasons(descriptions: readonly BounceCount[]): Reason[] {
  const reasons = new Map<string | null, Reason>()
  // The most frequent text comes first, and is the example.
  for (const { value, events, hard, soft } of descriptions) {
    const reason = reasonOf(value ?? '') || null
    const key = reason && keyOfReason(reason)
    const known = reasons.get(key)
    if (known) {
      known.events += events
      known.hard += hard
      known.soft += soft
    } else {
      const example = exampleOf(value ?? '') || null
      reasons.set(key, { reason, example, events, hard, soft })
    }
  }
  return [...reasons.values()].sort((a, b) => b.events - a.events)
}
