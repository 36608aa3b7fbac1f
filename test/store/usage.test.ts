import { env } from 'cloudflare:workers'
import { afterEach, expect, it, vi } from 'vitest'
import { createIdentifier } from '../../src/activity/identity.ts'
import { normalize } from '../../src/activity/normalize.ts'
import { toRow } from '../../src/store/columns.ts'
import { packMessages } from '../../src/store/message.ts'
import { UsageMeter } from '../../src/store/usage.ts'
import { deliver } from '../deliver.ts'
import { buildEvent } from '../event.ts'
import { count } from '../receiver.ts'

const [MINUTE, DAY] = [60_000, 86_400_000]
const START = Date.parse('2026-03-01T12:00Z')
const TODAY = Date.parse('2026-03-01T00:00Z')

afterEach(() => vi.useRealTimers())

type Row = { day: number; rowsWritten: number; databaseBytes: number }

async function listUsage(): Promise<Row[]> {
  return (await env.DB.prepare('SELECT * FROM usage ORDER BY day').all<Row>()).results
}

/** The database, but nothing can be written to the usage. */
function withoutUsage(fault: Error): D1Database {
  const prepare = (sql: string) => {
    if (sql.includes('usage')) throw fault
    return env.DB.prepare(sql)
  }
  const batch = (statements: D1PreparedStatement[]) => env.DB.batch(statements)
  return { prepare, batch } as unknown as D1Database
}

it('writes down the first figures at once, with the size, and its own row', async () => {
  await new UsageMeter().note(env.DB, 41, START)
  const [row, ...others] = await listUsage()
  expect(others).toEqual([])
  expect(row).toMatchObject({ day: TODAY, rowsWritten: 42 })
  expect(row?.databaseBytes).toBeGreaterThan(10_000)
})

it('writes down the others once a minute', async () => {
  const meter = new UsageMeter()
  await meter.note(env.DB, 10, START)
  await meter.note(env.DB, 5, START + 1)
  await meter.note(env.DB, 7, START + MINUTE - 1)
  expect((await listUsage())[0]?.rowsWritten).toBe(11)
  await meter.note(env.DB, 0, START + MINUTE)
  expect((await listUsage())[0]?.rowsWritten).toBe(11 + 13)
})

it('writes nothing where nothing was written', async () => {
  await new UsageMeter().note(env.DB, 0, START)
  expect(await listUsage()).toEqual([])
})

it('adds what several isolates wrote, and begins anew at midnight UTC', async () => {
  await new UsageMeter().note(env.DB, 1, START)
  await new UsageMeter().note(env.DB, 2, START)
  await new UsageMeter().note(env.DB, 3, TODAY + DAY)
  const rows = await listUsage()
  expect(rows.map(({ day, rowsWritten }) => [day, rowsWritten])).toEqual([
    [TODAY, 5],
    [TODAY + DAY, 4],
  ])
})

it('keeps figures that could not be written down for the next time', async () => {
  const meter = new UsageMeter()
  const fault = await meter.note(withoutUsage(new Error('D1_ERROR: overloaded')), 10, START)
  expect(fault).toBe('Error: D1_ERROR: overloaded')
  expect(await listUsage()).toEqual([])
  await meter.note(env.DB, 5, START + MINUTE)
  expect((await listUsage())[0]?.rowsWritten).toBe(16)
})

it('forgets days of more than 400 days ago', async () => {
  const insert = env.DB.prepare('INSERT INTO usage VALUES (?, 1, 1)')
  await env.DB.batch([insert.bind(TODAY - 401 * DAY), insert.bind(TODAY - 400 * DAY)])
  await new UsageMeter().note(env.DB, 1, START)
  expect((await listUsage()).map(({ day }) => day)).toEqual([TODAY - 400 * DAY, TODAY])
})

it('counts what a batch of the queue wrote, after it was acknowledged, and fails none', async () => {
  const pack = () => {
    const result = normalize(buildEvent(), createIdentifier(), 'UTC')
    const row = JSON.stringify('activity' in result ? toRow(result.activity) : null)
    return packMessages({ receivedAt: 1, origin: 'webhook', labels: null }, [row], [])[0]
  }
  // Whichever comes first in this isolate, the figures of both are there after the second minute.
  const db = withoutUsage(new Error('D1_ERROR: overloaded'))
  expect(await deliver([pack()], { db })).toEqual(['ack'])
  expect(await count('activity')).toBe(1)
  vi.useFakeTimers({ now: Date.now() + 2 * MINUTE, toFake: ['Date'] })
  expect(await deliver([pack()])).toEqual(['ack'])
  expect((await listUsage()).at(-1)?.rowsWritten).toBeGreaterThanOrEqual(2 * 4 + 1)
})
