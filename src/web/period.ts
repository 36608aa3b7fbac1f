import * as z from 'zod'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../event/clock.ts'
import { period } from '../http/query-fields.ts'
import { isReversed } from '../http/parse-query.ts'
import { HttpError } from '../platform/http-error.ts'
import { timeInLink, type Query } from './link.ts'

/** Periods that end now, by their names in an address; `bar` is what the last part of one is. */
export const LASTS = {
  hour: { name: 'Hour', ms: HOUR_MS, bar: MINUTE_MS },
  day: { name: 'Day', ms: DAY_MS, bar: HOUR_MS },
  week: { name: 'Week', ms: 7 * DAY_MS, bar: HOUR_MS },
  month: { name: 'Month', ms: 30 * DAY_MS, bar: DAY_MS },
} as const

export type Last = keyof typeof LASTS

/** A period as an address has it: one that ends now, or one from a time to another. */
export type Period = { last: Last | undefined; since: number; until: number }

/** What is asked for by a period. @param zone of times without one */
export function periodFields(zone: string) {
  const names = Object.keys(LASTS) as [Last, ...Last[]]
  return {
    last: z.enum(names, { error: `has to be one of ${names.join(', ')}` }).optional(),
    ...period(zone),
  }
}

/** @throws HttpError 400 if it ends before it begins */
export function toPeriod(
  query: { last?: Last | undefined; since?: number | undefined; until?: number | undefined },
  usual: Last,
): Period {
  const now = Date.now()
  if (query.since === undefined && query.until === undefined) {
    const last = query.last ?? usual
    const { ms, bar } = LASTS[last]
    // The bar of now has only begun, and counts as one.
    return { last, since: now - ms + bar, until: now }
  }
  const until = query.until ?? now
  const since = query.since ?? until - LASTS[usual].ms
  if (isReversed({ since, until })) throw reversedPeriod()
  return { last: undefined, since, until }
}

/** Refuses a period of a form that ends before it begins. */
export function reversedPeriod(): HttpError {
  return new HttpError(400, 'invalid_parameter', '“From” must be earlier than “to”.', {
    details: { parameter: 'since' },
  })
}

/** A period as the parameters of an address. */
export function periodQuery({ last, since, until }: Period): Query {
  return last ? { last } : { since: timeInLink(since), until: timeInLink(until) }
}
