const FIRST_DELAY_S = 2
const MAX_DELAY_S = 1_800

/** The longest delay of a queue. https://developers.cloudflare.com/queues/configuration/batching-retries/ */
const PLATFORM_MAX_DELAY_S = 43_200

const DAY_MS = 86_400_000

/** Seconds after the reset of daily quotas at 00:00 UTC: a clock may be ahead, and the reset late. */
const RESET_MARGIN_S = 90

/** Seconds until the next try: twice as long each time, up to half an hour. */
export function retryDelay(attempts: number): number {
  return Math.min(FIRST_DELAY_S * 2 ** (attempts - 1), MAX_DELAY_S)
}

/**
 * Seconds until the daily quotas are reset, or the longest delay of a queue: each earlier try would be an operation of
 * the queue, which has a daily quota, too.
 *
 * @param now UTC milliseconds
 */
export function delayUntilReset(now: number): number {
  const seconds = Math.ceil(untilReset(now) / 1_000) + RESET_MARGIN_S
  return Math.min(seconds, PLATFORM_MAX_DELAY_S)
}

/** Milliseconds until the daily quotas are reset. @param now UTC milliseconds */
export function untilReset(now: number): number {
  return DAY_MS - (now % DAY_MS)
}
