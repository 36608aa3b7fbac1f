// Of the 1,000 statements that an invocation has, on the free plan 50. Of a schedule, what looks for work
// and for what is wrong takes some 30 of them.
const STATEMENTS = {
  free: { request: 35, schedule: 16 },
  paid: { request: 600, schedule: 450 },
} as const

/** How much one invocation may do: statements, and time. */
export class Budget {
  readonly #deadline: number
  readonly #all: number
  #left: number

  /**
   * @param where a request has all that an invocation may do, of a schedule each kind of work a part
   * @param ms for all of it, by the clock on the wall
   */
  constructor(plan: keyof typeof STATEMENTS, where: 'request' | 'schedule', ms: number) {
    this.#deadline = Date.now() + ms
    this.#all = this.#left = STATEMENTS[plan][where]
  }

  /**
   * Takes so many statements; false where fewer are left, or no time. The first that ask are never
   * refused, so that there is no run that does nothing.
   */
  take(statements: number): boolean {
    const isFirst = this.#left === this.#all
    if (!isFirst && (this.#left < statements || Date.now() >= this.#deadline)) return false
    this.#left -= statements
    return true
  }

  /** Gives statements back that were taken for work that there turned out to be none of. */
  giveBack(statements: number): void {
    this.#left += statements
  }
}
