import { env } from 'cloudflare:workers'
import { beforeEach, expect, it } from 'vitest'
import { countActivity } from '../../src/overview/activity-counts.ts'
import { clockOf } from '../../src/language/format.ts'
import { countReasons } from '../../src/db/quarantine/counts.ts'
import { listItems } from '../../src/db/quarantine/list.ts'
import { countByTime } from '../../src/db/reports/time-series.ts'
import { buildEvent } from '../event.ts'
import { clearTables } from '../receiver.ts'
import { countReads } from '../rows-read.ts'
import { store } from '../store-events.ts'

const QUARTER = 900_000
const START = Date.parse('2026-03-01T00:00Z')

const at = (time: number, changes = {}) =>
  buildEvent({ activityDateTime: new Date(time).toISOString().slice(0, 19), ...changes })

beforeEach(clearTables)

it('counts by the quarter of an hour', async () => {
  await store(at(START), at(START + QUARTER), at(START + QUARTER + 1000), at(START + 5 * QUARTER))
  const span = { since: START, until: START + 8 * QUARTER, offset: 0 }
  const { counts, rowsScanned } = await countByTime(env.DB, undefined, {}, [span], QUARTER, 99)
  const busy = counts.filter(({ events }) => events > 0)
  expect(busy.map(({ bucket, events }) => [bucket - START / QUARTER, events])).toEqual([
    [0, 1],
    [1, 2],
    [5, 1],
  ])
  expect(rowsScanned).toBe(2)
})

it('reports how many rows were read if none of them matches', async () => {
  await store(at(START))
  const span = { since: START, until: START + 4 * QUARTER, offset: 0 }
  expect(await countByTime(env.DB, undefined, {}, [span], 4 * QUARTER, 99, ['READ'])).toEqual({
    counts: [],
    rowsScanned: 1,
    complete: true,
  })
})

it('counts the whole minute at the end of a period, as its links do', async () => {
  await store(at(START + 10_000), at(START + 50_000))
  const period = { since: START - 60_000, until: START + 30_000 }
  const { bars } = await countActivity(env.DB, {}, period, clockOf('UTC'))
  expect(bars.at(-1)?.until).toBe(START + 60_000)
  expect(bars.at(-1)?.counts.get('DELIVERED')).toBe(2)
})

it('returns quarters if there are too many events for minutes', async () => {
  const keys = `WITH RECURSIVE n(value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM n WHERE value < 20000)`
  await env.DB.prepare(
    `${keys} INSERT INTO activity (occurredAt, id, writeId, receivedAt, origin, campaign) SELECT ? + value, randomblob(16), 1, 0, 'x', 1 FROM n`,
  )
    .bind(START)
    .run()
  await store(at(START + 100_000), at(START + QUARTER))
  const period = { since: START, until: START + 2 * QUARTER }
  const { by, bars } = await countActivity(env.DB, {}, period, clockOf('Asia/Kathmandu'))
  expect(by).toBe('quarter')
  expect(bars.map(({ counts }) => counts.get('DELIVERED'))).toEqual([1, 1])
})

it('reads quarantined items from their index, and only a page of them completely', async () => {
  const keys = `WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 6000)`
  await env.DB.prepare(
    `${keys} INSERT INTO quarantine
     SELECT 'r' || value, 0, 0, 'element', 'why' || (value < 10), value, 'o', NULL, 'sent' FROM n`,
  ).run()
  const { db, rowsRead } = countReads(env.DB)
  const first = await listItems(db, undefined, 20, undefined)
  expect(first.items.map(({ receivedAt }) => receivedAt)).toEqual(
    Array.from({ length: 20 }, (_, index) => 6000 - index),
  )
  expect(rowsRead()).toBeLessThan(100)
  const none = await listItems(db, 'why1', 20, undefined)
  expect(none).toEqual({
    items: [],
    next: { receivedAt: 1001, request: 'r1001', elementIndex: 0 },
  })
  const rest = await listItems(db, 'why1', 20, none.next ?? undefined)
  expect(rest.items).toHaveLength(9)
  expect(rest.next).toBeNull()
  expect(await countReasons(db)).toEqual({
    reasons: [
      { reason: 'why0', items: 5991 },
      { reason: 'why1', items: 9 },
    ],
    complete: true,
  })
  const plan = await env.DB.prepare(
    'EXPLAIN QUERY PLAN SELECT reason, kind FROM quarantine INDEXED BY quarantine_by_time WHERE part = 0',
  ).first('detail')
  expect(plan).toContain('COVERING INDEX')
})
