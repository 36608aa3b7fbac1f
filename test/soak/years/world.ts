import { DatabaseSync } from 'node:sqlite'
import {
  Broker,
  currentInvocation,
  limitGlobals,
  memoryR2,
  memoryRateLimit,
  Runtime,
  type Call,
  type Ended,
  type Invocation,
  type Plan,
} from '../../strict/index.ts'
import { readMigrations, type Config } from '../../receiver-config.ts'
import { loadWorker, memoryD1 } from '../../strict/node.ts'
import { cancel, type Planned, type Scheduler } from './scheduler.ts'
import {
  CALM,
  drawFate,
  makeError,
  makeStrangeError,
  serviceOf,
  type Service,
  type Weather,
} from './weather.ts'

const MODULES = { 'node:timers/promises': new URL('timers.ts', import.meta.url).href }
const ISOLATES = 2
const MINUTE = 60_000
/** After which Cloudflare ends a consumer, or a run of the schedule. */
const MAX_RUN_MS = 15 * MINUTE
/** Of a call of the bucket. */
const MAX_STALL_MS = 5 * MINUTE
/** After which a client gives up. */
const PATIENCE_MS = 30_000

export type WorldOptions = {
  /** The bundle that wrangler wrote. */
  bundle: string
  config: Config
  plan: Plan
}

type Env = Record<string, unknown>
type Worker = Required<Pick<ExportedHandler<Env>, 'fetch' | 'queue' | 'scheduled'>>

/** What is outside: responds to `fetch`. */
export type Internet = (request: Request) => Promise<Response>

/** What a client got: undefined without a response. */
export type Reply = {
  status: number | undefined
  headers: Headers
  body: string
  /** Whether the body broke off. */
  isCut: boolean
  /** Whether something that the receiver depends on failed it, or it was killed. */
  isExcused: boolean
}

const throwAtStart = () => Promise.reject(new Error('the Worker threw as it started'))
const BROKEN: Worker = {
  fetch: throwAtStart,
  queue: throwAtStart,
  scheduled: throwAtStart,
}

let internet: Internet = () => Promise.reject(new Error('nothing is outside'))
let isolates = 0
let hasGlobals = false

/** The receiver as it is deployed, with everything around it in memory and in virtual time. */
export class World {
  readonly scheduler: Scheduler
  readonly database = new DatabaseSync(':memory:')
  readonly db = memoryD1(this.database)
  readonly bucket: R2Bucket
  readonly broker: Broker
  readonly runtime: Runtime
  weather: Weather = CALM
  /** What cannot be reached at the moment. */
  readonly down = new Set<Service>()
  /** Called after each call of a binding has had its effect, with its arguments. */
  afterEffect: (call: Call) => Promise<void> = async () => {}
  /** Called after a call that failed by itself, and changed nothing. */
  afterRollback: () => void = () => {}
  /** Called after an object of the bucket was put or deleted. */
  onFile: (kind: 'put' | 'delete', key: string) => Promise<void> = async () => {}
  /** Called when a queue has fewer messages than before. */
  afterDelivery: () => void = () => {}
  readonly counts: Record<string, number> = {}
  /** Invocations at once, and calls of bindings while there were several. */
  readonly concurrency = { invocations: 0, most: 0, calls: 0, callsOfSeveral: 0 }
  /** When something last failed: UTC milliseconds. */
  lastFaultAt = -Infinity
  /** How often a version, or settings, were deployed. */
  deployments = 0
  /** Whether inserts of events fail with an error that the receiver does not know. */
  failsStrangely = false
  readonly #config: Config
  readonly #bundle: string
  #env: Env = {}
  #workers: Worker[] = []
  #isBroken = false
  #wake: Planned | undefined
  /** Those that something failed. */
  readonly #failed = new WeakSet<Invocation>()
  readonly #numbers = new WeakMap<Invocation, number>()
  #lastNumber = 0
  #running = 0

  constructor(scheduler: Scheduler, { bundle, config, plan }: WorldOptions) {
    this.scheduler = scheduler
    this.#bundle = bundle
    this.#config = config
    const clock = { now: scheduler.now }
    this.bucket = memoryR2(clock)
    this.runtime = new Runtime({
      plan,
      clock,
      surround: (call, work) => this.#surround(call, work),
      killer: (call) => this.#drawKill(call),
    })
    const { random } = scheduler
    this.broker = new Broker({
      consumers: config.queues.consumers,
      clock,
      account: this.runtime.account,
      retentionMs: this.runtime.limits.queue.retentionMs,
      choose: (due, max) => choose(random, due, max),
      comesTwice: () => random() < this.weather.twice && this.#count('message came twice'),
    })
    this.#migrate()
    if (!hasGlobals) {
      globalThis.fetch = (input, init) => internet(new Request(input, init))
      limitGlobals()
      hasGlobals = true
    }
  }

  /** Calls outside get there from now on. */
  connect(outside: Internet): void {
    internet = async (request) => {
      await this.scheduler.wait(5 + Math.floor(this.scheduler.random() * 50), 'call outside')
      return outside(request)
    }
  }

  /** Deploys the receiver with these variables and secrets: new isolates take over, what runs goes on. */
  async deploy(settings: Readonly<Record<string, string>>): Promise<void> {
    const queues = this.#config.queues.producers.map(({ binding, queue }) => [
      binding,
      this.#watchQueue(this.broker.toBinding(queue)),
    ])
    const clock = { now: this.scheduler.now }
    this.#env = {
      ...this.#config.vars,
      ...settings,
      ...Object.fromEntries(queues),
      DB: this.db,
      ARCHIVE: this.#watchBucket(),
      FAILED_CREDENTIALS: memoryRateLimit(20, 60, clock),
      READING: memoryRateLimit(600, 60, clock),
    }
    this.deployments++
    // Later versions have one, as loading takes long.
    const count = this.#workers.length === 0 ? ISOLATES : 1
    this.#workers = []
    for (let left = count; left > 0; left--) {
      const options = { modules: MODULES, isolate: ++isolates }
      const { worker } = await loadWorker<Env>(this.#bundle, options)
      // One reasoned cast: it has all three.
      this.#workers.push(worker as Worker)
    }
  }

  /** Has every invocation fail before it begins, or no longer. */
  breakDeployment(isBroken: boolean): void {
    this.#isBroken = isBroken
  }

  /** Has every insert of an event fail with an error that the receiver does not know, or no longer. */
  breakInserts(isBroken: boolean): void {
    const trigger =
      'TRIGGER strange BEFORE INSERT ON main.activity BEGIN SELECT fail_strangely(); END'
    this.failsStrangely = isBroken
    this.database.exec(isBroken ? `CREATE TEMP ${trigger}` : 'DROP TRIGGER IF EXISTS temp.strange')
  }

  /** Sends a request, and waits for the response as long as a client would. */
  async send(request: Request): Promise<Reply> {
    const { scheduler } = this
    await scheduler.wait(2 + Math.floor(scheduler.random() * 40), 'request')
    let invocation: Invocation | undefined
    const worker = this.#pick((found) => (invocation ??= found))
    const work = this.#during(this.runtime.fetch(worker, request, this.#env))
    let giveUp: Planned | undefined
    const patience = new Promise<undefined>((resolve) => {
      giveUp = scheduler.at(scheduler.now() + PATIENCE_MS, 'client gives up', () => {
        this.#count('client gave up')
        if (invocation) this.#failed.add(invocation)
        // Cloudflare may end what nobody waits for.
        if (scheduler.random() < 0.5) invocation?.kill('the client is gone')
        resolve(undefined)
      })
    })
    const ended = await Promise.race([work, patience])
    if (giveUp) cancel(giveUp)
    const isLost = scheduler.random() < this.weather.lost && this.#count('response was lost')
    if (!ended || isLost) {
      return { status: undefined, headers: new Headers(), body: '', isCut: true, isExcused: true }
    }
    const { response } = ended
    const isExcused =
      this.#isBroken || ended.outcome === 'killed' || this.#failed.has(ended.invocation)
    const body = await response.text().catch(() => undefined)
    const { status, headers } = response
    return { status, headers, body: body ?? '', isCut: body === undefined, isExcused }
  }

  /** Runs the schedule. */
  async runSchedule(): Promise<Ended<void>> {
    const controller = { scheduledTime: this.scheduler.now(), cron: '', noRetry: () => {} }
    return this.#during(this.runtime.scheduled(this.#pick(), controller, this.#env))
  }

  /** Starts consumers for what is due, and comes back when more is. */
  pump = (): void => {
    if (this.#wake) cancel(this.#wake)
    this.#wake = undefined
    for (;;) {
      const due = this.broker.nextDueAt
      if (due === null) return
      if (due > this.scheduler.now()) {
        this.#wake = this.scheduler.at(due, 'queue', this.pump)
        return
      }
      void this.broker
        .deliver(async (batch) => {
          const work = this.runtime.queue(this.#pick(), batch, this.#env)
          const { outcome } = await this.#during(work)
          return outcome === 'ok'
        })
        .then(() => {
          this.afterDelivery()
          this.pump()
        })
    }
  }

  /** Whether an invocation was failed by what it depends on. */
  isExcused(invocation: Invocation): boolean {
    return invocation.isKilled || this.#failed.has(invocation)
  }

  #pick(onInvocation: (invocation: Invocation | undefined) => void = () => {}): Worker {
    const worker = this.#workers[Math.floor(this.scheduler.random() * this.#workers.length)]
    if (!worker) throw new Error('nothing is deployed')
    if (this.#isBroken) return BROKEN
    return {
      ...worker,
      fetch: (...values) => {
        onInvocation(currentInvocation())
        return worker.fetch(...values)
      },
    }
  }

  async #surround<T>(call: Call, work: () => Promise<T>): Promise<T> {
    const { scheduler } = this
    const invocation = currentInvocation()
    const service = serviceOf(call)
    this.concurrency.calls++
    if (this.#running > 1) this.concurrency.callsOfSeveral++
    const label = `${this.#numberOf(invocation)} ${call.name}`
    const fate = drawFate(scheduler.random, service ? this.weather : CALM)
    if (service === 'R2' && scheduler.random() < this.weather.stalls)
      fate.before = Math.floor(scheduler.random() * MAX_STALL_MS)
    if (fate.before > 1_000) this.blame(invocation, `${service ?? 'R2'} was slow`)
    await scheduler.wait(fate.before, label)
    const isDown = service !== undefined && this.down.has(service)
    if (isDown || fate.kind === 'fails before') {
      this.blame(invocation, `${service} ${isDown ? 'was down' : 'failed'}`)
      throw makeError(scheduler.random, service ?? 'D1')
    }
    if (fate.kind === 'hangs') {
      this.blame(invocation, `${service} hung`)
      const end = scheduler.now() + MAX_RUN_MS
      if (invocation?.kind !== 'fetch')
        scheduler.at(end, 'it hung', () => invocation?.kill('it hung'))
      return new Promise<never>(() => {})
    }
    const result = await work().catch((error: unknown) => {
      this.afterRollback()
      throw error
    })
    await this.afterEffect(call)
    await scheduler.wait(fate.after, `${label} ✓`)
    if (fate.kind === 'fails after') {
      this.blame(invocation, `${service} failed after its effect`)
      throw makeError(scheduler.random, service ?? 'D1')
    }
    return result
  }

  #drawKill(call: Call): 'before' | 'after' | undefined {
    const { random } = this.scheduler
    if (serviceOf(call) === undefined || random() >= this.weather.killed) return undefined
    this.lastFaultAt = this.scheduler.now()
    this.#count('invocation was killed')
    return random() < 0.5 ? 'before' : 'after'
  }

  /** Keeps why an invocation may fail. */
  blame(invocation: Invocation | undefined, why: string): void {
    this.lastFaultAt = this.scheduler.now()
    if (invocation) this.#failed.add(invocation)
    this.#count(why)
  }

  #count(name: string): true {
    this.counts[name] = (this.counts[name] ?? 0) + 1
    return true
  }

  /** Counts calls while several invocations run. */
  async #during<T>(work: Promise<T>): Promise<T> {
    this.#running++
    this.concurrency.invocations++
    this.concurrency.most = Math.max(this.concurrency.most, this.#running)
    try {
      return await work
    } finally {
      this.#running--
    }
  }

  #numberOf(invocation: Invocation | undefined): number {
    if (!invocation) return 0
    const known = this.#numbers.get(invocation) ?? ++this.#lastNumber
    this.#numbers.set(invocation, known)
    return known
  }

  #watchQueue(queue: Queue): Queue {
    return {
      send: async (...sent: Parameters<Queue['send']>) => {
        const result = await queue.send(...sent)
        this.pump()
        return result
      },
      sendBatch: async (...sent: Parameters<Queue['sendBatch']>) => {
        const result = await queue.sendBatch(...sent)
        this.pump()
        return result
      },
      metrics: () => queue.metrics(),
    } as Queue
  }

  #watchBucket(): R2Bucket {
    const { bucket } = this
    return {
      head: (key: string) => bucket.head(key),
      get: (key: string, options: R2GetOptions) => bucket.get(key, options),
      list: (options: R2ListOptions) => bucket.list(options),
      put: async (key: string, value: ArrayBuffer, options: R2PutOptions) => {
        const put = await bucket.put(key, value, options)
        if (put) await this.onFile('put', key)
        return put
      },
      delete: async (keys: string | string[]) => {
        await bucket.delete(keys)
        for (const key of [keys].flat()) await this.onFile('delete', key)
      },
    } as unknown as R2Bucket
  }

  #migrate(): void {
    for (const sql of readMigrations()) this.database.exec(sql)
    // The migration draws it.
    const key = '0123456789abcdef'.repeat(4)
    this.database.exec(`UPDATE key_values SET value = '${key}' WHERE name = 'erasure.key'`)
    const hex = (bytes: number) =>
      Buffer.from(Array.from({ length: bytes }, () => this.scheduler.random() * 256))
    this.database.function('randomblob', hex as never)
    this.database.function('fail_strangely', () => {
      this.blame(currentInvocation(), 'D1 failed strangely')
      throw makeStrangeError()
    })
  }
}

/** Some of the messages, seldom in their order. */
function choose<Message>(random: () => number, due: Message[], max: number): Message[] {
  if (due.length > 1 && random() < 0.3) {
    for (let index = due.length - 1; index > 0; index--) {
      const other = Math.floor(random() * (index + 1))
      const [a, b] = [due[index] as Message, due[other] as Message]
      ;[due[index], due[other]] = [b, a]
    }
  }
  return random() < 0.7 ? due.slice(0, max) : due.slice(0, 1 + Math.floor(random() * max))
}
