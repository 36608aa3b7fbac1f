import * as z from 'zod'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../event/clock.ts'
import { period } from '../http/query-fields.ts'
import { isReversed } from '../http/parse-query.ts'
import { HttpError } from '../platform/http-error.ts'
import { timeInLink, type Query } from './link.ts'

/** Periods that end now, by their names in URLs; `bar` is the length of a bar of their chart. */
export const LASTS = {
  hour: { name: 'Hour', ms: HOUR_MS, bar: MINUTE_MS },
  day: { name: 'Day', ms: DAY_MS, bar: HOUR_MS },
  week: { name: 'Week', ms: 7 * DAY_MS, bar: HOUR_MS },
  month: { name: 'Month', ms: 30 * DAY_MS, bar: DAY_MS },
} as const

type Last = keyof typeof LASTS

/** The period of a page: `last` if it ends now. */
export type Period = { last: Last | undefined; since: number; until: number }

/** The parameters for a period. @param zone of times without one */
export function periodFields(zone: string) {
  const names = Object.keys(LASTS) as [Last, ...Last[]]
  return {
    last: z.enum(names, { error: `must be one of ${names.join(', ')}` }).optional(),
    ...period(zone),
  }
}

/** The period of a query. @throws HttpError 400 if it ends before it begins */
export function toPeriod(
  query: { last?: Last | undefined; since?: number | undefined; until?: number | undefined },
  defaultLast: Last,
): Period {
  const now = Date.now()
  if (query.since === undefined && query.until === undefined) {
    const last = query.last ?? defaultLast
    const { ms, bar } = LASTS[last]
    // The current bar has only begun, and counts as one.
    return { last, since: now - ms + bar, until: now }
  }
  const until = query.until ?? now
  const since = query.since ?? until - LASTS[defaultLast].ms
  if (isReversed({ since, until })) throw reversedPeriod()
  return { last: undefined, since, until }
}

/** The error for a form whose period ends before it begins. */
export function reversedPeriod(): HttpError {
  return new HttpError(400, 'invalid_parameter', '“From” must be earlier than “to”.', {
    details: { parameter: 'since' },
  })
}

/** A period as parameters of a URL. */
export function periodQuery({ last, since, until }: Period): Query {
  return last ? { last } : { since: timeInLink(since), until: timeInLink(until) }
}
