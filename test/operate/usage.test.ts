import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { app } from '../../src/app.ts'
import { countRows } from '../../src/store/count-rows.ts'
import { buildEvent } from '../event.ts'
import { faultyQueue } from '../faulty.ts'
import { clearTables, postWith } from '../receiver.ts'
import { DAY } from './owner.ts'

let day = 0

// What was written is written down at most once a minute, and at most one day is of interest.
beforeEach(async () => {
  await clearTables()
  vi.useFakeTimers({ now: Date.parse('2030-01-01T12:00Z') + ++day * 3 * DAY, toFake: ['Date'] })
})
afterEach(() => vi.useRealTimers())

const rowsWritten = () =>
  env.DB.prepare('SELECT sum(rowsWritten) AS rows FROM usage').first<number>('rows')

const down = { ACTIVITY_QUEUE: faultyQueue(new Error('down')) }
const events = (contactId: number) => Array.from({ length: 20 }, () => buildEvent({ contactId }))

it('rows that the door writes, as the queue is away, are counted', async () => {
  expect((await postWith(down, events(1))).status).toBe(200)
  await vi.waitFor(async () => expect(await rowsWritten()).toBeGreaterThan(40))
})

it('the door answers, and at once, where they cannot be counted', async () => {
  let isAsked = false
  const prepare = (sql: string) => {
    if (!sql.includes('usage')) return env.DB.prepare(sql)
    isAsked = true
    return { all: () => new Promise<never>(() => {}) }
  }
  const DB = { prepare, batch: env.DB.batch.bind(env.DB) } as unknown as D1Database
  expect((await postWith({ ...down, DB }, events(1))).status).toBe(200)
  expect(isAsked).toBe(true)
})

it.each([
  ['an erasure', 'DELETE', '/contacts/7'],
  ['a recount', 'POST', '/recount'],
])('rows that %s writes are counted', async (_what, method, path) => {
  await postWith(down, events(7))
  await vi.waitFor(async () => expect(await rowsWritten()).not.toBeNull())
  await env.DB.prepare('DELETE FROM usage').run()
  vi.setSystemTime(Date.now() + DAY)
  const headers = { Authorization: 'Bearer read-token' }
  expect((await app.request(path, { method, headers }, env)).status).toBe(200)
  expect(await rowsWritten()).toBeGreaterThan(5)
})

it('counting tells what the database does, and leaves all else as it is', async () => {
  const { db, rows: counted } = countRows(env.DB, 'rows_written')
  const insert = db.prepare('INSERT INTO notes VALUES (?, ?)')
  const runs = await insert.bind('a', '1').run()
  const batch = await db.batch([insert.bind('b', '2'), db.prepare('SELECT 1 AS one')])
  expect(batch[1]?.results).toEqual([{ one: 1 }])
  const all = [runs, ...batch].reduce((sum, { meta }) => sum + meta.rows_written, 0)
  expect(counted()).toBe(all)
  expect(all).toBeGreaterThanOrEqual(2)
  const select = db.prepare('SELECT name, value FROM notes WHERE name = ?')
  expect(await select.bind('a').first()).toEqual({ name: 'a', value: '1' })
  expect(await select.bind('a').first('value')).toBe('1')
  expect(await select.bind('c').first()).toBeNull()
  await expect(insert.bind('a', '1').run()).rejects.toThrow('UNIQUE')
})
