import * as z from 'zod'
import { MAX_AHEAD_MS } from '../../event/clock.ts'
import { normalizeDomain } from '../../event/identifier.ts'
import { keyOfReason } from '../../event/bounce/reason.ts'
import { endsWithNow } from '../../db/events/dated-ahead.ts'
import { cursor, filterFields, perZone, text, toFilter } from '../../http/query-fields.ts'
import { invalidParameter, isReversed } from '../../http/parse-query.ts'
import type { Filter } from '../../db/events/filter.ts'
import type { StoredActivity } from '../../db/stored-activity.ts'
import { bounceReasonOf, domainOf } from '../../web/event-text.ts'
import { timeInLink, toQuery, type Query } from '../../web/link.ts'
import { LASTS, periodFields, reversedPeriod } from '../../web/period.ts'
import { readPageQuery } from '../../web/page-query.ts'

const PERSONAL = ['email', 'sms', 'webpush', 'mobilepush', 'externalCustomerId'] as const
const PERHAPS_PERSONAL = ['sourceEventKey', 'clickEventLink'] as const

/** The parameters of `GET /recent`. @param zone of times without one */
export const recentQuery = perZone((zone) => {
  const {
    email: _email,
    sms: _sms,
    webpush: _webpush,
    mobilepush: _mobilepush,
    externalCustomerId: _externalCustomerId,
    sourceEventKey: _sourceEventKey,
    clickEventLink: _clickEventLink,
    ...fields
  } = filterFields()
  return z.strictObject({
    ...fields,
    ...periodFields(zone),
    reason: text.optional(),
    hasReason: z.enum(['true', 'false'], { error: 'has to be true or false' }).optional(),
    domain: text.optional(),
    cursor: cursor.optional(),
  })
})

type Asked = z.output<ReturnType<typeof recentQuery>>

/** Which events a page is asked for. */
export type Wanted = {
  filter: Filter
  /** What the table cannot be asked for. */
  fits: ((activity: StoredActivity) => boolean) | undefined
  after: Asked['cursor']
  /** The parameters as an address has them, without the place in the list. */
  query: Query
  /** Whether events that are dated further ahead than any time zone are left out, as they would be first for years. */
  isUpToNow: boolean
}

/**
 * @param zone of times without one
 * @throws HttpError 400 that names the parameter which is wrong, or which would be personal data
 */
export function readFilter(url: string, zone: string): Wanted {
  rejectPersonal(new URL(url).searchParams)
  const { cursor: after, ...asked } = readPageQuery(recentQuery(zone), url)
  if (asked.since !== undefined || asked.until !== undefined) delete asked.last
  const filter = toEventFilter(asked)
  const fits = toSieve(asked)
  const query = toPageQuery(asked)
  const now = Date.now()
  const end = now + MAX_AHEAD_MS
  const isUpToNow = endsWithNow(filter, now)
  return { filter: isUpToNow ? { ...filter, until: end } : filter, fits, after, query, isUpToNow }
}

function rejectPersonal(given: URLSearchParams): void {
  const personal = PERSONAL.find((name) => given.has(name))
  if (personal !== undefined) {
    throw invalidParameter(
      personal,
      'is personal data, which no address of a page holds: look for it on the page Contact',
    )
  }
  const perhaps = PERHAPS_PERSONAL.find((name) => given.has(name))
  if (perhaps !== undefined) {
    throw invalidParameter(
      perhaps,
      'may be personal data, which no address of a page holds: ask GET /activity of the API for it',
    )
  }
}

/** What only bounces have. */
const OF_BOUNCES = ['reason', 'hasReason', 'domain'] as const

function toEventFilter(asked: Omit<Asked, 'cursor'>): Filter {
  const { last, reason: _reason, hasReason: _hasReason, domain: _domain, ...values } = asked
  if (isReversed(asked)) throw reversedPeriod()
  if (last !== undefined) values.since = Date.now() - LASTS[last].ms
  const name = OF_BOUNCES.find((each) => asked[each] !== undefined)
  if (name !== undefined) {
    values.activityStatus ??= ['UNDELIVERED']
    if ([values.activityStatus].flat().join() !== 'UNDELIVERED') {
      throw invalidParameter(name, 'can be asked for only with the status UNDELIVERED')
    }
  }
  return toFilter(values)
}

function toSieve(asked: Omit<Asked, 'cursor'>): Wanted['fits'] {
  if (OF_BOUNCES.every((name) => asked[name] === undefined)) return undefined
  const { reason, hasReason } = asked
  const key = reason === undefined ? undefined : keyOfReason(reason)
  const domain = asked.domain === undefined ? undefined : normalizeDomain(asked.domain)
  return (activity) => {
    const its = bounceReasonOf(activity)
    return (
      (key === undefined || (its !== undefined && keyOfReason(its) === key)) &&
      (hasReason === undefined || String(its !== undefined) === hasReason) &&
      (domain === undefined || domainOf(activity) === domain)
    )
  }
}

function toPageQuery({ label, since, until, ...values }: Omit<Asked, 'cursor'>): Query {
  return {
    ...toQuery(values),
    label: label?.slice(0, 2).join(':'),
    since: since === undefined ? undefined : timeInLink(since),
    until: until === undefined ? undefined : timeInLink(until),
  }
}
