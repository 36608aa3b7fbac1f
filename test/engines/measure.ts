// Measures ClickHouse on an archive of many events: node test/engines/measure.ts [events]
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openBucketCatalog } from '../../src/archive/table/bucket-catalog.ts'
import { commitTable } from '../../src/archive/table/commit.ts'
import type { DataFile } from '../../src/archive/table/manifest.ts'
import { keyOfFile } from '../../src/db/archive/files.ts'
import type { StoredEvent } from '../../src/db/stored-event.ts'
import { DAY_MS } from '../../src/event/clock.ts'
import { encodeParquet, MAX_FILE_ROWS } from '../../src/parquet/encode.ts'
import { compareByContact, describeContent } from '../../src/parquet/order.ts'
import { makeRows } from '../parquet/simulated-rows.ts'
import { memoryR2 } from '../strict/memory/r2.ts'
import { BUCKET_NAME, ROOT } from './archive.ts'
import { ClickHouse } from './clickhouse.ts'

const [MONTHS, SAMPLE, TRIES] = [13, 60_000, 5]
const CONTACTS_APART = 1_000_000

const events = Number(process.argv[2] ?? 10_000_000)
const folder = mkdtempSync(join(tmpdir(), 'measure-'))
const bucket = memoryR2({ now: () => Date.now() } as Parameters<typeof memoryR2>[0])
const sample = makeRows(1, SAMPLE, Date.UTC(2024, 0, 1))
const files: DataFile[] = []

/** The events of a month: the sample again and again, each time other contacts and some hours later. */
function makeMonth(index: number, count: number): StoredEvent[] {
  const start = Date.UTC(2024, index, 1) - Date.UTC(2024, 0, 1)
  return Array.from({ length: count }, (_, number) => {
    const row = sample[number % SAMPLE] as StoredEvent
    const copy = Math.floor(number / SAMPLE)
    const id = row.id.slice(0, -8) + (index * count + number).toString(16).padStart(8, '0')
    const contactId = row.contactId === null ? null : Number(row.contactId) + copy * CONTACTS_APART
    return { ...row, id, contactId, occurredAt: row.occurredAt + start + copy * DAY_MS }
  }).sort(compareByContact)
}

/** Writes a month as it is once its files are merged: each file has other contacts. */
function writeMonth(index: number, count: number): void {
  const rows = makeMonth(index, count)
  for (let start = 0; start < rows.length; start += MAX_FILE_ROWS) {
    const part = rows.slice(start, start + MAX_FILE_ROWS)
    const content = new Uint8Array(encodeParquet(part))
    const month = Date.UTC(2024, index, 1)
    const file = {
      month,
      file: files.length + 1,
      version: 1,
      ...describeContent(part, content.length),
    }
    files.push(file)
    write(keyOfFile(file), content)
  }
}

function write(key: string, content: Uint8Array): void {
  const path = join(folder, BUCKET_NAME, key)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

async function commit(): Promise<void> {
  const catalog = openBucketCatalog(bucket, ROOT)
  const listMonthFiles = async (month: number) => files.filter((file) => file.month === month)
  const months = [...new Set(files.map(({ month }) => month))]
  await commitTable({ bucket, catalog, listMonthFiles }, months)
  for (const { key } of (await bucket.list()).objects) {
    const object = await bucket.get(key)
    if (object) write(key, new Uint8Array(await object.arrayBuffer()))
  }
}

async function measure(clickHouse: ClickHouse, name: string, sql: string): Promise<void> {
  const times: number[] = []
  let rows = 0
  for (let tries = 0; tries < TRIES; tries++) {
    const start = performance.now()
    rows = (await clickHouse.query(sql)).length
    times.push(performance.now() - start)
  }
  const shown = times.map((time) => `${Math.round(time)} ms`)
  console.log(`${name}: ${rows} rows, first ${shown[0]}, then ${shown.slice(1).join(', ')}`)
}

for (let index = 0; index < MONTHS; index++) {
  writeMonth(index, Math.ceil(events / MONTHS))
  console.log(`Wrote month ${index + 1} of ${MONTHS}.`)
}
await commit()
const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
const written = files.reduce((sum, file) => sum + file.events, 0)
console.log(
  `${written} events, ${files.length} files, ${(bytes / written).toFixed(1)} bytes an event`,
)

const clickHouse = new ClickHouse(folder)
const table = `icebergLocal('${BUCKET_NAME}/activity')`
const contact = String(files[Math.floor(files.length / 2)]?.maxContact)
await measure(
  clickHouse,
  'Report by campaign',
  `SELECT messageName, activityStatus, count() FROM ${table} GROUP BY messageName, activityStatus`,
)
await measure(clickHouse, 'Distinct contacts', `SELECT uniqExact(contactId) FROM ${table}`)
await measure(
  clickHouse,
  'One contact',
  `SELECT * FROM ${table} WHERE contactId = ${contact} ORDER BY occurredAt DESC`,
)
clickHouse.close()
rmSync(folder, { recursive: true })
