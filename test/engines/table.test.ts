import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { keyOfFile } from '../../src/db/archive/files.ts'
import type { StoredEvent } from '../../src/db/stored-event.ts'
import { DAY_MS } from '../../src/event/clock.ts'
import { buildRow } from '../parquet/rows.ts'
import { makeRows } from '../parquet/simulated-rows.ts'
import { Archive, BUCKET_NAME, digestQuery, digestRows } from './archive.ts'
import { ClickHouse, describeWithClickHouse } from './clickhouse.ts'

const START = Date.UTC(2025, 9, 28)
const TABLE = `icebergLocal('${BUCKET_NAME}/activity')`

const ODD_ROWS = [
  buildRow({ occurredAt: START, id: 'no contact', messageName: '', extra: '{"a":[1,{"b":null}]}' }),
  buildRow({
    occurredAt: START + 1,
    id: 'largest',
    contactId: '9223372036854775807',
    hardBounce: 0,
  }),
  buildRow({
    occurredAt: START + 2,
    id: 'least',
    contactId: '-9223372036854775808',
    hardBounce: 1,
  }),
  buildRow({
    occurredAt: START + 3,
    id: 'odd text',
    messageName: '\uFEFFa\0\t\n\\N👩🏽‍🚀',
    labels: '{"x":"1"}',
  }),
]

const isOfFirstDay = ({ occurredAt }: StoredEvent) => occurredAt < START + DAY_MS

const archive = new Archive()
const rows: StoredEvent[] = [...ODD_ROWS, ...makeRows(11, 20_000, START)]
let clickHouse: ClickHouse

beforeAll(async () => {
  const [first, others] = [rows.filter(isOfFirstDay), rows.filter((row) => !isOfFirstDay(row))]
  const half = await archive.write(first.slice(0, 100))
  await archive.commit()
  await archive.write(first, half) // the version before stays in the bucket
  await archive.writeDays(others)
  await archive.commit()
})

afterAll(() => archive.remove())

describeWithClickHouse('ClickHouse', () => {
  beforeAll(() => {
    clickHouse = new ClickHouse(archive.folder)
  })

  afterAll(() => clickHouse.close())

  it('reads every value of every event', async () => {
    const counts = 'count(), uniqExact(id), uniqExact(contactId)'
    const contacts = new Set(rows.flatMap(({ contactId }) => contactId ?? []))
    const [found] = await clickHouse.query(`SELECT ${counts} FROM ${TABLE}`)
    expect(found?.map(Number)).toEqual([rows.length, rows.length, contacts.size])
    expect(await clickHouse.query(digestQuery(TABLE))).toEqual([[digestRows(rows)]])
  })

  it('reads only the files of a day, or of a month', async () => {
    const days = archive.files.length
    expect(days).toBeGreaterThan(4)
    const ofDay = `occurredAt >= '2025-10-29' AND occurredAt < '2025-10-30'`
    const day = await clickHouse.explain(`SELECT count(email) FROM ${TABLE} WHERE ${ofDay}`)
    expect(day).toEqual({ left: days - 1, read: 1 })
    const november = archive.files.filter(({ month }) => month === Date.UTC(2025, 10)).length
    const sql = `SELECT count(email) FROM ${TABLE} WHERE occurredAt >= '2025-11-01'`
    expect(november).toBeGreaterThan(0)
    expect((await clickHouse.explain(sql)).read).toBe(november)
  })

  it('reads only the files that may have a contact', async () => {
    const sql = `SELECT count(email) FROM ${TABLE} WHERE contactId = -9223372036854775808`
    const { read } = await clickHouse.explain(sql)
    expect(read).toBe(1)
  })
})

it('DuckDB reads the same events', async () => {
  const duckdb = await (await DuckDBInstance.create()).connect()
  const found = await duckdb.runAndReadAll(
    `SELECT count(DISTINCT id)::INTEGER, count(DISTINCT contactId)::INTEGER, min(month), max(month)
     FROM '${archive.folder}/${BUCKET_NAME}/activity/data/*/*.parquet'`,
  )
  const contacts = new Set(rows.flatMap(({ contactId }) => contactId ?? []))
  expect(found.getRows()).toEqual([[rows.length, contacts.size, '2025-10', '2025-11']])
})

it('hyparquet reads the same events', async () => {
  const ids: unknown[] = []
  for (const file of archive.files) {
    const path = join(archive.folder, BUCKET_NAME, keyOfFile(file))
    const found = await parquetReadObjects({
      file: await asyncBufferFromFile(path),
      columns: ['id'],
      compressors: { GZIP: (bytes) => gunzipSync(bytes) },
    })
    ids.push(...found.map(({ id }) => id))
  }
  expect(ids.toSorted()).toEqual(rows.map(({ id }) => id).toSorted())
})
