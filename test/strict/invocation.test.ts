import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  Broker,
  killAtCall,
  limitGlobals,
  Runtime,
  VirtualClock,
  type RuntimeOptions,
} from './index.ts'
import { memoryD1 } from './node.ts'

const NOON = Date.UTC(2026, 0, 5, 12)
const WRITE = "INSERT INTO items (name) VALUES ('a')"

type Env = { DB: D1Database }

let clock: VirtualClock
let env: Env
let trace: string[]

beforeEach(async () => {
  clock = new VirtualClock(NOON)
  env = { DB: memoryD1() }
  trace = []
  await env.DB.exec('CREATE TABLE items (name TEXT)')
})

let restore: () => void
beforeEach(() => {
  restore = limitGlobals()
})
afterEach(() => restore())

const runtime = (options: RuntimeOptions = {}) => new Runtime({ clock, ...options })
const countItems = () => env.DB.prepare('SELECT count(*) AS items FROM items').first('items')
const request = () => new Request('https://worker.example.com/')

/** Writes twice; `trace` shows how far it came. */
async function writeTwice(db: D1Database): Promise<void> {
  try {
    await db.prepare(WRITE).run()
    trace.push('first')
    await db.batch([db.prepare(WRITE)])
    trace.push('second')
  } catch {
    trace.push('catch')
  } finally {
    trace.push('finally')
  }
}

const worker = {
  async fetch(_request, { DB }) {
    await writeTwice(DB)
    return new Response('done')
  },
  async queue({ messages }, { DB }) {
    messages[0]?.ack()
    messages[1]?.retry({ delaySeconds: 60 })
    await writeTwice(DB)
  },
  async scheduled(_controller, { DB }) {
    await writeTwice(DB)
  },
} satisfies ExportedHandler<Env>

it('responds as the Worker does if nothing kills it', async () => {
  const { outcome, response, invocation } = await runtime().fetch(worker, request(), env)
  expect([outcome, response.status, await response.text()]).toEqual(['ok', 200, 'done'])
  expect(trace).toEqual(['first', 'second', 'finally'])
  expect(invocation.counts).toMatchObject({ calls: 2, statements: 2, serviceCalls: 2 })
})

it.each([
  { call: 1, when: 'before', items: 0, reached: [] },
  { call: 1, when: 'after', items: 1, reached: [] },
  { call: 2, when: 'before', items: 1, reached: ['first'] },
  { call: 2, when: 'after', items: 2, reached: ['first'] },
] as const)(
  'runs no catch and no finally when killed $when call $call',
  async ({ call, when, items, reached }) => {
    const killer = killAtCall(call, when)
    const { outcome, response } = await runtime({ killer }).fetch(worker, request(), env)
    expect([outcome, response.status]).toEqual(['killed', 503])
    expect(response.headers.get('Content-Type')).toMatch('text/html')
    expect(await response.text()).toMatch('Error 1102')
    expect(await countItems()).toBe(items)
    await new Promise((resolve) => setImmediate(resolve))
    expect(trace).toEqual(reached)
  },
)

it('lets no timer of a killed invocation fire, nor anything settle later', async () => {
  const endless: ExportedHandler<Env> = {
    async fetch(_request, { DB }) {
      setTimeout(() => trace.push('timer'), 1)
      const work = DB.prepare(WRITE)
        .run()
        .finally(() => trace.push('finally'))
      await Promise.race([work, new Promise((resolve) => setTimeout(resolve, 1))])
      trace.push('went on')
      return new Response()
    },
  }
  const killer = killAtCall(1, 'after')
  const { response } = await runtime({ killer }).fetch(endless, request(), env)
  expect(response.status).toBe(503)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(trace).toEqual([])
})

it('responds 500 with a page if the Worker throws', async () => {
  const broken: ExportedHandler<Env> = { fetch: () => Promise.reject(new Error('no')) }
  const { outcome, response } = await runtime().fetch(broken, request(), env)
  expect([outcome, response.status]).toEqual(['exception', 500])
  expect(await response.text()).toMatch('1101')
})

it('has sent the response when what was passed to waitUntil is killed', async () => {
  const patient: ExportedHandler<Env> = {
    async fetch(_request, { DB }, context) {
      context.waitUntil(writeTwice(DB))
      return new Response('done')
    },
  }
  const killer = killAtCall(2, 'before')
  const strict = runtime({ killer })
  const { response } = await strict.fetch(patient, request(), env)
  expect([response.status, strict.kills]).toEqual([200, 1])
  expect(trace).toEqual(['first'])
})

const CONSUMER = { queue: 'jobs', max_batch_size: 10, max_batch_timeout: 0 }

function setUpQueue(consumer: object, options: RuntimeOptions) {
  const strict = runtime(options)
  const broker = new Broker({ consumers: [{ ...CONSUMER, ...consumer }], clock })
  const deliver = () =>
    broker.deliver(async (batch) => (await strict.queue(worker, batch, env)).outcome === 'ok')
  const send = () =>
    broker.toBinding('jobs').sendBatch(['one', 'two', 'three'].map((body) => ({ body })))
  const list = () =>
    broker.waiting.map(({ body, attempts, dueAt }) => [
      body,
      attempts,
      (dueAt - clock.now()) / 1_000,
    ])
  return { broker, deliver, send, list }
}

it('counts the operations of bytes by their length', async () => {
  const of = runtime()
  const body = new Uint8Array(100_000).buffer // read and deleted, each in two operations
  const message = { id: '1', timestamp: new Date(), body, attempts: 1, ack() {}, retry() {} }
  const batch = { queue: 'any', messages: [message] } as unknown as MessageBatch<unknown>
  await of.queue({ queue: async () => {} }, batch, {})
  expect(of.account.used.queueOperations).toBe(4)
})

it('acknowledges what a consumer that returned did not retry', async () => {
  const { deliver, send, list } = setUpQueue({ retry_delay: 900 }, {})
  await send()
  await deliver()
  expect(list()).toEqual([['two', 2, 60]])
})

it.each([
  {
    acknowledgedBeforeKill: 'kept',
    retry_delay: 900,
    left: [
      ['two', 2, 60],
      ['three', 2, 900],
    ],
  },
  {
    acknowledgedBeforeKill: 'kept',
    retry_delay: undefined,
    left: [
      ['two', 2, 60],
      ['three', 2, 0],
    ],
  },
  {
    acknowledgedBeforeKill: 'lost',
    retry_delay: 900,
    left: ['one', 'two', 'three'].map((body) => [body, 2, 900]),
  },
] as const)(
  'redelivers the messages of a killed consumer: what it acknowledged is $acknowledgedBeforeKill, delay $retry_delay',
  async ({ acknowledgedBeforeKill, retry_delay, left }) => {
    const options = { killer: killAtCall(2, 'after'), readings: { acknowledgedBeforeKill } }
    const { deliver, send, list } = setUpQueue(retry_delay ? { retry_delay } : {}, options)
    await send()
    await deliver()
    expect(list()).toEqual(left)
    expect(trace).toEqual(['first'])
    expect(await countItems()).toBe(2)
  },
)

it('does nothing more for a schedule that was killed', async () => {
  const controller = { scheduledTime: NOON, cron: '* * * * *', noRetry: () => {} }
  const ended = await runtime({ killer: killAtCall(2, 'before') }).scheduled(
    worker,
    controller,
    env,
  )
  expect(ended.outcome).toBe('killed')
  expect(trace).toEqual(['first'])
})

it('kills for the processor time of the Worker, not of its bindings', async () => {
  let us = 0
  const spending = (own: number): ExportedHandler<Env> => ({
    async fetch(_request, { DB }) {
      us += own
      await writeTwice(DB)
      return new Response('done')
    },
  })
  const slow = memoryD1()
  await slow.exec('CREATE TABLE items (name TEXT)')
  const batch = slow.batch.bind(slow)
  slow.batch = (statements) => {
    us += 1_000_000
    return batch(statements) as never
  }
  const strict = runtime({ cpu: () => us, processorLimit: 'always' })
  const post = async (own: number) =>
    (await strict.fetch(spending(own), request(), { DB: slow })).response.status
  expect(await post(10_000)).toBe(200)
  expect(await post(10_001)).toBe(503)
})

it('kills for the processor time that was spent after the last call', async () => {
  let us = 0
  const late: ExportedHandler<Env> = {
    async fetch(_request, { DB }) {
      await DB.prepare(WRITE).run()
      us += 10_001
      return new Response('done')
    },
  }
  const strict = runtime({ cpu: () => us, processorLimit: 'always' })
  expect((await strict.fetch(late, request(), env)).response.status).toBe(503)
  expect(await countItems()).toBe(1)
})

it('lets overruns pass while they are rare, then enforces the limit for some invocations', async () => {
  let us = 0
  const heavy: ExportedHandler<Env> = {
    async fetch() {
      us += 20_000
      return new Response('done')
    },
  }
  const light: ExportedHandler<Env> = { fetch: async () => new Response('done') }
  const processorLimit = { tolerated: 2, windowMs: 60_000, enforcedFor: 2 }
  const strict = runtime({ cpu: () => us, processorLimit })
  const get = async (which: ExportedHandler<Env>) =>
    (await strict.fetch(which, request(), env)).response.status
  expect([await get(heavy), await get(heavy)]).toEqual([200, 200])
  clock.advance(60_000) // both are forgotten
  expect([await get(heavy), await get(heavy), await get(heavy)]).toEqual([200, 200, 200])
  expect([await get(heavy), await get(light), await get(light)]).toEqual([503, 200, 200])
  expect(strict.overruns).toBe(6)
})
