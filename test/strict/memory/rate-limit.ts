import type { Clock } from '../clock.ts'

/** A rate limit binding in memory: fixed periods, counted by key. */
export function memoryRateLimit(limit: number, periodS: number, clock: Clock): RateLimit {
  let period = -1
  let counts = new Map<string, number>()
  return {
    limit: async ({ key }) => {
      const current = Math.floor(clock.now() / (periodS * 1_000))
      if (current !== period) counts = new Map()
      period = current
      const count = (counts.get(key) ?? 0) + 1
      counts.set(key, count)
      return { success: count <= limit }
    },
  }
}
