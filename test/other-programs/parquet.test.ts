import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { COLUMNS } from '../../src/parquet/columns.ts'
import { encodeParquet } from '../../src/parquet/encode.ts'
import type { StoredEvent } from '../../src/db/stored-event.ts'
import { buildRow } from '../parquet/rows.ts'
import { makeRows } from '../parquet/simulated-rows.ts'

const EVENTS = 15_000
const DAY = 86_400_000

const folder = mkdtempSync(join(tmpdir(), 'archive-'))
const files = join(folder, 'activity/*/*.parquet')
let duckdb: DuckDBConnection
let rows: StoredEvent[]

beforeAll(async () => {
  rows = [...ODD_ROWS, ...makeRows(11, EVENTS, Date.UTC(2025, 9, 20))].sort(byKey)
  for (const [day, ofDay] of Map.groupBy(rows, ({ occurredAt }) => Math.floor(occurredAt / DAY))) {
    const name = new Date(day * DAY).toISOString().slice(0, 10)
    const path = join(folder, `activity/day=${name}`)
    mkdirSync(path, { recursive: true })
    writeFileSync(join(path, '1.parquet'), new Uint8Array(encodeParquet(ofDay)))
    // Like a file from which everyone was erased.
    writeFileSync(join(path, '2.parquet'), new Uint8Array(encodeParquet([])))
  }
  duckdb = await (await DuckDBInstance.create()).connect()
})

afterAll(() => rmSync(folder, { recursive: true }))

// Starts with a byte order mark, which DuckDB's Node binding drops.
const MARKED = '\uFEFFa\0👩🏽‍🚀'

const ODD_ROWS = [
  buildRow({ occurredAt: -1, id: 'before 1970', contactId: '-9223372036854775808' }),
  buildRow({ occurredAt: 1, id: 'empty', messageName: '', extra: '{"a":[1,{"b":null}]}' }),
  buildRow({ occurredAt: 2, id: 'mark', messageName: MARKED, labels: '{"x":"1"}' }),
  buildRow({ occurredAt: 3, id: 'largest', contactId: '9223372036854775807', hardBounce: 0 }),
]

function byKey(a: StoredEvent, b: StoredEvent): number {
  return a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1)
}

async function query(sql: string): Promise<unknown[][]> {
  return (await duckdb.runAndReadAll(sql)).getRows()
}

it('DuckDB reads every value of the archive unchanged, row by row', async () => {
  const names = COLUMNS.map(({ name, kind }) =>
    kind === 'time' ? `epoch_ms("${name}")` : kind === 'flag' ? `"${name}"::BIGINT` : `"${name}"`,
  )
  const found = await query(`SELECT ${names} FROM read_parquet('${files}') ORDER BY occurredAt, id`)
  const expected = rows.map((row) =>
    COLUMNS.map(({ name, kind }) => {
      const cell = row[name] === MARKED ? MARKED.slice(1) : row[name]
      return cell === null || kind === 'text' ? cell : BigInt(cell)
    }),
  )
  expect(found).toHaveLength(expected.length)
  expect(found).toEqual(expected)
  expect(rows.length).toBeGreaterThan(EVENTS)
})

it('DuckDB reads a text byte for byte', async () => {
  const found = await query(`SELECT hex(messageName) FROM '${files}' WHERE id = 'mark'`)
  expect(found).toEqual([[Buffer.from(MARKED).toString('hex').toUpperCase()]])
})

it('DuckDB recognizes the types of the table, including times', async () => {
  const types = { time: 'TIMESTAMP WITH TIME ZONE', integer: 'BIGINT', flag: 'BOOLEAN' }
  const found = await query(`DESCRIBE FROM read_parquet('${files}', hive_partitioning = false)`)
  expect(found.map(([name, type]) => [name, type])).toEqual(
    COLUMNS.map(({ name, kind }) => [name, kind === 'text' ? 'VARCHAR' : types[kind]]),
  )
})

it('DuckDB gets the days of the archive from the folder names', async () => {
  const found = await query(`
    SELECT day::VARCHAR, count(*)::INTEGER, count(DISTINCT contactId)::INTEGER
    FROM read_parquet('${files}', union_by_name = true, hive_partitioning = true)
    WHERE day BETWEEN DATE '2025-10-20' AND DATE '2025-10-21' GROUP BY ALL ORDER BY 1`)
  const dayOf = ({ occurredAt }: StoredEvent) => new Date(occurredAt).toISOString().slice(0, 10)
  const days = Map.groupBy(rows, dayOf)
  const expected = ['2025-10-20', '2025-10-21'].map((day) => {
    const ofDay = days.get(day) ?? []
    const contacts = new Set(ofDay.flatMap(({ contactId }) => contactId ?? []))
    return [day, ofDay.length, contacts.size]
  })
  expect(found).toEqual(expected)
})
