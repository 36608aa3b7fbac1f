import { DAY_MS } from '../activity/clock.ts'
import { dayOf, isLate } from './late.ts'
import { COLUMNS, type Position, type StoredActivity } from './list.ts'

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
}

type Place = Pick<ArchiveFile, 'day' | 'file'>
type Size = Pick<ArchiveFile, 'events' | 'bytes'>

/** Where a file is in the bucket: readers of many tools take the day for a column. */
export function keyOfFile({ day, file }: Place): string {
  return `activity/day=${new Date(day).toISOString().slice(0, 10)}/${file}.parquet`
}

/** Whether anything has moved to the archive, or begun to. */
export async function hasArchive(db: D1Database): Promise<boolean> {
  return (await db.prepare('SELECT 1 FROM archive LIMIT 1').first()) !== null
}

/** The first file that is not done; null where all are. */
export async function findUnfinished(db: D1Database): Promise<ArchiveFile | null> {
  return db
    .prepare(`SELECT * FROM archive WHERE state <> 'done' ORDER BY day, file LIMIT 1`)
    .first<ArchiveFile>()
}

/** The files of a day. */
export async function listFiles(db: D1Database, day: number): Promise<ArchiveFile[]> {
  const sql = 'SELECT * FROM archive WHERE day = ? ORDER BY file'
  return (await db.prepare(sql).bind(day).all<ArchiveFile>()).results
}

/** The next file after a place in the order of days; null where there is none. */
export async function findNextFile(db: D1Database, after: Place): Promise<ArchiveFile | null> {
  return db
    .prepare('SELECT * FROM archive WHERE (day, file) > (?, ?) ORDER BY day, file LIMIT 1')
    .bind(after.day, after.file)
    .first<ArchiveFile>()
}

/** What moves: it happened and came in before, and is not waiting to be looked up. */
const MOVES = `occurredAt < ?1 AND receivedAt < ?1 AND NOT ${isLate('activity')}`

/** The first day with something to move. @param cutoff the beginning of a day: UTC milliseconds */
export async function findDayToMove(db: D1Database, cutoff: number): Promise<number | null> {
  return db
    .prepare(
      `SELECT ${dayOf('occurredAt')} AS day FROM activity WHERE ${MOVES} ORDER BY occurredAt LIMIT 1`,
    )
    .bind(cutoff)
    .first<number>('day')
}

/** Begins a file. From this moment on, what comes in for the day is late. */
export async function beginFile(db: D1Database, day: number): Promise<ArchiveFile> {
  const file = await db
    .prepare(
      `INSERT INTO archive (day, file, state, events, bytes)
       SELECT ?1, coalesce(max(file), 0) + 1, 'begun', 0, 0 FROM archive WHERE day = ?1 RETURNING *`,
    )
    .bind(day)
    .first<ArchiveFile>()
  if (!file) throw new Error('a file of the archive could not be begun')
  return file
}

/** The next events of a day that move, the oldest first. @param cutoff UTC milliseconds */
export async function listToMove(
  db: D1Database,
  { day }: Pick<ArchiveFile, 'day'>,
  cutoff: number,
  after: Position | undefined,
  limit: number,
): Promise<StoredActivity[]> {
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS} FROM activity
       WHERE ${MOVES} AND occurredAt < ?2 AND (occurredAt, id) > (?3, ?4)
       ORDER BY occurredAt, id LIMIT ${limit}`,
    )
    .bind(cutoff, day + DAY_MS, after?.occurredAt ?? day, after?.id ?? '')
    .all<StoredActivity>()
  return results
}

/** Notes that all of a file is in the bucket. */
export function noteWritten(
  db: D1Database,
  { day, file }: Place,
  { events, bytes }: Size,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE archive SET state = 'written', events = ?, bytes = ?
       WHERE day = ? AND file = ? AND state = 'begun'`,
    )
    .bind(events, bytes, day, file)
}

/** Notes that nothing of a file is in the table any more. */
export function noteDone(db: D1Database, { day, file }: Place): D1PreparedStatement {
  return db
    .prepare(`UPDATE archive SET state = 'done' WHERE day = ? AND file = ? AND state = 'written'`)
    .bind(day, file)
}

/** Notes what is left of a file; without events, there is nothing to delete here either. */
export function noteRewritten(
  db: D1Database,
  { day, file }: Place,
  { events, bytes }: Size,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE archive SET events = ?1, bytes = ?2, state = CASE ?1 WHEN 0 THEN 'done' ELSE state END
       WHERE day = ?3 AND file = ?4`,
    )
    .bind(events, bytes, day, file)
}

/** Takes back a file that was begun and turned out to have nothing in it. */
export async function dropFile(db: D1Database, { day, file }: ArchiveFile): Promise<void> {
  const sql = `DELETE FROM archive WHERE day = ? AND file = ? AND state = 'begun'`
  await db.prepare(sql).bind(day, file).run()
}
