import type { Kept, TimeSlice } from './activity-log.ts'
import type { Random } from './random.ts'

/** The oddities of the API; each is a chance from 0, never, to 1, always. */
export type Oddities = {
  /** 400 until the account is enabled. */
  needsEnabling: number
  /** 429 with Retry-After for a call within a second of the one before it. */
  rejectsHaste: number
  /** A call hangs for ever while a broadcast is being sent. */
  hangs: number
  /** A response ends in the middle of the JSON while a broadcast is being sent. */
  breaksOff: number
  /** An `offset` in a query skips or repeats rows. */
  losesPlace: number
  /** The rows of a slice's first or last second are missing or out of order, unless it is one second. */
  fraysEdges: number
  /** 500, or 502 from the proxy before the API. */
  fails: number
  /** An event is shown only some minutes after it was recorded. */
  showsLate: number
}

export const NO_ODDITIES: Oddities = {
  needsEnabling: 0,
  rejectsHaste: 0,
  hangs: 0,
  breaksOff: 0,
  losesPlace: 0,
  fraysEdges: 0,
  fails: 0,
  showsLate: 0,
}

const MAX_SHIFT = 20 // rows
const MINUTE = 60_000

/** Milliseconds until an event is shown. */
export function drawDelay(random: Random): number {
  return random.between(MINUTE, 15 * MINUTE)
}

/** The index, instead of the right one, at which the rows after a cursor begin. */
export function misplace(random: Random, index: number): number {
  const shift = random.between(1, MAX_SHIFT)
  return Math.max(0, random.chance(0.5) ? index - shift : index + shift)
}

/**
 * Rows of a time slice with frayed edges: those of an edge are left out, so that neither of two neighbouring
 * slices may have them, or both, each in another order.
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
