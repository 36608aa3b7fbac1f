import { env } from 'cloudflare:workers'
import { keyOfFile, monthOf, type FileKey } from '../../src/db/archive/files.ts'
import { COLUMNS } from '../../src/db/events/select-events.ts'
import { deleteEvents } from '../../src/db/erasure/delete-events.ts'
import type { EventKey, StoredEvent } from '../../src/db/stored-event.ts'
import { encodeParquet } from '../../src/parquet/encode.ts'
import { compareByContact, describeContent } from '../../src/parquet/order.ts'
import type { History } from '../../src/history/history.ts'
import { LIMITS, Work } from '../../src/history/work.ts'
import { archiveBucket } from '../../src/settings/settings.ts'

export const BUCKET = archiveBucket(env) as R2Bucket

/** The history of the tests' receiver. */
export function historyOf(limits = LIMITS.paid, bucket: R2Bucket = BUCKET): History {
  return { db: env.DB, bucket, work: new Work(limits) }
}

/** All stored events, oldest first. */
export async function readStored(): Promise<StoredEvent[]> {
  const sql = `SELECT ${COLUMNS} FROM activity CROSS JOIN campaigns USING (campaign) ORDER BY occurredAt, activity.id`
  return (await env.DB.prepare(sql).all<StoredEvent>()).results
}

/** Writes events of one month to a file of the archive, which stay in the database. */
export async function writeFile(
  events: readonly StoredEvent[],
  state: 'written' | 'done' | 'merging' = 'done',
  encode: (rows: readonly StoredEvent[]) => Uint8Array<ArrayBuffer> | ArrayBuffer = encodeParquet,
): Promise<FileKey> {
  const rows = events.toSorted(compareByContact)
  const content = encode(rows)
  const month = monthOf(rows[0]?.occurredAt ?? 0)
  const described = describeContent(rows, content.byteLength)
  const { minContact, maxContact, ...others } = described
  const values = { month, state, ...others }
  const names = Object.keys(values)
  const file = await env.DB.prepare(
    `INSERT INTO archive (${names.join(', ')}, minContact, maxContact)
     VALUES (${names.map(() => '?').join(', ')}, CAST(? AS INTEGER), CAST(? AS INTEGER)) RETURNING file`,
  )
    .bind(...Object.values(values), minContact, maxContact)
    .first<number>('file')
  const key = { month, file: file ?? 0, version: 1 }
  await BUCKET.put(keyOfFile(key), content)
  return key
}

/** Deletes events from the database, as if they had moved. */
export async function removeStored(events: readonly EventKey[]): Promise<void> {
  if (events.length > 0) await deleteEvents(env.DB, events).run()
}

/** Moves events to the archive: a file for each month. */
export async function archive(events: readonly StoredEvent[]): Promise<FileKey[]> {
  const keys: FileKey[] = []
  for (const month of Map.groupBy(events, ({ occurredAt }) => monthOf(occurredAt)).values()) {
    keys.push(await writeFile(month))
  }
  await removeStored(events)
  return keys
}
