import { DAY_MS } from '../../event/clock.ts'
import { failUnless } from '../statements.ts'

/** A file with archived events of one month. */
export type ArchiveFile = {
  /** Its number, which no other has or had. */
  file: number
  /** Its beginning: UTC milliseconds. */
  month: number
  /** Of its object in the bucket: a rewritten file has another. */
  version: number
  /**
   * `begun` until all of it is in the bucket, `written` while its events are deleted here, `merging` until it takes
   * the place of the files that it was merged from.
   */
  state: 'begun' | 'written' | 'merging' | 'done'
  /** The beginning of the day whose events it takes, UTC milliseconds; null for a merged file. */
  day: number | null
  /** 0 as it was moved, and n if it was merged from files of n - 1. */
  level: number
  /** Files of a run have different contacts; null if it is one by itself. */
  run: number | null
  /** The maximum number of its events: lower after a try that was cut off. */
  maxRows: number
  /** JSON array: the key of the last event that was deleted here; null before any was. */
  reached: string | null
  /** Tries since its last progress. */
  tries: number
  /** Why the last try failed, or `CUT_OFF`; null if it made progress. */
  error: string | null
} & Content

/** What a file contains. */
export type Content = {
  events: number
  bytes: number
  /** The first and the last `occurredAt`; null without events. */
  firstAt: number | null
  lastAt: number | null
  /** The least and the greatest `contactId`, in decimal digits; null if no event has a contact. */
  minContact: string | null
  maxContact: string | null
  /** Events without a contact, which come first. */
  withoutContact: number
}

/** The columns of `ArchiveFile`, in SQL. */
export const FILE_COLUMNS = `file, month, version, state, day, level, run, events, bytes, firstAt, lastAt,
  CAST(minContact AS TEXT) AS minContact, CAST(maxContact AS TEXT) AS maxContact, withoutContact,
  maxRows, reached, tries, error`

/** The error of a file whose last try did not report an outcome, as the runtime ended it. */
export const CUT_OFF = 'it was cut off while it was worked on'

/** What its object's key in the bucket is made of. */
export type FileKey = Pick<ArchiveFile, 'month' | 'file' | 'version'>

/** The keys of all files begin with this. */
export const DATA_PREFIX = 'activity/data/'

/** The key of a file's object in the bucket. */
export function keyOfFile({ month, file, version }: FileKey): string {
  return `${DATA_PREFIX}month=${new Date(month).toISOString().slice(0, 7)}/${file}-${version}.parquet`
}

/** `keyOfFile` in SQL. */
export const KEY_OF_FILE = `'${DATA_PREFIX}month=' || strftime('%Y-%m', month / 1000, 'unixepoch')
  || '/' || file || '-' || version || '.parquet'`

/** The beginning of a time's month. UTC milliseconds */
export function monthOf(time: number): number {
  return startOfMonth(numberOfMonth(time))
}

/** The number of a time's month: of those since 1970. @param time UTC milliseconds */
export function numberOfMonth(time: number): number {
  const date = new Date(time)
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()
}

/** The beginning of a month: UTC milliseconds. */
export function startOfMonth(number: number): number {
  return Date.UTC(1970, number) // a year below 100 would mean one of the last century
}

/** The next file after a number, except those of a merge in progress; null if there is none. */
export async function findNextFile(db: D1Database, after: number): Promise<ArchiveFile | null> {
  return db
    .prepare(
      `SELECT ${FILE_COLUMNS} FROM archive WHERE file > ? AND state <> 'merging'
       ORDER BY file LIMIT 1`,
    )
    .bind(after)
    .first<ArchiveFile>()
}

/** The next file after a number that may have events of a day; null if there is none. */
export async function findNextOfDay(
  db: D1Database,
  day: number,
  after: number,
): Promise<ArchiveFile | null> {
  return db
    .prepare(
      `SELECT ${FILE_COLUMNS} FROM archive INDEXED BY archive_by_month
       WHERE month = ?1 AND file > ?3 AND lastAt >= ?2 AND firstAt < ?2 + ${DAY_MS} AND events > 0
         AND state IN ('written', 'done')
       ORDER BY file LIMIT 1`,
    )
    .bind(monthOf(day), day, after)
    .first<ArchiveFile>()
}

/** Changes a file. @param condition on the row, in addition to its number */
export function updateFile(
  db: D1Database,
  file: number,
  changes: string,
  values: readonly (string | number | null)[],
  condition = 'true',
): D1PreparedStatement {
  const sql = `UPDATE archive SET ${changes} WHERE file = ? AND ${condition}`
  return db.prepare(sql).bind(...values, file)
}

const CONTENT = `events = ?, bytes = ?, firstAt = ?, lastAt = ?, minContact = CAST(? AS INTEGER),
  maxContact = CAST(? AS INTEGER), withoutContact = ?`

/** The changes of a file's row for new content, and the values to bind. */
export function changeContent(
  content: Content,
): [changes: string, values: (string | number | null)[]] {
  const { events, bytes, firstAt, lastAt, minContact, maxContact, withoutContact } = content
  return [CONTENT, [events, bytes, firstAt, lastAt, minContact, maxContact, withoutContact]]
}

/** Fails its transaction if a file has another version by now, or is gone: another run has gone on with it. */
export function requireVersion(
  db: D1Database,
  { file, version }: Pick<FileKey, 'file' | 'version'>,
): D1PreparedStatement {
  const isThere = 'EXISTS (SELECT 1 FROM archive WHERE file = ? AND version = ?)'
  const sql = failUnless(isThere, "'another run has gone on with the file'")
  return db.prepare(sql).bind(file, version)
}

/** Records the next version of a file. */
export function markRewritten(
  db: D1Database,
  { file, version }: FileKey,
  content: Content,
): D1PreparedStatement {
  const [changes, values] = changeContent(content)
  return updateFile(db, file, `${changes}, version = ?`, [...values, version])
}

/** Deletes the row of a file that has no events any more. */
export function deleteFile(db: D1Database, { file }: FileKey): D1PreparedStatement {
  return db.prepare('DELETE FROM archive WHERE file = ?').bind(file)
}

/** Records why a file cannot be used, or with null that it can. */
export function recordError(
  db: D1Database,
  { file }: FileKey,
  error: string | null,
): D1PreparedStatement {
  return db
    .prepare('UPDATE archive SET error = ?1 WHERE file = ?2 AND error IS NOT ?1')
    .bind(error, file)
}
