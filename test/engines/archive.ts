import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openBucketCatalog } from '../../src/archive/table/bucket-catalog.ts'
import type { Catalog } from '../../src/archive/table/catalog.ts'
import { commitTable } from '../../src/archive/table/commit.ts'
import type { DataFile } from '../../src/archive/table/manifest.ts'
import { keyOfFile, monthOf } from '../../src/db/archive/files.ts'
import type { StoredEvent } from '../../src/db/stored-event.ts'
import { DAY_MS } from '../../src/event/clock.ts'
import { COLUMNS } from '../../src/parquet/columns.ts'
import { encodeParquet } from '../../src/parquet/encode.ts'
import { compareByContact, compareOldestFirst, describeContent } from '../../src/parquet/order.ts'
import { RestStub } from '../archive/table/rest-stub.ts'
import { memoryR2 } from '../strict/memory/r2.ts'

export const BUCKET_NAME = 'yespo-archive'
export const ROOT = `s3://${BUCKET_NAME}`

/** An archive in a bucket, with a folder on disk that is a copy of it. */
export class Archive {
  readonly bucket = memoryR2({ now: () => Date.now() } as Parameters<typeof memoryR2>[0])
  readonly folder = mkdtempSync(join(tmpdir(), 'engines-'))
  readonly files: DataFile[] = []

  /** Writes a file of some events of a month, as the next version of another one if there is one. */
  async write(rows: readonly StoredEvent[], before?: DataFile): Promise<DataFile> {
    const sorted = rows.toSorted(compareByContact)
    const bytes = encodeParquet(sorted)
    const file: DataFile = {
      month: monthOf(sorted[0]?.occurredAt ?? 0),
      file: before?.file ?? this.files.length + 1,
      version: (before?.version ?? 0) + 1,
      ...describeContent(sorted, bytes.byteLength),
    }
    await this.bucket.put(keyOfFile(file), bytes)
    if (before) this.files[this.files.indexOf(before)] = file
    else this.files.push(file)
    return file
  }

  /** Writes a file for each day of the events. */
  async writeDays(rows: readonly StoredEvent[]): Promise<void> {
    const days = Map.groupBy(rows, ({ occurredAt }) => Math.floor(occurredAt / DAY_MS))
    for (const ofDay of days.values()) await this.write(ofDay)
  }

  /** Commits the files, and copies the bucket to the folder. */
  async commit(catalog: Catalog = openBucketCatalog(this.bucket, ROOT)): Promise<void> {
    const months = [...new Set(this.files.map(({ month }) => month))]
    const listMonthFiles = async (month: number) =>
      this.files.filter((file) => file.month === month)
    await commitTable({ bucket: this.bucket, catalog, listMonthFiles }, months)
    await copyBucket(this.bucket, join(this.folder, BUCKET_NAME))
  }

  /** A catalog whose metadata are in the bucket, but not in the folder of ours. */
  openStub(): RestStub {
    return new RestStub(`${ROOT}/of-the-catalog/1`, async (uri, json) => {
      await this.bucket.put(uri.slice(ROOT.length + 1), json)
    })
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}

/** Makes a folder a copy of a bucket. */
export async function copyBucket(bucket: R2Bucket, folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  for await (const key of listKeys(bucket)) {
    const object = await bucket.get(key)
    const path = join(folder, key)
    mkdirSync(dirname(path), { recursive: true })
    if (object) writeFileSync(path, new Uint8Array(await object.arrayBuffer()))
  }
}

async function* listKeys(bucket: R2Bucket): AsyncGenerator<string> {
  let page = await bucket.list()
  for (;;) {
    for (const { key } of page.objects) yield key
    if (!page.truncated) return
    page = await bucket.list({ cursor: page.cursor })
  }
}

/** A digest over all columns of all rows, in order of time and ID. */
export function digestRows(rows: readonly StoredEvent[]): string {
  const digest = createHash('sha256')
  for (const row of rows.toSorted(compareOldestFirst)) {
    const cells = COLUMNS.map(({ name }) => (row[name] === null ? '-' : `=${row[name]}`))
    digest.update(`${cells.join('\t')}\n`)
  }
  return digest.digest('hex')
}

/** The same in ClickHouse. @param table what to read from */
export function digestQuery(table: string): string {
  const cells = COLUMNS.map(({ name, kind }) => {
    const value = { time: `toUnixTimestamp64Milli("${name}")`, flag: `toUInt8("${name}")` }
    const text = kind === 'time' || kind === 'flag' ? value[kind] : `"${name}"`
    return `ifNull(concat('=', toString(${text})), '-')`
  })
  return `SELECT lower(hex(SHA256(groupConcat(line)))) FROM (
    SELECT concat(${cells.join(", '\\t', ")}, '\\n') AS line FROM ${table} ORDER BY occurredAt, id)`
}
