/** Tells the time: UTC milliseconds. */
export type Clock = { now(): number }

export const DAY_MS = 86_400_000

export const systemClock: Clock = { now: () => Date.now() }

/** A clock that stands still until it is moved, and never goes back. */
export class VirtualClock implements Clock {
  #now: number

  /** @param start UTC milliseconds */
  constructor(start = 0) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  advance(ms: number): void {
    this.#now += ms
  }

  /** Moves on to a time; one that has passed changes nothing. */
  moveTo(time: number): void {
    this.#now = Math.max(this.#now, time)
  }
}
