import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { ActivityApi } from '../../../src/simulator/activity-api.ts'
import { Random } from '../../../src/simulator/random.ts'
import { makeTraffic } from '../../../src/simulator/traffic.ts'
import { limitGlobals, PLANS, Runtime, type Ended, type Limits, type Plan } from '../index.ts'
import { loadWorker, threadCpu } from '../node.ts'
import { clock, restartClock } from './clock.ts'
import type { FlowRequest, Job, Used } from './job.ts'
import { warmHarness } from './warm-harness.ts'
import { LOGIN, TOKEN, World } from './world.ts'

const ORIGIN = 'https://receiver.example.com'
const MODULES = {
  'node:timers/promises': new URL('instant-timers.ts', import.meta.url).href,
}

type Env = Record<string, unknown>

const noInternet: typeof fetch = () => Promise.reject(new Error('nothing is outside'))
let internet = noInternet
/** Isolates of this process. */
let started = 0

/** The receiver as it is deployed, in a new isolate, with everything around it in memory. */
export class Isolate {
  readonly world: World
  readonly #runtime: Runtime
  readonly #worker: ExportedHandler<Env>
  /** Of the bundle's top level. */
  readonly loadUs: number
  /** Of the session of `viewer`. */
  cookie = ''

  private constructor(world: World, plan: Plan, worker: ExportedHandler<Env>, loadUs: number) {
    this.world = world
    this.loadUs = loadUs
    this.#worker = worker
    this.#runtime = new Runtime({
      limits: withoutLimits(PLANS[plan]),
      clock,
      cpu: threadCpu,
      processorLimit: { tolerated: Infinity },
    })
  }

  static async start(
    { bundle, config, seed, events }: Job,
    plan: Plan,
    vars: Readonly<Record<string, string>> = {},
  ): Promise<Isolate> {
    const isolate = started++
    if (isolate === 0) {
      Date.now = () => clock.now()
      globalThis.fetch = (...request) => internet(...request)
      limitGlobals()
      await warmHarness()
    }
    restartClock()
    const apiKey = vars['YESPO_API_KEY']
    internet = apiKey ? simulateApi(apiKey, seed, events) : noInternet
    const world = new World(config, plan, vars)
    const { worker, loadUs } = await loadWorker<Env>(bundle, { modules: MODULES, isolate })
    return new Isolate(world, plan, worker, loadUs)
  }

  /** @param folder of the states */
  async request(request: FlowRequest, folder = ''): Promise<{ used: Used; body: string }> {
    const { method, as = 'program', bodyFile, body } = request
    const path = request.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const id = this.world.ids[name]
      if (id === undefined) throw new Error(`the state has no ${name}`)
      return id
    })
    const content = bodyFile === undefined ? body : readFileSync(join(folder, bodyFile))
    const before = this.#countOperations()
    const ended = await this.#runtime.fetch(
      this.#worker,
      new Request(`${ORIGIN}${path}`, {
        method,
        redirect: 'manual',
        headers: this.#headersOf(as),
        ...(content !== undefined && { body: content }),
      }),
      this.world.env,
    )
    const { response } = ended
    const cookie = response.headers.get('Set-Cookie')
    if (as === 'viewer' && cookie) this.cookie = cookie.split(';')[0] ?? ''
    const used = {
      ...measure(ended, response.status),
      queueOperations: this.#countOperations() - before,
    }
    return { used, body: await response.text() }
  }

  #headersOf(as: NonNullable<FlowRequest['as']>): Record<string, string> {
    if (as === 'program') return { Authorization: `Bearer ${TOKEN}` }
    if (as === 'sender') {
      const pair = Buffer.from(`${LOGIN.login}:${LOGIN.password}`).toString('base64')
      return { Authorization: `Basic ${pair}`, 'Content-Type': 'application/json' }
    }
    const cookie = this.cookie || (this.world.ids['cookie'] ?? '')
    return {
      Accept: 'text/html',
      Cookie: cookie,
      Origin: ORIGIN,
      'Content-Type': 'application/x-www-form-urlencoded',
    }
  }

  /** Has the queue deliver its next batch, as soon as that is due; undefined if there is none. */
  async deliver(): Promise<Used | undefined> {
    const { broker, env } = this.world
    if (broker.nextDueAt === null) return undefined
    clock.moveTo(broker.nextDueAt)
    let used: Used | undefined
    await broker.deliver(async (batch) => {
      const before = this.#countOperations()
      const ended = await this.#runtime.queue(this.#worker, batch, env)
      used = { ...measure(ended), queueOperations: this.#countOperations() - before }
      return ended.outcome === 'ok'
    })
    return used
  }

  async runSchedule(): Promise<Used> {
    const controller = { scheduledTime: clock.now(), cron: '', noRetry: () => {} }
    const before = this.#countOperations()
    const ended = await this.#runtime.scheduled(this.#worker, controller, this.world.env)
    return { ...measure(ended), queueOperations: this.#countOperations() - before }
  }

  #countOperations(): number {
    return this.#runtime.account.used.queueOperations
  }
}

/** Yespo's API over the traffic of a seed. */
function simulateApi(apiKey: string, seed: number, events: number): typeof fetch {
  const api = new ActivityApi({ apiKey, random: new Random(seed) })
  for (const elements of makeTraffic({ seed, events, poison: 0.005, start: clock.now() })) {
    api.record(elements)
  }
  return async (input, init) => {
    const { method, url, headers } = new Request(input as string, init as RequestInit)
    api.now = clock.now()
    const response = await api.respond({ method, url, headers: Object.fromEntries(headers) })
    return new Response(response.body, { status: response.status, headers: response.headers })
  }
}

/** Nothing is limited, so that it shows how much is used. */
function withoutLimits(limits: Limits): Limits {
  const d1 = { ...limits.d1, statements: Infinity, rowsReadADay: null, rowsWrittenADay: null }
  const queue = { ...limits.queue, operationsADay: null }
  return { ...limits, d1, queue, subrequests: Infinity, serviceCalls: Infinity }
}

function measure(
  ended: Ended<unknown>,
  status = ended.outcome === 'ok' ? 200 : 500,
): Omit<Used, 'queueOperations'> {
  const { kind, processorUs, counts } = ended.invocation
  const { statementsOfAll: statements, batches: calls, serviceCalls, subrequests } = counts
  return { kind, status, processorUs, statements, calls, serviceCalls, subrequests }
}
