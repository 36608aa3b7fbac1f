import * as z from 'zod'
import { countCauses, groupCauses, type CauseCount } from '../db/reports/bounce-causes.ts'
import { countBounces, type BounceCount, type DescribedBounces } from '../db/reports/bounces.ts'
import { causeOf } from '../event/bounce/cause.ts'
import { CAUSE_NAMES, type CauseName } from '../event/bounce/causes.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { moment } from '../http/response-fields.ts'
import { exampleOf, keyOfReason, reasonOf } from '../event/bounce/reason.ts'
import { describeCause } from '../language/causes.ts'
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
  const cause = z.enum(CAUSE_NAMES)
  const causes = counts.extend({
    cause,
    title: z.string(),
    meaning: z.string(),
    advice: z.string().meta({ description: 'What to do about it.' }),
    share: z.number().meta({ description: 'Of all events in this list: from 0 to 1.' }),
  })
  return counts
    .extend({
      causes: z.array(causes).meta({
        description:
          'All bounces of the hours that the period touches, also archived ones. The lines below have only those still in the database.',
      }),
      reasons: z.array(
        counts.extend({ reason, cause: cause.meta({ description: 'Of most of them.' }), example }),
      ),
      domains: z.array(counts.extend({ domain: z.string().nullable() })),
      leftOut: z
        .strictObject({ reasons: z.int(), domains: z.int() })
        .meta({ description: 'The number of lines beyond `limit`.' }),
      scanned: z.strictObject({
        since: moment('The oldest bounce that was read for `reasons` and `domains`').nullable(),
        waitingHours: z.int().meta({
          description:
            'Hours of the period whose bounces are not, or not all, in `causes` yet: see `rollups` in `/status`.',
        }),
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
  summary: 'Bounces by cause, reason and domain',
  description: 'Most frequent first, without addresses.',
  query: bouncesQuery,
  response: bouncesSchema,
  async handle({ env, query }) {
    const { since = ALWAYS.since, until = ALWAYS.until, limit: lines } = query
    const filter = toCampaignFilter(query)
    const [{ causes, waitingHours, ...counted }, found] = await Promise.all([
      countCauses(env.DB, filter, { since, until }),
      countBounces(env.DB, filter, { since, until }),
    ])
    const { events, hard, soft, oldest } = found
    const reasons = groupReasons(found.descriptions)
    const domains = found.domains.map(({ value: domain, ...counts }) => ({ domain, ...counts }))
    const leftOut = {
      reasons: Math.max(0, reasons.length - lines),
      domains: Math.max(0, domains.length - lines),
    }
    const isComplete = found.complete && counted.complete
    const complete = isComplete && leftOut.reasons === 0 && leftOut.domains === 0
    return {
      events,
      hard,
      soft,
      causes: explainCauses(causes),
      reasons: reasons.slice(0, lines),
      domains: domains.slice(0, lines),
      leftOut,
      scanned: { since: oldest, waitingHours, complete },
    }
  },
})

export const bounceEndpoints = [showBounces]

/** Causes in words, with their shares. */
function explainCauses(causes: readonly CauseCount[]) {
  const all = causes.reduce((sum, { events }) => sum + events, 0)
  return causes.map(({ cause, ...counts }) => {
    const { title, meaning, advice } = describeCause(cause)
    const share = Math.round((counts.events / all) * 10_000) / 10_000
    return { cause, title, meaning, advice, ...counts, share }
  })
}

/** Bounces for one reason, with the cause of most of them; the reason is null if none is given. */
export type Reason = Omit<BounceCount, 'value'> & {
  reason: string | null
  cause: CauseName
  example: string | null
}

/** A line for each reason, most frequent first. */
export function groupReasons(descriptions: readonly DescribedBounces[]): Reason[] {
  const described = descriptions.map((counts) => {
    const reason = reasonOf(counts.value ?? '') || null
    return { ...counts, reason, cause: causeOf(counts.value, counts.mediaType) }
  })
  const reasons = Map.groupBy(described, ({ reason }) => reason && keyOfReason(reason))
  return [...reasons.values()]
    .map((own) => {
      // The most frequent text comes first, and is the example.
      const reason = own[0]?.reason ?? null
      const example = exampleOf(own[0]?.value ?? '') || null
      const cause = groupCauses(own)[0]?.cause ?? 'unknown'
      const sum = (name: 'events' | 'hard' | 'soft') =>
        own.reduce((total, counts) => total + counts[name], 0)
      return { reason, cause, example, events: sum('events'), hard: sum('hard'), soft: sum('soft') }
    })
    .sort((a, b) => b.events - a.events)
}
