/** A file with archived events of one day. */
export type ArchiveFile = {
  /** The day's beginning: UTC milliseconds. */
  day: number
  /** Counted from 1. */
  file: number
  /** `begun` until all of it is in the bucket, `written` while its events are deleted here. */
  state: 'begun' | 'written' | 'done'
  events: number
  bytes: number
  /** The maximum number of its events: lower after a try that was cut off. */
  maxRows: number
  /** JSON array: the key of the last event that was deleted here; null before any was. */
  reached: string | null
  /** Tries since its last progress. */
  tries: number
  /** Why the last try failed, or `CUT_OFF`; null if it made progress. */
  error: string | null
}

/** The error of a file whose last try did not report an outcome, as the runtime ended it. */
export const CUT_OFF = 'it was cut off while it was worked on'

/** The key of a file. */
export type FileKey = Pick<ArchiveFile, 'day' | 'file'>

/** The size of a file. */
export type Size = Pick<ArchiveFile, 'events' | 'bytes'>

/** The key of a file in the bucket. Many tools read the day from it as a column. */
export function keyOfFile({ day, file }: FileKey): string {
  return `activity/day=${new Date(day).toISOString().slice(0, 10)}/${file}.parquet`
}

/** The next file after another one, in order of days; null if there is none. */
export async function findNextFile(db: D1Database, after: FileKey): Promise<ArchiveFile | null> {
  return db
    .prepare('SELECT * FROM archive WHERE (day, file) > (?, ?) ORDER BY day, file LIMIT 1')
    .bind(after.day, after.file)
    .first<ArchiveFile>()
}

/** The next file of the same day that is not empty; null if there is none. */
export async function findNextOfDay(
  db: D1Database,
  { day, file }: FileKey,
): Promise<ArchiveFile | null> {
  return db
    .prepare('SELECT * FROM archive WHERE day = ? AND file > ? AND events > 0 ORDER BY file')
    .bind(day, file)
    .first<ArchiveFile>()
}

/** Changes a file. @param condition on the row, in addition to its key */
export function updateFile(
  db: D1Database,
  { day, file }: FileKey,
  changes: string,
  values: readonly (string | number)[],
  condition = 'true',
): D1PreparedStatement {
  const sql = `UPDATE archive SET ${changes} WHERE day = ? AND file = ? AND ${condition}`
  return db.prepare(sql).bind(...values, day, file)
}

/** Records the new size of a file; without events, there is nothing to delete in the table either. */
export function markRewritten(
  db: D1Database,
  key: FileKey,
  { events, bytes }: Size,
): D1PreparedStatement {
  const changes = "events = ?, bytes = ?, state = CASE ? WHEN 0 THEN 'done' ELSE state END"
  return updateFile(db, key, changes, [events, bytes, events])
}

/** Records why a file cannot be used, or with null that it can. */
export function recordError(
  db: D1Database,
  { day, file }: FileKey,
  error: string | null,
): D1PreparedStatement {
  return db
    .prepare('UPDATE archive SET error = ?1 WHERE day = ?2 AND file = ?3 AND error IS NOT ?1')
    .bind(error, day, file)
}
