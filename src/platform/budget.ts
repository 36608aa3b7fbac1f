// An invocation has 1,000 statements, on the free plan 50. If the queue fails, a step of a task shares its invocation
// with the check for problems, which takes some 25.
const STATEMENTS = {
  free: { request: 35, task: 16 },
  paid: { request: 600, task: 450 },
} as const

/** The statements and the time that one invocation may use. */
export class Budget {
  readonly #plan: keyof typeof STATEMENTS
  readonly #deadline: number
  readonly #all: number
  #left: number

  /**
   * @param trigger a request has the whole invocation, a step of a task perhaps a part of it
   * @param ms of real time
   */
  constructor(plan: keyof typeof STATEMENTS, trigger: 'request' | 'task', ms: number) {
    this.#plan = plan
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

  /** Ends the budget on the free plan, after work that takes several of the 10 ms of processor time. */
  endIfFree(): void {
    if (this.#plan === 'free') this.#left = 0
  }

  /** Returns statements that turned out not to be needed. */
  giveBack(statements: number): void {
    this.#left += statements
  }
}
