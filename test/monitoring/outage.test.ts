import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { checkOrNotify } from '../../src/monitoring/alerts/check-or-notify.ts'
import { consumeOutages, encodeOutage } from '../../src/monitoring/alerts/outage.ts'
import { buildBatch } from '../deliver.ts'
import { D1_ERRORS, faultyQueue } from '../faulty.ts'
import { HOUR, MINUTE, Operator, operatorEnv, queueWith } from './operator.ts'

const NOON = Date.parse('2026-03-10T12:00Z')

beforeEach(() => {
  for (const level of ['info', 'warn', 'error'] as const) vi.spyOn(console, level).mockReturnValue()
})
afterEach(() => vi.restoreAllMocks())

/** A database that fails at everything, or only at writes. */
function failing(error: Error, writesOnly = false): D1Database {
  const isWrite = (sql: string) => /^\s*(INSERT|UPDATE|DELETE)/.test(sql)
  const reject = () => Promise.reject(error)
  const broken = { all: reject, run: reject, first: reject, raw: reject }
  const writes = new WeakSet<D1PreparedStatement>()
  const prepare = (sql: string) => {
    const statement = env.DB.prepare(sql)
    if (writesOnly && !isWrite(sql)) return statement
    const bind = (...values: unknown[]) => Object.assign(Object.create(bound(values)), broken)
    const bound = (values: unknown[]) => {
      const made = statement.bind(...values)
      writes.add(made)
      return made
    }
    return Object.assign(Object.create(statement), { bind, ...broken })
  }
  const batch = (statements: D1PreparedStatement[]) =>
    writesOnly && statements.every((each) => !writes.has(Object.getPrototypeOf(each)))
      ? env.DB.batch(statements)
      : Promise.reject(error)
  return { prepare, batch } as unknown as D1Database
}

/** Runs the schedule every 15 minutes. @returns the posts, each with the minutes until then */
async function runFor(
  operator: Operator,
  from: number,
  minutes: number,
  changes: Partial<Env>,
): Promise<{ at: number; text: string }[]> {
  const posted: { at: number; text: string }[] = []
  for (let at = 0; at < minutes; at += 15) {
    const now = from + at * MINUTE
    const post = async (url: string, init: RequestInit) => {
      posted.push({ at, text: String(init.body) })
      operator.requests.push({ url, init })
      return operator.respond()
    }
    const wait = () => Promise.resolve()
    await checkOrNotify(operatorEnv(changes), now, { post, wait }).catch(() => {})
  }
  return posted
}

const sender = (sent: string[]) =>
  ({
    ...queueWith(0),
    send: (body: unknown) => faultyQueue(undefined, sent).send(body),
  }) as Queue

it.each([
  ['the daily row quota is used up', D1_ERRORS.writesSpent(), true, /until 00:00 UTC/],
  ['the database is lost', D1_ERRORS.lost(), false, /The database cannot be used/],
  [
    'the database is not migrated',
    new Error('D1_ERROR: no such table: alerts: SQLITE_ERROR'),
    false,
    /Run “npm run deploy”/,
  ],
])('notifies once an hour when %s', async (_case, error, writesOnly, says) => {
  const operator = new Operator()
  const sent: string[] = []
  const changes = { DB: failing(error, writesOnly), ACTIVITY_QUEUE: sender(sent) }
  const posted = await runFor(operator, NOON - 30 * MINUTE, 165, changes)
  expect(posted.map(({ at }) => at)).toEqual([30, 90, 150])
  for (const { text } of posted) expect(text).toMatch(says)
  expect(posted.every(({ text }) => !text.includes('SQLITE'))).toBe(true)
})

it('notifies of the end once, by messages that the queue kept', async () => {
  const operator = new Operator()
  const sent: string[] = []
  const changes = { DB: failing(D1_ERRORS.lost()), ACTIVITY_QUEUE: sender(sent) }
  await runFor(operator, NOON, 75, changes)
  expect(sent).toHaveLength(2)
  const { batch, settled } = buildBatch(sent)
  await consumeOutages(batch.messages, env.DB)
  expect(settled).toEqual(['ack', 'ack'])
  const posted = await runFor(operator, NOON + HOUR + 15 * MINUTE, 60, {})
  expect(posted).toHaveLength(1)
  expect(JSON.parse(posted[0]?.text ?? '').alerts).toMatchObject([
    { name: 'database_down', state: 'ended', since: NOON },
  ])
})

it('notifies when the database responds at first, and then hangs', async () => {
  const hang = () => new Promise<never>(() => {})
  const DB = { prepare: (sql: string) => env.DB.prepare(sql), batch: hang } as unknown as D1Database
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const posted: string[] = []
  const post = (_url: string, init: RequestInit) => {
    posted.push(String(init.body))
    return Promise.resolve(new Response('ok'))
  }
  let isDone = false
  const deps = { post, wait: () => Promise.resolve() }
  const running = checkOrNotify(operatorEnv({ DB }), NOON, deps).catch(() => {})
  void running.then(() => (isDone = true))
  while (!isDone) await vi.advanceTimersByTimeAsync(1_000)
  vi.useRealTimers()
  expect(posted).toHaveLength(1)
  expect(posted[0]).toContain('database_down')
})

it('notifies of the end once, even if kept messages continue to arrive', async () => {
  const operator = new Operator()
  const consumed = async (...bodies: string[]) =>
    consumeOutages(buildBatch(bodies).batch.messages, env.DB)
  await consumed(encodeOutage(NOON))
  expect(await runFor(operator, NOON + 2 * HOUR, 15, {})).toHaveLength(1)
  await consumed(encodeOutage(NOON + HOUR), encodeOutage(NOON))
  expect(await runFor(operator, NOON + 2 * HOUR + 15 * MINUTE, 15, {})).toEqual([])
  await consumed(encodeOutage(NOON + 5 * HOUR))
  expect(await runFor(operator, NOON + 6 * HOUR, 15, {})).toHaveLength(1)
})

it('retries kept messages while the database is down', async () => {
  const { batch, settled } = buildBatch(['{"v":1,"outageSince":1}'], { attempts: 3 })
  await consumeOutages(batch.messages, failing(D1_ERRORS.lost()))
  expect(settled).toEqual([{ delaySeconds: 8 }])
})

it('does not notify of an outage of a few seconds', async () => {
  let failures = 0
  const DB = new Proxy(env.DB, {
    get(target, name) {
      if (name === 'prepare' && failures++ === 0) throw D1_ERRORS.lost()
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  expect(await runFor(new Operator(), NOON, 5, { DB })).toEqual([])
  expect(failures).toBeGreaterThan(1)
})

it('notifies once even if runs overlap', async () => {
  const operator = new Operator()
  const dead = operatorEnv({ DEAD_LETTERS: queueWith(1, NOON - HOUR) })
  const post = async (url: string, init: RequestInit) => {
    operator.requests.push({ url, init })
    await new Promise((resolve) => setTimeout(resolve, 20))
    return operator.respond()
  }
  const wait = () => Promise.resolve()
  await Promise.all([0, 0, 5].map((at) => checkOrNotify(dead, NOON + at * MINUTE, { post, wait })))
  await checkOrNotify(dead, NOON + 10 * MINUTE, { post, wait })
  expect(operator.requests).toHaveLength(1)
})
