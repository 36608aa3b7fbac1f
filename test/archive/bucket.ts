import type { StoredEvent } from '../../src/db/stored-event.ts'
import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/event/clock.ts'
import { readRows } from '../../src/parquet/decode.ts'
import { openFile } from '../../src/parquet/open.ts'
import { compareByContact, compareOldestFirst } from '../../src/parquet/order.ts'
import { archiveBucket } from '../../src/settings/settings.ts'
import { FILE_COLUMNS, keyOfFile, type ArchiveFile } from '../../src/db/archive/files.ts'
import { runMaintenance } from '../run-maintenance.ts'

export const ARCHIVE = archiveBucket(env) as R2Bucket

/** Settings that archive old events. */
export const KEEP = { KEEP_DAYS: '10', ARCHIVE }
export const FREE = { ...KEEP, CLOUDFLARE_PLAN: 'free' }
export const PAID = { ...KEEP, CLOUDFLARE_PLAN: 'paid' }

/** A time when everything received by now is old enough to archive. */
export const LATER = Math.ceil(Date.now() / DAY_MS) * DAY_MS + 11 * DAY_MS

/** Runs the schedule for the given index, counted from `LATER`. */
export async function runAt(index: number, changed: object = FREE): Promise<void> {
  await runMaintenance({ ...env, ...changed } as Env, LATER + index * 15 * MINUTE_MS)
}

/** The files, in their order. */
export async function listFiles(): Promise<ArchiveFile[]> {
  const sql = `SELECT ${FILE_COLUMNS} FROM archive ORDER BY file`
  return (await env.DB.prepare(sql).all<ArchiveFile>()).results
}

/** The keys of the files with events of some days. @param days such as `2024-01-01` */
export async function keysOf(...days: string[]): Promise<string[]> {
  const files = await listFiles()
  return days.flatMap((day) =>
    files
      .filter(({ firstAt }) => new Date(firstAt ?? NaN).toISOString().startsWith(day))
      .map(keyOfFile),
  )
}

/** Reads the events of the files, oldest first, and checks their number and order. */
export async function readArchive(): Promise<StoredEvent[]> {
  const rows: StoredEvent[] = []
  for (const file of await listFiles()) {
    if (file.state === 'merging') continue // its events are still in others
    const opened = await openFile(ARCHIVE, file)
    const found = opened ? await readRows(opened.content) : []
    expect(found.length).toBe(file.events)
    expect(found).toEqual(found.toSorted(compareByContact))
    rows.push(...found)
  }
  return rows.sort(compareOldestFirst)
}

/**
 * Stores many events of one day, a second apart, each of another contact, as if they had been rolled up.
 *
 * @param day counted from the first day of 2024
 */
export async function fillDay(day: number, events: number): Promise<void> {
  const midnight = Date.UTC(2024, 0, 1) + day * DAY_MS
  await env.DB.prepare(`INSERT OR IGNORE INTO campaigns (key) VALUES ('[]')`).run()
  await env.DB.prepare(
    `WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?2 - 1)
     INSERT INTO activity (occurredAt, id, writeId, receivedAt, origin, campaign, contactId, email, activityStatus)
     SELECT ?1 + n % 86400 * 1000, unhex(printf('%032d', n)), 1, ?1 + n, 'webhook', campaign, n, 'c' || n || '@example.com', 'SENT'
     FROM numbers CROSS JOIN campaigns WHERE key = '[]'`,
  )
    .bind(midnight, events)
    .run()
  await env.DB.prepare(
    `INSERT OR IGNORE INTO rollup_hours (hour, state, since)
     SELECT ?1 + value * ${HOUR_MS}, 'done', 0 FROM json_each(?2)`,
  )
    .bind(midnight, JSON.stringify([...Array(24).keys()]))
    .run()
}
