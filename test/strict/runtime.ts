import { Account } from './account.ts'
import { byteLength } from './bytes.ts'
import { systemClock, type Clock } from './clock.ts'
import {
  runInvocation,
  type Ended,
  type Invocation,
  type InvocationKind,
  type Killer,
  type Meter,
  type Surround,
} from './invocation.ts'
import { limitBindings } from './limit-bindings.ts'
import { countOperations, messageBytes } from './limit-queue.ts'
import { PLANS, STRICTEST, type Limits, type Plan, type Readings } from './limits.ts'
import { ProcessorLimit, type ProcessorLimitOptions } from './processor-limit.ts'

export type RuntimeOptions = {
  /** `free` by default. */
  plan?: Plan
  /** Those of the plan by default. */
  limits?: Limits
  readings?: Partial<Readings>
  clock?: Clock
  killer?: Killer
  cpu?: Meter
  /** How much slower this machine is than Cloudflare's; see `calibrate`. */
  slowness?: number
  /** `always`, or when overruns are no longer rare. */
  processorLimit?: 'always' | ProcessorLimitOptions
  surround?: Surround
}

/** What a handler gets of an invocation. */
type Context = ExecutionContext
type Handlers<Env> = ExportedHandler<Env>

/** Runs invocations of a Worker as Cloudflare does, one account and one script. */
export class Runtime {
  readonly limits: Limits
  readonly account: Account
  readonly processorLimit: ProcessorLimit
  /** Invocations that were killed. */
  kills = 0
  /** Invocations that took more processor time than allowed, whether or not that was enforced. */
  overruns = 0
  readonly #options: RuntimeOptions
  readonly #readings: Readings
  readonly #limited = new WeakMap<object, object>()

  constructor(options: RuntimeOptions = {}) {
    this.#options = options
    this.limits = options.limits ?? PLANS[options.plan ?? 'free']
    this.#readings = { ...STRICTEST, ...options.readings }
    const clock = options.clock ?? systemClock
    this.account = new Account(this.limits, clock)
    const { processorLimit = {} } = options
    this.processorLimit = new ProcessorLimit(
      clock,
      processorLimit === 'always' ? { tolerated: 0 } : processorLimit,
    )
  }

  /** Whether a consumer may get messages now: the operations of today are not used up. */
  get isDelivering(): boolean {
    return !this.account.isSpent('queueOperations')
  }

  /** Processor time that an invocation may take, in microseconds of this machine. */
  get processorUs(): number {
    return this.limits.processorMs * 1_000 * (this.#options.slowness ?? 1)
  }

  /**
   * @returns how it ended, and the response that the caller gets: of a kill, 503 with an HTML page, unless the
   * response was on its way; its body breaks off if the kill came while it streamed
   */
  async fetch<Env extends object>(
    worker: Handlers<Env>,
    request: Request,
    env: Env,
  ): Promise<Ended<Response> & { response: Response }> {
    let returned: Response | undefined
    let content: ArrayBuffer | undefined
    const limited = this.#limit(env)
    const ended = await this.run('fetch', async (invocation) => {
      const handler = worker.fetch as (
        request: Request,
        env: Env,
        context: Context,
      ) => Promise<Response>
      const response = await handler(request, limited, toContext(invocation))
      invocation.enforceProcessorLimit()
      if (!invocation.isKilled) returned = response
      // What streams is still the invocation's work.
      content = await response.arrayBuffer()
      return response
    })
    if (ended.outcome === 'killed' && returned && !content) await whatIsReady()
    if (ended.outcome === 'exception') return { ...ended, response: errorPage(1101) }
    if (!returned) return { ...ended, response: errorPage(1102) }
    return { ...ended, response: rebuild(returned, content ?? breakOff()) }
  }

  /** Delivers a batch: messages are acknowledged, or to come again, when it has ended. */
  async queue<Env extends object>(
    worker: Handlers<Env>,
    batch: MessageBatch<unknown>,
    env: Env,
  ): Promise<Ended<void>> {
    const verdicts = new Verdicts(batch, this)
    const limited = this.#limit(env)
    const ended = await this.run('queue', async (invocation) => {
      const handler = worker.queue as (
        batch: MessageBatch<unknown>,
        env: Env,
        context: Context,
      ) => Promise<void>
      await handler(verdicts.watch(invocation), limited, toContext(invocation))
    })
    const isLost = this.#readings.acknowledgedBeforeKill === 'lost'
    verdicts.settle(ended.outcome, ended.outcome === 'killed' && isLost)
    return ended
  }

  async scheduled<Env extends object>(
    worker: Handlers<Env>,
    controller: ScheduledController,
    env: Env,
  ): Promise<Ended<void>> {
    const limited = this.#limit(env)
    return this.run('scheduled', async (invocation) => {
      const handler = worker.scheduled as (
        controller: ScheduledController,
        env: Env,
        context: Context,
      ) => Promise<void>
      await handler(controller, limited, toContext(invocation))
    })
  }

  /** The same bindings for all invocations, as a Worker may keep something for its environment. */
  #limit<Env extends object>(env: Env): Env {
    const known = this.#limited.get(env) ?? limitBindings(env)
    this.#limited.set(env, known)
    return known as Env
  }

  /** Runs any work as an invocation of this script. */
  async run<T>(
    kind: InvocationKind,
    work: (invocation: Invocation) => Promise<T>,
  ): Promise<Ended<T>> {
    const { processorLimit, surround, killer, cpu } = this.#options
    const isEnforced = processorLimit === 'always' || this.processorLimit.isEnforced
    const ended = await runInvocation(kind, work, {
      limits: this.limits,
      readings: this.#readings,
      account: this.account,
      processorUs: isEnforced ? this.processorUs : Infinity,
      ...(killer && { killer }),
      ...(cpu && { cpu }),
      ...(surround && { surround }),
    })
    const isOverrun = ended.invocation.processorUs > this.processorUs
    if (isOverrun) this.overruns++
    if (ended.invocation.isKilled) this.kills++
    this.processorLimit.record(isOverrun, ended.invocation.isKilled)
    return ended
  }
}

/** The verdicts of a consumer on its messages: the first one counts. */
class Verdicts {
  readonly #batch: MessageBatch<unknown>
  readonly #runtime: Runtime
  readonly #given = new Map<Message, 'ack' | QueueRetryOptions>()

  constructor(batch: MessageBatch<unknown>, runtime: Runtime) {
    this.#batch = batch
    this.#runtime = runtime
  }

  watch(invocation: Invocation): MessageBatch<unknown> {
    const give = (message: Message, verdict: 'ack' | QueueRetryOptions) => {
      if (!invocation.isKilled && !this.#given.has(message)) this.#given.set(message, verdict)
    }
    const { queue, messages, metadata } = this.#batch
    return {
      queue,
      metadata,
      messages: messages.map((message) => ({
        id: message.id,
        timestamp: message.timestamp,
        body: message.body,
        attempts: message.attempts,
        ack: () => give(message, 'ack'),
        retry: (options = {}) => give(message, options),
      })),
      ackAll: () => messages.forEach((message) => give(message, 'ack')),
      retryAll: (options = {}) => messages.forEach((message) => give(message, options)),
    }
  }

  /** Passes them on. Without one, a message is done if the handler returned, and comes again otherwise. */
  settle(outcome: Ended<void>['outcome'], isLost: boolean): void {
    const { account, limits } = this.#runtime
    for (const message of this.#batch.messages) {
      const given = isLost ? undefined : this.#given.get(message)
      const verdict = given ?? (outcome === 'ok' ? 'ack' : {})
      const bytes = byteLength(message.body) || messageBytes(message.body)
      const operations = countOperations(bytes, limits.queue)
      // It was read, and is now deleted, or written back by a retry.
      account.add({ queueOperations: operations + (verdict === 'ack' ? operations : 1) })
      if (verdict === 'ack') message.ack()
      else message.retry(verdict)
    }
  }
}

function toContext(invocation: Invocation): Context {
  const context = {
    waitUntil: (promise: Promise<unknown>) => invocation.waitUntil(promise),
    passThroughOnException: () => {},
    props: {},
  }
  return context as unknown as Context
}

/** Lets everything go on that waits for nothing. */
function whatIsReady(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1))
}

function rebuild(response: Response, body: BodyInit): Response {
  const { status, statusText, headers } = response
  const isEmpty = [101, 204, 205, 304].includes(status)
  return new Response(isEmpty ? null : body, { status, statusText, headers })
}

function breakOff(): ReadableStream {
  return new ReadableStream({
    start: (controller) => controller.error(new Error('the connection was closed')),
  })
}

/** Cloudflare's page for a Worker that threw (1101) or went beyond its limits (1102). */
function errorPage(code: 1101 | 1102): Response {
  const what = code === 1102 ? 'Worker exceeded resource limits' : 'Worker threw exception'
  const page = `<!DOCTYPE html>\n<html lang="en-US"><head><title>${what} | Cloudflare</title></head>
<body><h1>Error ${code}</h1><p>${what}</p></body></html>\n`
  const headers = {
    'Content-Type': 'text/html; charset=UTF-8',
    'Cache-Control': 'private, no-store',
  }
  return new Response(page, { status: code === 1102 ? 503 : 500, headers })
}
