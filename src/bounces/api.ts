import type { Context } from 'hono'
import * as z from 'zod'
import { readSettings } from '../settings/settings.ts'
import { countBounces, type BounceCount } from '../db/reports/bounces.ts'
import { respondJson } from '../http/event-json.ts'
import { exampleOf, keyOfReason, reasonOf } from '../event/bounce/reason.ts'
import { limit, period, perZone } from '../http/query-fields.ts'
import { parseQuery } from '../http/parse-query.ts'
import { ALWAYS, campaignFields, toCampaignFilter } from '../reports/api.ts'

/** What `GET /reports/bounces` is asked for. */
export const bouncesQuery = perZone((zone) =>
  z.strictObject({ ...period(zone), ...campaignFields(), limit: limit(200, 20) }),
)

/** `GET /reports/bounces`: why messages are not delivered, and to which domains. */
export async function showBounces({ env, req }: Context<{ Bindings: Env }>): Promise<Response> {
  const { timeZone } = readSettings(env)
  const query = parseQuery(bouncesQuery(timeZone), new URL(req.url).searchParams)
  const { since = ALWAYS.since, until = ALWAYS.until } = query
  const found = await countBounces(env.DB, toCampaignFilter(query), { since, until })
  const { events, hard, soft, oldest } = found
  const reasons = groupReasons(found.descriptions)
  const domains = found.domains.map(({ value, ...counts }) => ({ domain: value, ...counts }))
  const leftOut = {
    reasons: Math.max(0, reasons.length - query.limit),
    domains: Math.max(0, domains.length - query.limit),
  }
  const complete = found.complete && leftOut.reasons === 0 && leftOut.domains === 0
  return respondJson(
    JSON.stringify({
      events,
      hard,
      soft,
      reasons: reasons.slice(0, query.limit),
      domains: domains.slice(0, query.limit),
      leftOut,
      scanned: { since: oldest, complete },
    }),
  )
}

/** Bounces for one reason; null where none was given. */
export type Reason = Omit<BounceCount, 'value'> & { reason: string | null; example: string | null }

/** One line a reason, the most frequent first. */
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
