import * as Instant from 'temporal-polyfill/fns/Instant'
import * as ZonedDateTime from 'temporal-polyfill/fns/ZonedDateTime'
import { offsetAt } from './time-zone.ts'

// workerd has no Temporal yet; the polyfill has the standard's names, so the native one can replace it.

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
    offset: offsetAt(time, zone),
  }
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
