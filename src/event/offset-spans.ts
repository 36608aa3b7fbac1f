import { DAY_MS } from './clock.ts'
import { offsetAt } from './time-zone.ts'

/** A time span in which a zone's offset from UTC is constant; all in milliseconds. */
export type OffsetSpan = {
  since: number
  until: number
  /** How far local time is ahead of UTC. */
  offset: number
}

const STEP_MS = 6 * DAY_MS // clocks have changed back within a week (in Recife, in 2000), but not within this

/** The spans that a period consists of in a zone, without gaps. */
export function listOffsetSpans(since: number, until: number, zone: string): OffsetSpan[] {
  const spans: OffsetSpan[] = []
  for (let start = since; start < until; start = spans.at(-1)?.until ?? until) {
    spans.push({
      since: start,
      until: findChange(start, until, zone),
      offset: offsetAt(start, zone),
    })
  }
  return spans
}

/** The first moment of a period at which the offset is another than at its start; without one, its end. */
function findChange(since: number, until: number, zone: string): number {
  const offset = offsetAt(since, zone)
  let before = since
  while (before < until - 1) {
    const after = Math.min(before + STEP_MS, until - 1)
    if (offsetAt(after, zone) !== offset) return narrow(before, after, offset, zone)
    before = after
  }
  return until
}

/** The change between a moment that has an offset and one that has not. */
function narrow(before: number, after: number, offset: number, zone: string): number {
  let [low, high] = [before, after]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetAt(middle, zone) === offset) low = middle
    else high = middle
  }
  return high
}
