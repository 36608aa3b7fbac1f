import type { DatabaseSync } from 'node:sqlite'
import { parseExactly } from '../../../src/event/exact-number.ts'
import { openBucketCatalog } from '../../../src/archive/table/bucket-catalog.ts'
import {
  keyOfPath,
  listMonths,
  readManifestList,
  readMonth,
} from '../../../src/archive/table/read.ts'
import { COLUMNS } from '../../../src/db/events/select-events.ts'
import type { StoredEvent } from '../../../src/db/stored-event.ts'
import { toJson } from '../../../src/http/event-json.ts'
import { openObject } from '../../../src/parquet/open.ts'
import { readRows } from '../../../src/parquet/decode.ts'
import type { Responded } from '../../receiver.ts'

/** A row of a table that came, changed or went: its key as SQL sees it. */
export type Change = { kind: 'insert' | 'update' | 'delete'; table: string; key: string }

const ID = (row: string) => `${row}.occurredAt || '.' || lower(hex(${row}.id))`
const KEYS = { activity: ID, late_arrivals: ID, alerts: (row: string) => `${row}.name` } as const

/** Tells of changes of some tables, also of those that are rolled back afterwards. */
export function watch(database: DatabaseSync, onChange: (change: Change) => void): void {
  const tell = (kind: Change['kind'], table: string, key: string) => {
    onChange({ kind, table, key })
    return null
  }
  database.function('tell', tell as never)
  for (const [table, keyOf] of Object.entries(KEYS)) {
    for (const kind of ['insert', 'update', 'delete'] as const) {
      const row = kind === 'delete' ? 'OLD' : 'NEW'
      database.exec(`CREATE TEMP TRIGGER ${kind}_${table} AFTER ${kind.toUpperCase()} ON main.${table}
        BEGIN SELECT tell('${kind}', '${table}', ${keyOf(row)}); END`)
    }
  }
}

/** An event of the database as the read API has it; undefined if it is gone. @param id as the API writes it */
export async function readEvent(db: D1Database, id: string): Promise<Responded | undefined> {
  const [occurredAt, digest] = id.split('.')
  const sql = `SELECT ${COLUMNS} FROM (SELECT * FROM activity WHERE occurredAt = ? AND id = unhex(?)) AS activity
    CROSS JOIN campaigns USING (campaign)`
  const row = await db.prepare(sql).bind(Number(occurredAt), digest).first<StoredEvent>()
  return row ? toResponded(row) : undefined
}

/** The events of a file of the archive. */
export async function readFile(
  bucket: R2Bucket,
  key: string,
): Promise<{ id: string; responded: Responded }[]> {
  const found = await bucket.head(key)
  if (!found) return []
  const rows = await readRows(openObject(bucket, key, found.size, found.etag))
  return rows.map((row) => {
    const responded = toResponded(row)
    return { id: responded.id, responded }
  })
}

/** The files of the archive's table, as any reader finds them. @param chosen beginnings of months; all by default */
export async function listTable(bucket: R2Bucket, chosen?: ReadonlySet<number>): Promise<string[]> {
  const readOnly = { get: (key: string) => bucket.get(key), put: async () => null }
  // One reasoned cast: reading takes no more of it.
  const readable = readOnly as unknown as R2Bucket
  const version = await openBucketCatalog(readable, 's3://yespo-archive').load()
  const manifests = await readManifestList(readable, version)
  const months = (await listMonths(readable, version)).filter((month) => chosen?.has(month) ?? true)
  const entries = await Promise.all(
    months.map((month) => readMonth(readable, version, manifests, month)),
  )
  return entries.flat().map(({ data_file: file }) => keyOfPath(version, file.file_path))
}

function toResponded(row: StoredEvent): Responded {
  return parseExactly(toJson(row)) as Responded
}
