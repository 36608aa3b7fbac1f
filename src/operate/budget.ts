import type { OperateSettings } from '../settings.ts'

// Of the 1,000 statements that an invocation has, on the free plan 50; a step takes some five.
const STEPS = {
  free: { request: 7, schedule: 3 },
  paid: { request: 120, schedule: 90 },
} as const

/** How much one invocation may do: steps of a few statements each, and time. */
export class Budget {
  readonly #deadline: number
  #steps: number

  /**
   * @param where a request has all that an invocation may do, of a schedule each kind of work a part
   * @param ms for all of it, by the clock on the wall
   */
  constructor(plan: OperateSettings['plan'], where: 'request' | 'schedule', ms: number) {
    this.#deadline = Date.now() + ms
    this.#steps = STEPS[plan][where]
  }

  /** Takes a step, or as many as it is worth; false where none is left, or no time. */
  take(steps = 1): boolean {
    if (this.#steps <= 0 || Date.now() >= this.#deadline) return false
    this.#steps -= steps
    return true
  }
}
