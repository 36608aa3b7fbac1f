import {
  createExecutionContext,
  createScheduledController,
  waitOnExecutionContext,
} from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import receiver from '../../src/index.ts'
import { app } from '../../src/routes.ts'
import { meterDatabase } from '../../src/db/monitor/meter-database.ts'
import { buildBatch } from '../deliver.ts'
import { buildEvent } from '../event.ts'
import { faultyQueue } from '../faulty.ts'
import { clearTables, postWith } from '../receiver.ts'
import { messagesOf } from '../messages-of.ts'
import { DAY, MINUTE, Operator, run } from './operator.ts'
import { PATIENT } from '../patience.ts'

let day = 0

// Usage is recorded at most once a minute, and only one day is of interest.
beforeEach(async () => {
  await clearTables()
  vi.useFakeTimers({ now: Date.parse('2030-01-01T12:00Z') + ++day * 3 * DAY, toFake: ['Date'] })
})
afterEach(() => vi.useRealTimers())

const usage = () =>
  env.DB.prepare(
    'SELECT sum(rowsWritten) AS rowsWritten, sum(rowsRead) AS rowsRead, sum(queueOperations) AS queueOperations FROM usage',
  ).first<Record<'rowsWritten' | 'rowsRead' | 'queueOperations', number | null>>()

const down = { ACTIVITY_QUEUE: faultyQueue(new Error('down')) }
const events = (contactId: number) => Array.from({ length: 20 }, () => buildEvent({ contactId }))

it('counts rows that the edge writes while the queue is down', async () => {
  expect((await postWith(down, events(1))).status).toBe(200)
  await vi.waitFor(async () => expect((await usage())?.rowsWritten).toBeGreaterThan(40), PATIENT)
})

it('does not delay the response of the edge if they cannot be counted', async () => {
  let isQueried = false
  const batch = (statements: D1PreparedStatement[]) => env.DB.batch(statements)
  const prepare = (sql: string) => {
    if (sql.includes('usage')) isQueried = true
    return env.DB.prepare(sql)
  }
  const hang = (statements: D1PreparedStatement[]) =>
    isQueried ? new Promise<never>(() => {}) : batch(statements)
  const DB = { prepare, batch: hang } as unknown as D1Database
  expect((await postWith({ ...down, DB }, events(1))).status).toBe(200)
  expect(isQueried).toBe(true)
})

it.each([
  ['an erasure', 'DELETE', '/contacts/7'],
  ['a rebuild', 'POST', '/rebuild'],
])('counts rows that %s writes', async (_case, method, path) => {
  await postWith(down, events(7))
  await vi.waitFor(async () => expect((await usage())?.rowsWritten).not.toBeNull(), PATIENT)
  await run('DELETE FROM usage')
  vi.setSystemTime(Date.now() + DAY)
  const headers = { Authorization: 'Bearer read-token-for-tests' }
  expect((await app.request(path, { method, headers }, env)).status).toBe(200)
  await vi.waitFor(async () => expect((await usage())?.rowsWritten).toBeGreaterThan(2), PATIENT)
})

it('counts the cost of a batch of the queue', async () => {
  const bodies = await messagesOf(events(7))
  vi.setSystemTime(Date.now() + DAY)
  const { batch, settled } = buildBatch(bodies)
  await receiver.queue(batch, env)
  expect(settled).toEqual(['ack'])
  const { rowsWritten, rowsRead, queueOperations } = (await usage()) ?? {}
  expect(rowsWritten).toBeGreaterThanOrEqual(40)
  expect(rowsRead).toBeGreaterThan(0)
  expect(queueOperations).toBe(3)
})

it('counts the cost of the schedule', async () => {
  const context = createExecutionContext()
  await receiver.scheduled(createScheduledController({ scheduledTime: Date.now() }), env)
  await waitOnExecutionContext(context)
  expect((await usage())?.rowsWritten).toBeGreaterThan(1)
})

it('does not change what the database returns', async () => {
  let counted = 0
  const db = meterDatabase(env.DB, ({ rows_written }) => (counted += rows_written))
  const insert = db.prepare('INSERT INTO key_values VALUES (?, ?)')
  const runs = await insert.bind('a', '1').run()
  const batch = await db.batch([insert.bind('b', '2'), db.prepare('SELECT 1 AS one')])
  expect(batch[1]?.results).toEqual([{ one: 1 }])
  const all = [runs, ...batch].reduce((sum, { meta }) => sum + meta.rows_written, 0)
  expect(counted).toBe(all)
  expect(all).toBeGreaterThanOrEqual(2)
  const select = db.prepare('SELECT name, value FROM key_values WHERE name = ?')
  expect(await select.bind('a').first()).toEqual({ name: 'a', value: '1' })
  expect(await select.bind('a').first('value')).toBe('1')
  expect(await select.bind('c').first()).toBeNull()
  await expect(insert.bind('a', '1').run()).rejects.toThrow('UNIQUE')
})

it.each([
  ['rowsWritten', 70_000, 0, 0],
  ['rowsRead', 0, 3_500_000, 0],
  ['queueOperations', 0, 0, 7_000],
])(
  'notifies once when 70%% of the quota of %s is used',
  async (name, written, read, operations) => {
    const operator = new Operator()
    const today = Math.floor(Date.now() / DAY) * DAY
    const insert = 'INSERT INTO usage VALUES (?, ?, ?, ?, 1, 0, 0, NULL)'
    await run(
      insert,
      today,
      Math.max(0, written - 1),
      Math.max(0, read - 1),
      Math.max(0, operations - 1),
    )
    expect(await operator.hear(Date.now())).toEqual([])
    await run(
      'UPDATE usage SET rowsWritten = ?, rowsRead = ?, queueOperations = ?',
      written,
      read,
      operations,
    )
    expect(await operator.hear(Date.now())).toEqual([`started quota:${name}`])
    expect(await operator.hear(Date.now() + MINUTE)).toEqual([])
    expect(await operator.hear(today + DAY)).toEqual([`ended quota:${name}`])
  },
)

it('ignores daily quotas on the paid plan', async () => {
  await run(
    'INSERT INTO usage VALUES (?, ?, ?, ?, 1, 0, 0, NULL)',
    Math.floor(Date.now() / DAY) * DAY,
    1e9,
    1e9,
    1e9,
  )
  expect(await new Operator().hear(Date.now(), { CLOUDFLARE_PLAN: 'paid' })).toEqual([])
})
