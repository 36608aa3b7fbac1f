import { DAY_MS, HOUR_MS, toUtc } from '../../event/clock.ts'
import { LANGUAGES, type Language } from '../../language/languages.ts'
import { offsetAt } from '../../event/time-zone.ts'

/** A week from Monday to Sunday, by the clocks of a zone. */
export type Week = {
  /** Its Monday: `2026-11-23`. */
  monday: string
  /** UTC milliseconds; `until` is not included. */
  since: number
  until: number
}

const WEEK_MS = 7 * DAY_MS

// 1 January 1970 was a Thursday.
const MONDAY_MS = 4 * DAY_MS

/** The hour of a Monday at which the digest of the week before is due. */
const DUE_HOUR = 9

/**
 * The week that a day is in.
 *
 * @param date such as `2026-11-25`
 */
export function weekOf(date: string, zone: string): Week {
  const day = Date.parse(`${date}T00:00:00Z`)
  const monday = day - ((((day - MONDAY_MS) % WEEK_MS) + WEEK_MS) % WEEK_MS)
  const [since, until] = [monday, monday + WEEK_MS].map((time) => startOfDay(toDate(time), zone))
  return { monday: toDate(monday), since: since ?? monday, until: until ?? monday + WEEK_MS }
}

/** The week so many weeks before another. */
export function weeksBefore(weeks: number, { monday }: Week, zone: string): Week {
  return weekOf(toDate(Date.parse(`${monday}T00:00:00Z`) - weeks * WEEK_MS), zone)
}

/** The week before the one of a moment. @param now UTC milliseconds */
export function lastWeek(now: number, zone: string): Week {
  return weeksBefore(1, weekOf(toDate(now + offsetAt(now, zone)), zone), zone)
}

/** The newest week whose digest is due. @param now UTC milliseconds */
export function dueWeek(now: number, zone: string): Week {
  const week = lastWeek(now, zone)
  const today = toDate(week.until + offsetAt(week.until, zone))
  const due = toUtc(`${today}T0${DUE_HOUR}:00`, zone) ?? week.until + DUE_HOUR * HOUR_MS
  return now >= due ? week : weeksBefore(1, week, zone)
}

/** A week in words: `16–22 November 2026`. */
export function writeWeek({ monday }: Week, language: Language): string {
  const first = Date.parse(`${monday}T00:00:00Z`)
  const format = new Intl.DateTimeFormat(LANGUAGES[language].locale, {
    dateStyle: 'long',
    timeZone: 'UTC',
  })
  return format.formatRange(first, first + 6 * DAY_MS)
}

function startOfDay(date: string, zone: string): number | undefined {
  return toUtc(`${date}T00:00`, zone)
}

function toDate(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
