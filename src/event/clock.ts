import { isExactNumber } from './exact-number.ts'
import { isTimeZone, offsetAt } from './time-zone.ts'

/** Milliseconds. Days begin at a quarter of an hour in some time zones. */
export const MINUTE_MS = 60_000
export const QUARTER_MS = 15 * MINUTE_MS
export const HOUR_MS = 4 * QUARTER_MS
export const DAY_MS = 24 * HOUR_MS
/** Time zones differ by at most 26 hours: a time further ahead than that is not explained by a zone. */
export const MAX_AHEAD_MS = 26 * HOUR_MS

const TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:T| +)(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)? *(?:(Z|UTC|GMT)|(?:UTC|GMT)?([+-]\d\d)(?::?(\d\d))?)?$/i

/** Yespo's own format: whole seconds, no zone. */
const YESPO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d$/

const DIGITS = /^\d+(?:\.\d+)?$/
// Thirteen digits are milliseconds since 1970, ten are seconds: both from 2001 to 2286. Any other number
// may be a date without dashes.
const MIN_EPOCH_MS = 1e12
const MIN_EPOCH_S = 1e9

// Events come in bunches of the same minute, and clocks never change within a minute.
const MAX_CACHED_MINUTES = 1_000
const minutes = new Map<string, number>()

/**
 * UTC milliseconds of a time: a text as Yespo writes it, `2023-09-14T08:30:03`, or the time since 1970 in
 * milliseconds or seconds, as a number or its digits. Blanks around it do not matter.
 *
 * A time with `Z`, `UTC`, `GMT` or an offset is taken as such. One without is local time in `zone`: a time that
 * is skipped in spring counts as an hour later, one that comes twice in autumn as the first.
 *
 * @param zone an IANA name
 * @returns undefined if it is not a time, or does not exist (31 February)
 */
export function toUtc(time: unknown, zone: string): number | undefined {
  if (typeof time === 'string') return readText(time, zone)
  if (typeof time === 'number') return readEpoch(time)
  return isExactNumber(time) ? readEpoch(Number(time.rawJSON)) : undefined
}

function readEpoch(time: number): number | undefined {
  if (time >= MIN_EPOCH_MS && time < 10 * MIN_EPOCH_MS) return Math.floor(time)
  return time >= MIN_EPOCH_S && time < 10 * MIN_EPOCH_S
    ? Math.floor(Math.round(time * 1e6) / 1e3)
    : undefined
}

function readText(text: string, zone: string): number | undefined {
  if (!YESPO_TIME.test(text)) {
    const trimmed = text.trim()
    return DIGITS.test(trimmed) ? readEpoch(Number(trimmed)) : convert(trimmed, zone)
  }
  const minute = `${text.slice(0, 16)}${zone}`
  let start = minutes.get(minute)
  if (start === undefined) {
    start = convert(text.slice(0, 16), zone)
    if (start === undefined) return undefined
    if (minutes.size >= MAX_CACHED_MINUTES) minutes.clear()
    minutes.set(minute, start)
  }
  return start + Number(text.slice(17)) * 1000
}

/**
 * The second moment of a local time that comes twice, in autumn: UTC milliseconds; `toUtc` returns the first.
 * Undefined if there is only one, or none.
 */
export function secondMeaning(time: unknown, zone: string): number | undefined {
  if (typeof time !== 'string') return undefined
  const second = convert(time.trim(), zone, 'last')
  return second === toUtc(time, zone) ? undefined : second
}

/** @param choice of the two moments of a local time that comes twice */
function convert(text: string, zone: string, choice: 'first' | 'last' = 'first') {
  const match = TIME.exec(text)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second = '00', fraction = '', utc, offset, minutes] =
    match
  const milliseconds = fraction.slice(0, 3).padEnd(3, '0')
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}Z`
  const local = Date.parse(iso)
  // `Date` takes 31 February for 3 March.
  if (Number.isNaN(local) || new Date(local).toISOString() !== iso) return undefined
  if (utc !== undefined) return local
  if (offset !== undefined) return subtractOffset(local, offset, minutes)
  return isTimeZone(zone) ? fromLocal(local, zone, choice) : undefined
}

/** @param hours with a sign, such as `-05` */
function subtractOffset(local: number, hours: string, minutes = '00'): number | undefined {
  if (Math.abs(Number(hours)) > 23 || Number(minutes) > 59) return undefined
  const length = Math.abs(Number(hours)) * HOUR_MS + Number(minutes) * MINUTE_MS
  return hours.startsWith('-') ? local + length : local - length
}

/** The moment of a local time; both are in milliseconds since 1970, by a clock of the zone and of UTC. */
function fromLocal(local: number, zone: string, choice: 'first' | 'last'): number {
  // Zones are at most a day away from UTC, and change rarely enough for one change in between.
  const before = offsetAt(local - DAY_MS, zone)
  const after = offsetAt(local + DAY_MS, zone)
  const moments = [local - before, local - after].filter(
    (moment) => moment + offsetAt(moment, zone) === local,
  )
  // Clocks skip a time that has no moment: it counts by the offset before.
  if (moments.length === 0) return local - before
  return choice === 'first' ? Math.min(...moments) : Math.max(...moments)
}

/** The start of the UTC hour that a moment is in: UTC milliseconds. */
export function startOfHour(time: number): number {
  return Math.floor(time / HOUR_MS) * HOUR_MS
}
