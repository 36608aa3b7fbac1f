import * as Instant from 'temporal-polyfill/fns/Instant'
import * as PlainDateTime from 'temporal-polyfill/fns/PlainDateTime'
import * as ZonedDateTime from 'temporal-polyfill/fns/ZonedDateTime'
import { isExactNumber } from './exact-number.ts'

/** Milliseconds. Days begin at a quarter of an hour in some time zones. */
export const MINUTE_MS = 60_000
export const QUARTER_MS = 15 * MINUTE_MS
export const HOUR_MS = 4 * QUARTER_MS
export const DAY_MS = 24 * HOUR_MS
/** Time zones differ by at most 26 hours: a time further ahead than that is not explained by a zone. */
export const MAX_AHEAD_MS = 26 * HOUR_MS

// workerd has no Temporal yet; the polyfill has the standard's names, so the native one can replace it.

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
  const second = typeof time === 'string' ? convert(time.trim(), zone, 'later') : undefined
  return second === toUtc(time, zone) ? undefined : second
}

function convert(
  text: string,
  zone: string,
  disambiguation: 'compatible' | 'later' = 'compatible',
): number | undefined {
  const match = TIME.exec(text)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second = 0, fraction = '', utc, offset, offsetMinute] =
    match
  const ownZone = offset ? `${offset}:${offsetMinute ?? '00'}` : utc && 'UTC'
  try {
    const local = PlainDateTime.create(
      Number(year),
      Number(month),
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
      Number(fraction.slice(0, 3).padEnd(3, '0')),
    )
    return PlainDateTime.toZonedDateTime(local, ownZone ?? zone, { disambiguation })
      .epochMilliseconds
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** The start of the UTC hour that a moment is in: UTC milliseconds. */
export function startOfHour(time: number): number {
  return Math.floor(time / HOUR_MS) * HOUR_MS
}

/** Whether this is the name of a known time zone. */
export function isTimeZone(name: string): boolean {
  return convert('2000-01-01T00:00', name) !== undefined
}

/** A time span in which a zone's offset from UTC is constant; all in milliseconds. */
export type OffsetSpan = {
  since: number
  until: number
  /** How far local time is ahead of UTC. */
  offset: number
}

/** The span that a moment is in; without a known change, it has no end. */
export function findOffsetSpan(time: number, zone: string): OffsetSpan {
  const at = (moment: number) =>
    Instant.toZonedDateTimeISO(Instant.fromEpochMilliseconds(moment), zone)
  const previous = ZonedDateTime.getTimeZoneTransition(at(time + 1), 'previous')
  const next = ZonedDateTime.getTimeZoneTransition(at(time), 'next')
  return {
    since: previous?.epochMilliseconds ?? -Infinity,
    until: next?.epochMilliseconds ?? Infinity,
    offset: ZonedDateTime.offsetNanoseconds(at(time)) / 1e6,
  }
}

/** A moment as local time of a zone, in Yespo's format: `2023-09-14T08:30:03`. */
export function toLocalText(time: number, zone: string): string {
  return new Date(time + findOffsetSpan(time, zone).offset).toISOString().slice(0, 19)
}

/** The spans that a period consists of in a zone, without gaps. */
export function listOffsetSpans(since: number, until: number, zone: string): OffsetSpan[] {
  const spans: OffsetSpan[] = []
  for (let start = since; start < until; start = spans.at(-1)?.until ?? until) {
    const span = findOffsetSpan(start, zone)
    spans.push({ ...span, since: start, until: Math.min(until, span.until) })
  }
  return spans
}
