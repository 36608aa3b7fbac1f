import { makeTraffic, type Element } from './traffic.ts'

const DAY = 86_400_000

/** The earliest and the latest of events, UTC milliseconds. */
export class Period {
  first = Infinity
  last = -Infinity

  include(elements: readonly Element[]): void {
    for (const { bytes, isPoison } of elements) {
      if (isPoison) continue
      const { activityDateTime } = JSON.parse(bytes.toString()) as { activityDateTime: string }
      const time = Date.parse(`${activityDateTime}Z`)
      this.first = Math.min(this.first, time)
      this.last = Math.max(this.last, time)
    }
  }
}

/**
 * The default start of simulated traffic: its last event happens as the day of `now` begins, in UTC. Made
 * again on that day, it has the same events, and none is in the future.
 */
export function findStart(seed: number, events: number, now: number): number {
  const trial = new Period()
  const start = Date.UTC(2026, 0)
  // The choices do not depend on the time.
  for (const elements of makeTraffic({ seed, events, start, poison: 0 })) trial.include(elements)
  return Math.floor(now / DAY) * DAY - (trial.last - start)
}
