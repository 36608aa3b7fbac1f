/** A file that events of one day have moved to. */
export type ArchiveFile = {
  /** The day's beginning: UTC milliseconds. */
  day: number
  /** Counted from 1. */
  file: number
  /** `begun` until all of it is in the bucket, `written` while its events are deleted here. */
  state: 'begun' | 'written' | 'done'
  events: number
  bytes: number
  /** It takes no more events: fewer after a try that was cut off. */
  maxRows: number
  /** JSON array: the key of the last event that was deleted here; null before any was. */
  reached: string | null
  /** How often it was tried since it got further last. */
  tries: number
  /** Why the last try failed, or `CUT_OFF`; null where it got further. */
  fault: string | null
}

/** The fault of a file whose last try never said how it went: the runtime ended it. */
export const CUT_OFF = 'it was cut off while it was worked on'

/** What tells a file from all others. */
export type FileKey = Pick<ArchiveFile, 'day' | 'file'>

/** How much is in a file. */
export type Size = Pick<ArchiveFile, 'events' | 'bytes'>

/** Where a file is in the bucket: readers of many tools take the day for a column. */
export function keyOfFile({ day, file }: FileKey): string {
  return `activity/day=${new Date(day).toISOString().slice(0, 10)}/${file}.parquet`
}

/** The next file after a place in the order of days; null where there is none. */
export async function findNextFile(db: D1Database, after: FileKey): Promise<ArchiveFile | null> {
  return db
    .prepare('SELECT * FROM archive WHERE (day, file) > (?, ?) ORDER BY day, file LIMIT 1')
    .bind(after.day, after.file)
    .first<ArchiveFile>()
}

/** The next file of the same day that has anything in it; null where there is none. */
export async function findNextOfDay(
  db: D1Database,
  { day, file }: FileKey,
): Promise<ArchiveFile | null> {
  return db
    .prepare('SELECT * FROM archive WHERE day = ? AND file > ? AND events > 0 ORDER BY file')
    .bind(day, file)
    .first<ArchiveFile>()
}

/** Notes what is left of a file; without events, there is nothing to delete here either. */
export function markRewritten(
  db: D1Database,
  { day, file }: FileKey,
  { events, bytes }: Size,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE archive SET events = ?1, bytes = ?2, state = CASE ?1 WHEN 0 THEN 'done' ELSE state END
       WHERE day = ?3 AND file = ?4`,
    )
    .bind(events, bytes, day, file)
}

/** Notes why nothing can be done with a file, or with null that it is as it should be. */
export function recordError(
  db: D1Database,
  { day, file }: FileKey,
  fault: string | null,
): D1PreparedStatement {
  return db
    .prepare('UPDATE archive SET fault = ?1 WHERE day = ?2 AND file = ?3 AND fault IS NOT ?1')
    .bind(fault, day, file)
}
