import * as Instant from 'temporal-polyfill/fns/Instant'
import * as PlainDateTime from 'temporal-polyfill/fns/PlainDateTime'
import * as ZonedDateTime from 'temporal-polyfill/fns/ZonedDateTime'
import { isExactNumber } from './exact-number.ts'

/** Milliseconds. Days begin at a quarter of an hour in some time zones. */
export const MINUTE_MS = 60_000
export const QUARTER_MS = 15 * MINUTE_MS
export const HOUR_MS = 4 * QUARTER_MS
export const DAY_MS = 24 * HOUR_MS
/** Time zones differ by 26 hours at most: what is dated further ahead than that is no matter of a zone. */
export const MAX_AHEAD_MS = 26 * HOUR_MS

// workerd has no Temporal yet; the polyfill has the standard's names, so the native one can replace it.

const TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:T| +)(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)? *(?:(Z|UTC|GMT)|(?:UTC|GMT)?([+-]\d\d)(?::?(\d\d))?)?$/i

/** What Yespo writes: whole seconds, no zone. */
const USUAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d$/

const DIGITS = /^\d+(?:\.\d+)?$/
// Thirteen digits are milliseconds since 1970, ten are seconds: both from 2001 to 2286. Any other number
// may be a date without its dashes.
const MIN_EPOCH_MS = 1e12
const MIN_EPOCH_S = 1e9

// Events come in bunches of the same minute, and the clocks never change in the middle of one.
const MAX_CACHED_MINUTES = 1_000
const minutes = new Map<string, number>()

/**
 * UTC milliseconds of a time: a text as Yespo writes it, `2023-09-14T08:30:03`, or the time since 1970 in
 * milliseconds or seconds, as a number or its digits. Blanks around it say nothing.
 *
 * A time with `Z`, `UTC`, `GMT` or an offset is believed. One without is local time in `zone`: what the
 * clocks skip in spring counts as an hour later, what they show twice in autumn as the first time.
 *
 * @param zone an IANA name
 * @returns undefined if it is no time, or one that does not exist (31 February)
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
  if (!USUAL.test(text)) {
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
 * The second moment that a time means if the clocks show it twice, in autumn: UTC milliseconds; the first
 * is what `toUtc` takes it for. Undefined if it has one meaning, or none.
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

/** When the hour of UTC began that a moment is in: UTC milliseconds. */
export function startOfHour(time: number): number {
  return Math.floor(time / HOUR_MS) * HOUR_MS
}

/** Whether times can be read in a time zone of this name. */
export function isTimeZone(name: string): boolean {
  return convert('2000-01-01T00:00', name) !== undefined
}

/** A stretch of time in which a zone's clocks stand still against UTC; all in milliseconds. */
export type OffsetSpan = {
  since: number
  until: number
  /** How far the clocks are ahead of UTC. */
  offset: number
}

/** The stretch that a moment is in; as far as nobody knows of a change, it is endless. */
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

/** A moment as the clocks of a zone show it, as Yespo writes times: `2023-09-14T08:30:03`. */
export function toLocalText(time: number, zone: string): string {
  return new Date(time + findOffsetSpan(time, zone).offset).toISOString().slice(0, 19)
}

/** The stretches that a period is made of in a zone, without gaps. */
export function listOffsetSpans(since: number, until: number, zone: string): OffsetSpan[] {
  const stretches: OffsetSpan[] = []
  for (let start = since; start < until; start = stretches.at(-1)?.until ?? until) {
    const stretch = findOffsetSpan(start, zone)
    stretches.push({ ...stretch, since: start, until: Math.min(until, stretch.until) })
  }
  return stretches
}
