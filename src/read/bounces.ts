import type { Context } from 'hono'
import * as z from 'zod'
import { readSettings } from '../settings.ts'
import { countBounces, type BounceCount } from '../store/bounces.ts'
import { answerJson } from './activity-json.ts'
import { limit, period, perZone } from './fields.ts'
import { parseQuery } from './query.ts'
import { ALWAYS, campaignFields, toCampaignFilter } from './reports.ts'

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
  const { events, hard, soft, oldest, isWhole } = found
  const domains = found.domains.map(({ what, ...counts }) => ({ domain: what, ...counts }))
  return answerJson(
    JSON.stringify({
      ...{ events, hard, soft },
      reasons: groupReasons(found.descriptions).slice(0, query.limit),
      domains: domains.slice(0, query.limit),
      lookedAt: { since: oldest, isWhole },
    }),
  )
}

// RFC 3463: class, subject, detail; not a piece of an address such as 5.1.1.2.
const ENHANCED_CODE = /(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?!\d|\.\d)/

/** The reason in a server's words: its enhanced status code, or the words without what is one contact's. */
export function reasonOf(description: string): string {
  const code = ENHANCED_CODE.exec(description)?.[0]
  return code ?? withoutAddresses(description)
}

const QUOTED_NAME = /"[^"@]{1,64}"(?=@)/g
const ADDRESS = /@|%40/i
const LONG_NUMBER = /[+(]?\d[\d\s().-]{5,}\d/g
const MOST_DIGITS = 7 // of a reply code and an enhanced one; a phone number has more
const LONG_HEXADECIMAL = /[\da-f-]{12,}/gi

// What differs from contact to contact, and is nobody's business in a report.
function withoutAddresses(description: string): string {
  return description
    .replace(QUOTED_NAME, '')
    .split(/\s+/)
    .map((word) => (ADDRESS.test(word) ? '…' : word))
    .join(' ')
    .replace(LONG_HEXADECIMAL, '…')
    .replace(LONG_NUMBER, (digits) =>
      digits.replace(/\D/g, '').length > MOST_DIGITS ? '…' : digits,
    )
    .trim()
}

/** Bounces for one reason; null where none was given. */
export type Reason = Omit<BounceCount, 'what'> & { reason: string | null; example: string | null }

/** One line a reason, the most frequent first. */
export function groupReasons(descriptions: readonly BounceCount[]): Reason[] {
  const reasons = new Map<string | null, Reason>()
  // The most frequent text comes first, and is the example.
  for (const { what, events, hard, soft } of descriptions) {
    const reason = reasonOf(what ?? '') || null
    const known = reasons.get(reason)
    if (known) {
      known.events += events
      known.hard += hard
      known.soft += soft
    } else {
      const example = withoutAddresses(what ?? '') || null
      reasons.set(reason, { reason, example, events, hard, soft })
    }
  }
  return [...reasons.values()].sort((a, b) => b.events - a.events)
}
