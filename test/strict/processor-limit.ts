import type { Clock } from './clock.ts'

export type ProcessorLimitOptions = {
  /** Overruns within the window that pass; one more, and the limit is enforced. */
  tolerated?: number
  windowMs?: number
  /** Invocations for which it is enforced then. */
  enforcedFor?: number
}

/** Cloudflare's limit of processor time: overruns pass while they are rare, then the script is held to it. */
export class ProcessorLimit {
  readonly #options: Required<ProcessorLimitOptions>
  readonly #clock: Clock
  #overruns: number[] = []
  #enforcedFor = 0

  /** @param options with `tolerated: 0` and `enforcedFor: Infinity`, the first overrun is the last */
  constructor(clock: Clock, options: ProcessorLimitOptions = {}) {
    this.#clock = clock
    this.#options = { tolerated: 10, windowMs: 3_600_000, enforcedFor: 100, ...options }
  }

  get isEnforced(): boolean {
    return this.#enforcedFor > 0
  }

  /** Enforces it from now on, as after a kill. */
  enforce(invocations = this.#options.enforcedFor): void {
    this.#enforcedFor = Math.max(this.#enforcedFor, invocations)
  }

  /** Takes note of an invocation that ended. */
  record(isOverrun: boolean, wasKilled: boolean): void {
    if (this.#enforcedFor > 0) this.#enforcedFor--
    if (wasKilled) this.enforce()
    if (!isOverrun) return
    const now = this.#clock.now()
    this.#overruns = this.#overruns.filter((time) => now - time < this.#options.windowMs)
    this.#overruns.push(now)
    if (this.#overruns.length > this.#options.tolerated) this.enforce()
  }
}
