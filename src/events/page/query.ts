import * as z from 'zod'
import { MAX_AHEAD_MS } from '../../event/clock.ts'
import { normalizeDomain } from '../../event/identifier.ts'
import { keyOfReason } from '../../event/bounce/reason.ts'
import { endsWithNow } from '../../db/events/dated-ahead.ts'
import { cursor, filterFields, perZone, text, toFilter } from '../../http/query-fields.ts'
import { invalidParameter, isReversed } from '../../http/parse-query.ts'
import { PageError } from '../../web/page-error.ts'
import type { Filter } from '../../db/events/filter.ts'
import { bounceReasonOf, domainOf } from '../../web/event-text.ts'
import { timeInLink, toQuery, type Query } from '../../web/link.ts'
import { periodFields, reversedPeriod, toPeriod } from '../../web/period.ts'
import { readPageQuery } from '../../web/page-query.ts'
import type { Sieve } from './find-events.ts'

/** Parameters that are or may be personal data, which is never in a page's URL, with advice on what to do instead. */
const PERSONAL = {
  email: true,
  sms: true,
  webpush: true,
  mobilepush: true,
  externalCustomerId: true,
  sourceEventKey: true,
  clickEventLink: true,
} as const

/** The parameters of `GET /recent`. @param zone of times without one */
export const recentQuery = perZone((zone) =>
  z
    .strictObject(filterFields())
    .omit(PERSONAL)
    .extend({
      ...periodFields(zone),
      reason: text.optional(),
      hasReason: z.enum(['true', 'false'], { error: 'must be true or false' }).optional(),
      domain: text.optional(),
      cursor: cursor.optional(),
    }),
)

type Parameters = z.output<ReturnType<typeof recentQuery>>

/** The query of a list of events. */
export type RecentQuery = {
  filter: Filter
  sieve: Sieve | undefined
  after: Parameters['cursor']
  /** The parameters for URLs, without the cursor. */
  query: Query
  /** Whether to leave out events dated further ahead than any time zone explains: they would stay first for years. */
  isUpToNow: boolean
}

/**
 * Reads the query of a list of events.
 *
 * @param zone of times without one
 * @throws HttpError 400 that names the parameter that is invalid, or personal data
 */
export function readRecentQuery(url: string, zone: string): RecentQuery {
  rejectPersonal(new URL(url).searchParams)
  const { cursor: after, ...parameters } = readPageQuery(recentQuery(zone), url)
  const filter = toEventFilter(parameters, zone)
  const now = Date.now()
  const isUpToNow = endsWithNow(filter, now)
  return {
    filter: isUpToNow ? { ...filter, until: now + MAX_AHEAD_MS } : filter,
    sieve: toSieve(parameters),
    after,
    query: toPageQuery(parameters),
    isUpToNow,
  }
}

function rejectPersonal(query: URLSearchParams): void {
  const parameter = Object.keys(PERSONAL).find((name) => query.has(name))
  if (parameter === undefined) return
  const isUncertain = parameter === 'sourceEventKey' || parameter === 'clickEventLink'
  const key = isUncertain ? 'events.maybePersonal' : 'events.personal'
  throw new PageError(400, 'invalid_parameter', key, { parameter })
}

/** Parameters that only bounces have. */
const OF_BOUNCES = ['reason', 'hasReason', 'domain'] as const

function toEventFilter(parameters: Omit<Parameters, 'cursor'>, zone: string): Filter {
  const {
    period,
    first,
    last,
    reason: _reason,
    hasReason: _hasReason,
    domain: _domain,
    ...values
  } = parameters
  if ([period, first, last].some((each) => each !== undefined)) {
    const { since, until } = toPeriod(parameters, '7days', zone)
    Object.assign(values, { since, until })
  } else if (isReversed(parameters)) throw reversedPeriod()
  const name = OF_BOUNCES.find((each) => parameters[each] !== undefined)
  if (name !== undefined) {
    values.activityStatus ??= ['UNDELIVERED']
    if ([values.activityStatus].flat().join() !== 'UNDELIVERED') {
      throw invalidParameter(name, 'requires the status UNDELIVERED')
    }
  }
  return toFilter(values)
}

function toSieve(parameters: Omit<Parameters, 'cursor'>): Sieve | undefined {
  if (OF_BOUNCES.every((name) => parameters[name] === undefined)) return undefined
  const { reason, hasReason } = parameters
  const key = reason === undefined ? undefined : keyOfReason(reason)
  const domain = parameters.domain === undefined ? undefined : normalizeDomain(parameters.domain)
  return (event) => {
    const bounceReason = bounceReasonOf(event)
    return (
      (key === undefined || (bounceReason !== undefined && keyOfReason(bounceReason) === key)) &&
      (hasReason === undefined || String(bounceReason !== undefined) === hasReason) &&
      (domain === undefined || domainOf(event) === domain)
    )
  }
}

function toPageQuery({ label, since, until, ...values }: Omit<Parameters, 'cursor'>): Query {
  return {
    ...toQuery(values),
    label: label?.slice(0, 2).join(':'),
    since: since === undefined ? undefined : timeInLink(since),
    until: until === undefined ? undefined : timeInLink(until),
  }
}
