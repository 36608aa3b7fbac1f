import { AsyncLocalStorage } from 'node:async_hooks'
import { Account } from './account.ts'
import { PLANS, STRICTEST, type Limits, type Readings } from './limits.ts'

/** A call of a binding. */
export type Call = {
  /** What is called, such as `D1.batch`. */
  name: string
  /** How many statements a call of D1 executes. */
  statements?: number
  /** Whether it leaves Cloudflare. */
  isOutside?: boolean
}

/** Where an invocation is killed: before the effect of a call, after it, or not here. */
export type Kill = 'before' | 'after' | undefined

/** Decides about each call whether the invocation is killed there. */
export type Killer = (call: Call, invocation: Invocation) => Kill

/** Processor time of the current thread, in microseconds. */
export type Meter = () => number

/** Surrounds every call of a binding: to delay it, to let it fail, or to choose which of several goes on. */
export type Surround = <T>(call: Call, work: () => Promise<T>) => Promise<T>

export type InvocationOptions = {
  limits?: Limits
  readings?: Readings
  /** Keeps the daily quotas; without, each invocation has an account of its own. */
  account?: Account
  killer?: Killer
  /** Without it no processor time is measured. */
  cpu?: Meter
  /** Processor time that is allowed, in microseconds; without, that of the limits. Infinity enforces nothing. */
  processorUs?: number
  surround?: Surround
}

export type Counts = {
  calls: number
  /** As the reading counts them. */
  statements: number
  /** Statements, whatever the reading. */
  statementsOfAll: number
  batches: number
  subrequests: number
  serviceCalls: number
}

export type InvocationKind = 'fetch' | 'queue' | 'scheduled'

/** How an invocation ended. */
export type Ended<T> = { invocation: Invocation } & (
  | { outcome: 'ok'; value: T }
  | { outcome: 'exception'; error: unknown }
  | { outcome: 'killed'; reason: string }
)

const current = new AsyncLocalStorage<Invocation>()

/** The invocation that the running code belongs to. */
export function currentInvocation(): Invocation | undefined {
  return current.getStore()
}

/** The invocation that a binding is called by. */
export type Finder = () => Invocation

/** @returns finds this invocation, or without one the invocation that calls; outside of any, one of its own */
export function findBy(invocation?: Invocation): Finder {
  const outside = invocation ?? new Invocation('fetch')
  return () => invocation ?? current.getStore() ?? outside
}

const UNCOUNTED: Call = { name: 'part of a call' }

const never = <T>() => new Promise<T>(() => {})

/**
 * One invocation of a Worker: counts and limits what it calls, and may be killed. Every call of every binding
 * passes through `call`.
 */
export class Invocation {
  readonly kind: InvocationKind
  readonly limits: Limits
  readonly readings: Readings
  readonly account: Account
  readonly counts: Counts = {
    calls: 0,
    statements: 0,
    statementsOfAll: 0,
    batches: 0,
    subrequests: 0,
    serviceCalls: 0,
  }
  /** Why it was killed. */
  killedBy: string | undefined
  readonly #options: InvocationOptions
  readonly #killed: Promise<void>
  #announceKill = () => {}
  #beganAt = 0
  #excludedUs = 0
  #isExcluding = false
  #endedUs: number | undefined
  #promises: Promise<unknown>[] = []

  constructor(kind: InvocationKind, options: InvocationOptions = {}) {
    this.kind = kind
    this.limits = options.limits ?? options.account?.limits ?? PLANS.free
    this.readings = options.readings ?? STRICTEST
    this.account = options.account ?? new Account(this.limits)
    this.#options = options
    this.#killed = new Promise((resolve) => (this.#announceKill = resolve))
  }

  get isKilled(): boolean {
    return this.killedBy !== undefined
  }

  /** Processor time of the Worker's own code so far, without that of bindings: microseconds. */
  get processorUs(): number {
    return this.#endedUs ?? this.#read() - this.#beganAt - this.#excludedUs
  }

  /** Keeps the invocation alive until a promise settles. */
  waitUntil(promise: Promise<unknown>): void {
    this.#promises.push(promise)
  }

  /** Ends it here: no promise of a binding settles any more. */
  kill(reason: string): void {
    if (this.isKilled) return
    this.killedBy = reason
    this.#announceKill()
  }

  /**
   * Does the work of a binding.
   *
   * @param check throws what the binding throws for a call that is over a limit
   * @returns a promise that never settles if the invocation is killed before
   */
  async call<T>(call: Call, work: () => Promise<T>, check: () => void = () => {}): Promise<T> {
    this.enforceProcessorLimit()
    if (this.isKilled) return never()
    const kill = this.#options.killer?.(call, this)
    if (kill === 'before') this.kill(`before ${call.name}`)
    if (this.isKilled) return never()
    this.#count(call)
    this.exclude(check)
    return this.settle(work, call, kill)
  }

  /** Waits for a part of a call, or what is not counted: it does not settle after a kill. */
  async settle<T>(work: () => Promise<T>, call: Call = UNCOUNTED, kill?: Kill): Promise<T> {
    if (this.isKilled) return never()
    const around = this.#options.surround ?? ((_call, inner) => inner())
    const outcome = await this.exclude(() => around(call, () => this.exclude(work))).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    )
    if (kill === 'after') this.kill(`after ${call.name}`)
    if (this.isKilled) return never()
    if ('error' in outcome) throw outcome.error
    return outcome.value
  }

  /** Does what is not the Worker's own work: its processor time does not count. */
  exclude<T>(work: () => T): T {
    if (this.#isExcluding) return work()
    this.#isExcluding = true
    const before = this.#read()
    try {
      return work()
    } finally {
      this.#excludedUs += this.#read() - before
      this.#isExcluding = false
    }
  }

  /** Runs a handler, and what it passed to `waitUntil`, to the end or until it is killed. */
  async run<T>(handler: () => T | Promise<T>): Promise<Ended<T>> {
    this.#beganAt = this.#read()
    const work = current.run(this, async () => handler())
    // A kill wins over an error that comes after it: that code does not run any more.
    const ended = await Promise.race([
      this.#killed.then((): undefined => undefined),
      work.then(
        (value): Ended<T> => ({ outcome: 'ok', value, invocation: this }),
        (error: unknown): Ended<T> => ({ outcome: 'exception', error, invocation: this }),
      ),
    ])
    this.enforceProcessorLimit()
    await Promise.race([this.#killed, this.#finish()])
    this.enforceProcessorLimit()
    this.#endedUs = this.processorUs
    if (ended !== undefined && !this.isKilled) return ended
    return { outcome: 'killed', reason: this.killedBy ?? '', invocation: this }
  }

  async #finish(): Promise<void> {
    while (this.#promises.length > 0) await Promise.allSettled(this.#promises.splice(0))
  }

  #isOver(): boolean {
    const allowed = this.#options.processorUs ?? this.limits.processorMs * 1_000
    return this.#options.cpu !== undefined && this.processorUs > allowed
  }

  /** Kills it if its processor time is used up. */
  enforceProcessorLimit(): void {
    if (this.#isOver()) this.kill('exceeded the limit of processor time')
  }

  #count({ statements, isOutside = false }: Call): void {
    const { counts, limits, readings } = this
    counts.calls++
    if (isOutside) counts.subrequests++
    else counts.serviceCalls++
    if (statements !== undefined) {
      counts.batches++
      counts.statementsOfAll += statements
      counts.statements += readings.countStatements === 'each' ? statements : 1
    }
    if (counts.statements > limits.d1.statements) {
      throw new Error('Too many API requests by single worker invocation.')
    }
    if (counts.subrequests > limits.subrequests || counts.serviceCalls > limits.serviceCalls) {
      throw new Error('Too many subrequests by single Worker invocation.')
    }
  }

  #read(): number {
    return this.#options.cpu?.() ?? 0
  }
}

/**
 * Runs a handler of a Worker under limits; see `Runtime`, which also does what Cloudflare does at its end.
 *
 * @param handler gets the invocation, through which the bindings it uses have to pass (`limitBindings`)
 */
export function runInvocation<T>(
  kind: InvocationKind,
  handler: (invocation: Invocation) => T | Promise<T>,
  options: InvocationOptions = {},
): Promise<Ended<T>> {
  const invocation = new Invocation(kind, options)
  return invocation.run(() => handler(invocation))
}
