// An invocation has 1,000 statements, or 50 on the free plan; the schedule needs some 30 of them to look for work and
// problems.
const STATEMENTS = {
  free: { request: 35, schedule: 16 },
  paid: { request: 600, schedule: 450 },
} as const

/** The statements and the time that one invocation may use. */
export class Budget {
  readonly #deadline: number
  readonly #all: number
  #left: number

  /**
   * @param trigger a request has the whole invocation, a step of the schedule has a part of it
   * @param ms real time
   */
  constructor(plan: keyof typeof STATEMENTS, trigger: 'request' | 'schedule', ms: number) {
    this.#deadline = Date.now() + ms
    this.#all = this.#left = STATEMENTS[plan][trigger]
  }

  /**
   * Takes statements; false if too few, or no time, are left. The first call always succeeds, so that every run does
   * something.
   */
  take(statements: number): boolean {
    const isFirst = this.#left === this.#all
    if (!isFirst && (this.#left < statements || Date.now() >= this.#deadline)) return false
    this.#left -= statements
    return true
  }

  /** Gives back statements that were not needed. */
  giveBack(statements: number): void {
    this.#left += statements
  }
}
