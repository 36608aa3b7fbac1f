import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { UsageMeter } from '../../src/db/monitor/usage.ts'
import { buildBatch } from '../deliver.ts'
import { watchLog } from '../watch-log.ts'

const [MINUTE, DAY] = [60_000, 86_400_000]
const START = Date.parse('2026-03-01T12:00Z')
const TODAY = Date.parse('2026-03-01T00:00Z')

const log = watchLog()
beforeEach(async () => void (await env.DB.prepare('DELETE FROM usage').run()))
afterEach(() => vi.useRealTimers())

type Row = {
  day: number
  rowsWritten: number
  rowsRead: number
  queueOperations: number
  databaseBytes: number
}

async function listUsage(): Promise<Row[]> {
  return (await env.DB.prepare('SELECT * FROM usage ORDER BY day').all<Row>()).results
}

/** A meter that has counted something. */
function meterWith(rows_written: number, rows_read = 0, meter = new UsageMeter()): UsageMeter {
  meter.countStatement({ rows_written, rows_read, size_after: 20_480 } as D1Meta)
  return meter
}

it('records the first figures at once, with the size and its own row', async () => {
  await meterWith(41, 7).flush(env.DB, START)
  expect(await listUsage()).toEqual([
    {
      day: TODAY,
      rowsWritten: 42,
      rowsRead: 7,
      queueOperations: 0,
      databaseBytes: 20_480,
      storedAt: 0,
      receivedAt: 0,
      lag: null,
    },
  ])
})

it('records later figures once a minute', async () => {
  const meter = meterWith(10)
  await meter.flush(env.DB, START)
  for (const later of [1, MINUTE - 1]) {
    meterWith(6, 0, meter)
    expect(meter.flush(env.DB, START + later)).toBeUndefined()
  }
  await meter.flush(env.DB, START + MINUTE)
  expect((await listUsage())[0]?.rowsWritten).toBe(11 + 13)
})

it('records nothing if nothing was written and little was read', async () => {
  expect(new UsageMeter().flush(env.DB, START)).toBeUndefined()
  const meter = meterWith(0, 4_999)
  expect(meter.flush(env.DB, START)).toBeUndefined()
  await meterWith(0, 1, meter).flush(env.DB, START)
  expect(await listUsage()).toMatchObject([{ rowsWritten: 1, rowsRead: 5_000 }])
})

it('adds up the usage of several isolates, and starts again at midnight UTC', async () => {
  await meterWith(1).flush(env.DB, START)
  await meterWith(2).flush(env.DB, START)
  await meterWith(3).flush(env.DB, TODAY + DAY)
  const rows = await listUsage()
  expect(rows.map(({ day, rowsWritten }) => [day, rowsWritten])).toEqual([
    [TODAY, 5],
    [TODAY + DAY, 4],
  ])
})

it('counts three queue operations for each 64 KB, and one for each retry', async () => {
  const meter = new UsageMeter()
  meter.countBatch(buildBatch(['small', 'x'.repeat(64_001), new ArrayBuffer(64_001)]).batch)
  meter.countBatch(buildBatch(['small', { an: 'object' }], { attempts: 2 }).batch)
  await meter.flush(env.DB, START)
  expect((await listUsage())[0]?.queueOperations).toBe(3 + 6 + 6 + 1 + 1)
})

it('keeps figures that could not be recorded for the next time', async () => {
  const meter = meterWith(10)
  const batch = () => Promise.reject(new Error('D1_ERROR: overloaded'))
  const prepare = (sql: string) => env.DB.prepare(sql)
  await meter.flush({ prepare, batch } as unknown as D1Database, START)
  expect(log.lines.map((line) => JSON.parse(line))).toEqual([
    { event: 'usage_not_recorded', errors: ['Error: D1_ERROR: overloaded'] },
  ])
  expect(await listUsage()).toEqual([])
  await meterWith(5, 0, meter).flush(env.DB, START + MINUTE)
  expect((await listUsage())[0]?.rowsWritten).toBe(16)
})

it('deletes days of more than 400 days ago', async () => {
  const insert = env.DB.prepare('INSERT INTO usage VALUES (?, 1, 1, 1, 1, 0, 0, NULL)')
  await env.DB.batch([insert.bind(TODAY - 401 * DAY), insert.bind(TODAY - 400 * DAY)])
  await meterWith(1).flush(env.DB, START)
  expect((await listUsage()).map(({ day }) => day)).toEqual([TODAY - 400 * DAY, TODAY])
})

it('keeps the known size if it got no new one', async () => {
  await meterWith(1).flush(env.DB, START)
  const meter = new UsageMeter()
  meter.countBatch(buildBatch(['small']).batch)
  await meter.flush(env.DB, START)
  expect((await listUsage())[0]?.databaseBytes).toBe(20_480)
})
