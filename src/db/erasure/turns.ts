import { HOUR_MS, MINUTE_MS } from '../../event/clock.ts'

/** Turns without progress after which an erasure is tried once an hour. */
export const MAX_TRIES = 6
const RARE_MS = 15 * MINUTE_MS // of each hour, in which the clock comes once

/** Whether erasures that had many turns without progress get one, too. @param now UTC milliseconds */
export function isRareTurn(now: number): boolean {
  return now % HOUR_MS < RARE_MS
}
