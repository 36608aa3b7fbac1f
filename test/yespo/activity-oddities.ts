import type { Kept, TimeSlice } from './activity-log.ts'
import type { Random } from './random.ts'

/** In what the API is odd; each is a chance from 0, never, to 1, always. */
export type Oddities = {
  /** 400 until the account is enabled. */
  needsEnabling: number
  /** 429 with Retry-After for a call within a second of the one before it. */
  refusesHaste: number
  /** A call is never answered while a broadcast goes out. */
  hangs: number
  /** An answer ends in the middle of the JSON while a broadcast goes out. */
  breaksOff: number
  /** An `offset` in a query skips or repeats rows. */
  losesPlace: number
  /** The rows of a window's first or last second are left out or in no order; one second is none. */
  fraysEdges: number
  /** 500, or 502 from what stands before the API. */
  fails: number
  /** An event is shown only some minutes after it was recorded. */
  showsLate: number
}

export const NO_ODDITIES: Oddities = {
  needsEnabling: 0,
  refusesHaste: 0,
  hangs: 0,
  breaksOff: 0,
  losesPlace: 0,
  fraysEdges: 0,
  fails: 0,
  showsLate: 0,
}

const MAX_SHIFT = 20 // rows
const MINUTE = 60_000

/** For how long an event is not shown, in milliseconds. */
export function drawDelay(random: Random): number {
  return random.between(MINUTE, 15 * MINUTE)
}

/** Where the rows behind a cursor are taken to begin. */
export function misplace(random: Random, place: number): number {
  const shift = random.between(1, MAX_SHIFT)
  return Math.max(0, random.chance(0.5) ? place - shift : place + shift)
}

/**
 * Rows of a window as they come with frayed edges: those of an edge left out, so that they may be in
 * neither of two neighbouring windows, or in both and each time in another order.
 *
 * @param kept oldest first
 */
export function frayEdges(
  random: Random,
  chance: number,
  { from, to }: TimeSlice,
  kept: readonly Kept[],
): readonly Kept[] {
  if (from === to) return kept
  const fray = (edge: readonly Kept[]) => {
    if (!random.chance(chance)) return edge
    return random.chance(0.5) ? [] : edge.toReversed()
  }
  const first = kept.filter(({ wall }) => wall === from)
  const middle = kept.filter(({ wall }) => wall !== from && wall !== to)
  const last = kept.filter(({ wall }) => wall === to)
  return [...fray(first), ...middle, ...fray(last)]
}
