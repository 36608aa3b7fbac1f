import * as z from 'zod'
import { DAY_MS, toUtc } from '../event/clock.ts'
import { toLocalText } from '../event/time-zone.ts'
import { period } from '../http/query-fields.ts'
import { isReversed } from '../http/parse-query.ts'
import { timeInLink, type Query } from './link.ts'
import { PageError } from './page-error.ts'

/** Periods by their names in URLs: days and months of the viewer's calendar, the current one until now. */
export const PERIOD_NAMES = [
  'today',
  'yesterday',
  '7days',
  '30days',
  'week',
  'lastweek',
  'month',
  'lastmonth',
  'quarter',
] as const

export type PeriodName = (typeof PERIOD_NAMES)[number]

/** The period of a page, in UTC milliseconds; `until` is not included. */
export type Period = {
  since: number
  until: number
  /** Its name, if it has one. */
  name?: PeriodName
  /** Its days, if it was chosen as such. */
  days?: Days
}

/** The first and the last day of a period: `2026-11-25`. */
export type Days = { first: string; last: string }

type PeriodQuery = {
  period?: PeriodName | undefined
  first?: string | undefined
  last?: string | undefined
  since?: number | undefined
  until?: number | undefined
}

/** A day of a calendar as UTC milliseconds of its midnight in UTC. */
type Day = number

const day = z
  .string()
  .regex(/^[12]\d{3}-\d\d-\d\d$/, 'must be a day such as 2026-11-25')
  .refine((text) => nameDay(Date.parse(text)) === text, 'must be a day of the calendar')
  .optional()

/** The parameters for a period: a name, days, or moments. @param zone of times without one */
export function periodFields(zone: string) {
  return {
    period: z.enum(PERIOD_NAMES, { error: `must be one of ${PERIOD_NAMES.join(', ')}` }).optional(),
    first: day,
    last: day,
    ...period(zone),
  }
}

/**
 * The period of a query.
 *
 * @param zone whose days are meant: an IANA name
 * @throws HttpError 400 if it ends before it begins
 */
export function toPeriod(query: PeriodQuery, defaultName: PeriodName, zone: string): Period {
  const now = Date.now()
  const today = dayOf(now, zone)
  if (query.since !== undefined || query.until !== undefined) {
    const until = query.until ?? now
    const since = query.since ?? until - 7 * DAY_MS
    if (isReversed({ since, until })) throw reversedPeriod('since')
    return { since, until }
  }
  if (query.first !== undefined || query.last !== undefined) {
    const last = query.last ?? nameDay(today)
    const first = query.first ?? last
    if (first > last) throw reversedPeriod('first')
    return { ...toMoments(Date.parse(first), Date.parse(last), zone), days: { first, last } }
  }
  const name = query.period ?? defaultName
  const [first, last] = daysOf(name, today)
  const { since, until } = toMoments(first, last, zone)
  return { since, until: Math.min(until, now), name }
}

/** The first and last day of a named period. */
function daysOf(name: PeriodName, today: Day): [first: Day, last: Day] {
  const date = new Date(today)
  const monday = today - ((date.getUTCDay() + 6) % 7) * DAY_MS
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  switch (name) {
    case 'today':
      return [today, today]
    case 'yesterday':
      return [today - DAY_MS, today - DAY_MS]
    case '7days':
      return [today - 6 * DAY_MS, today]
    case '30days':
      return [today - 29 * DAY_MS, today]
    case 'week':
      return [monday, today]
    case 'lastweek':
      return [monday - 7 * DAY_MS, monday - DAY_MS]
    case 'month':
      return [Date.UTC(year, month, 1), today]
    case 'lastmonth':
      return [Date.UTC(year, month - 1, 1), Date.UTC(year, month, 0)]
    case 'quarter':
      return [Date.UTC(year, month - (month % 3), 1), today]
  }
}

function toMoments(first: Day, last: Day, zone: string) {
  return { since: startOf(first, zone), until: startOf(last + DAY_MS, zone) }
}

/** The first moment of a day in a zone: UTC milliseconds. */
function startOf(day: Day, zone: string): number {
  return toUtc(`${nameDay(day)}T00:00`, zone) ?? day
}

function dayOf(time: number, zone: string): Day {
  return Date.parse(toLocalText(time, zone).slice(0, 10))
}

function nameDay(day: Day): string {
  return Number.isNaN(day) ? '' : new Date(day).toISOString().slice(0, 10)
}

/** The days of a period in a zone. */
export function listDays({ since, until }: Period, zone: string): Days {
  const end = Math.max(since, until - 1)
  return { first: nameDay(dayOf(since, zone)), last: nameDay(dayOf(end, zone)) }
}

/** How many months before a named period the one before it begins. */
const MONTHS_BEFORE: Readonly<Partial<Record<PeriodName, number>>> = {
  month: 1,
  lastmonth: 1,
  quarter: 3,
}

/** How many days before each of the others. */
const DAYS_BEFORE: Readonly<Partial<Record<PeriodName, number>>> = {
  today: 1,
  yesterday: 1,
  '7days': 7,
  '30days': 30,
  week: 7,
  lastweek: 7,
}

/**
 * The period before, to compare with: of a period that still goes on, only as much of it; by the clocks of the zone.
 */
export function periodBefore({ name, days, since, until }: Period, zone: string): Period {
  const months = name && MONTHS_BEFORE[name]
  if (months !== undefined) {
    const first = new Date(dayOf(since, zone))
    const start = startOf(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() - months, 1), zone)
    const end = name === 'lastmonth' ? since : Math.min(since, start + (until - since))
    return { since: start, until: end }
  }
  const length = days
    ? (Date.parse(days.last) - Date.parse(days.first)) / DAY_MS + 1
    : name && DAYS_BEFORE[name]
  if (length === undefined) return { since: since - (until - since), until: since }
  return { since: daysBefore(since, length, zone), until: daysBefore(until, length, zone) }
}

/** A time so many days before, at the same hour of the clock. */
function daysBefore(time: number, days: number, zone: string): number {
  const local = new Date(Date.parse(`${toLocalText(time, zone)}Z`) - days * DAY_MS)
  return toUtc(local.toISOString().slice(0, 19), zone) ?? time - days * DAY_MS
}

/** The error for a form whose period ends before it begins. */
export function reversedPeriod(parameter = 'since'): PageError {
  return new PageError(400, 'invalid_parameter', 'error.reversedPeriod', { parameter })
}

/** A period as parameters of a URL. */
export function periodQuery({ name, days, since, until }: Period): Query {
  if (name) return { period: name }
  return days ?? { since: timeInLink(since), until: timeInLink(until) }
}
