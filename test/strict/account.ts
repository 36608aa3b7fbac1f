import { DAY_MS, systemClock, type Clock } from './clock.ts'
import type { Limits } from './limits.ts'

/** What an account has used on one day, UTC. */
export type DayUse = { rowsRead: number; rowsWritten: number; queueOperations: number }

/** An account's use of its daily quotas, which all of its databases and queues share. */
export class Account {
  readonly limits: Limits
  readonly #clock: Clock
  #day = -Infinity
  #used: DayUse = { rowsRead: 0, rowsWritten: 0, queueOperations: 0 }

  constructor(limits: Limits, clock: Clock = systemClock) {
    this.limits = limits
    this.#clock = clock
  }

  /** The use of today. */
  get used(): Readonly<DayUse> {
    return this.#today()
  }

  /** When the quotas are reset: UTC milliseconds. */
  get resetAt(): number {
    return (Math.floor(this.#clock.now() / DAY_MS) + 1) * DAY_MS
  }

  add(use: Partial<DayUse>): void {
    const today = this.#today()
    today.rowsRead += use.rowsRead ?? 0
    today.rowsWritten += use.rowsWritten ?? 0
    today.queueOperations += use.queueOperations ?? 0
  }

  /** Whether a quota of today is used up. */
  isSpent(kind: keyof DayUse): boolean {
    const { d1, queue } = this.limits
    const quotas = {
      rowsRead: d1.rowsReadADay,
      rowsWritten: d1.rowsWrittenADay,
      queueOperations: queue.operationsADay,
    }
    const quota = quotas[kind]
    return quota !== null && this.#today()[kind] >= quota
  }

  #today(): DayUse {
    const day = Math.floor(this.#clock.now() / DAY_MS)
    if (day === this.#day) return this.#used
    this.#day = day
    this.#used = { rowsRead: 0, rowsWritten: 0, queueOperations: 0 }
    return this.#used
  }
}
