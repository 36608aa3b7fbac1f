import { DAY_MS } from '../../event/clock.ts'
import { PARAMETERS } from '../../event/parameters.ts'
import {
  changeContent,
  CUT_OFF,
  FILE_COLUMNS,
  monthOf,
  updateFile,
  type ArchiveFile,
  type Content,
  type FileKey,
} from './files.ts'
import { DISCARD_FILES } from './garbage.ts'
import type { Cutoff } from './pressure.ts'
import { hasOpenHour } from '../rollups/hours.ts'
import { INTEGERS, quote } from '../columns.ts'
import { COLUMNS } from '../events/select-events.ts'
import type { EventKey, StoredEvent } from '../stored-event.ts'
import { dayOf, isLate } from '../write/late-arrivals.ts'

/** Whether an event moves: it occurred before ?1 and came in before ?2, and is no late arrival. */
const MOVES = `occurredAt < ?1 AND receivedAt < ?2 AND NOT ${isLate('activity')}`

const MIN_FILE_ROWS = 100 // a file that takes too long with so few takes too long with any number

const RECENT_FILES = 100 // of which one that was moved may be the last: merged ones are many

const OPEN = `state <> 'done' OR error IS NOT NULL`

const FIRST_OPEN = `
  SELECT file FROM archive INDEXED BY archive_open
  WHERE (${OPEN}) AND state <> 'merging' ORDER BY tries, file LIMIT 1`

/**
 * Takes the file with the fewest tries since its last progress, of those that are not done or had an error. It counts
 * as cut off until it makes progress or fails with an error, since a try that is cut off reports nothing. After that, a
 * file that is not written yet gets half as many events, and another version, as the previous try may go on.
 *
 * @param now UTC milliseconds
 * @returns null if there is none; `wasCutOff` is whether the previous try was cut off
 */
export async function takeOpenFile(
  db: D1Database,
  now: number,
): Promise<(ArchiveFile & { wasCutOff: boolean }) | null> {
  const [before, , taken] = await db.batch<ArchiveFile>([
    db.prepare(`SELECT ${FILE_COLUMNS} FROM archive WHERE file = (${FIRST_OPEN})`),
    db
      .prepare(`${DISCARD_FILES} FROM archive WHERE file = (${FIRST_OPEN}) AND state = 'begun'`)
      .bind(now),
    db
      .prepare(
        `UPDATE archive SET tries = tries + 1, error = ?1, version = version + (state = 'begun'), maxRows = CASE
           WHEN state = 'begun' AND error = ?1 THEN max(${MIN_FILE_ROWS}, maxRows / 2) ELSE maxRows END
         WHERE file = (${FIRST_OPEN}) RETURNING ${FILE_COLUMNS}`,
      )
      .bind(CUT_OFF),
  ])
  const file = taken?.results[0]
  return file ? { ...file, wasCutOff: before?.results[0]?.error === CUT_OFF } : null
}

/**
 * The days with a file that is not done: no other may be started for them. A file that was taken over from the table has
 * those of all its events.
 */
export async function listOpenDays(db: D1Database): Promise<number[]> {
  const { results } = await db
    .prepare(
      `WITH RECURSIVE days (day, last) AS (
         SELECT coalesce(day, ${dayOf('firstAt')}), coalesce(day, lastAt)
         FROM archive INDEXED BY archive_open WHERE (${OPEN}) AND state IN ('begun', 'written')
         UNION SELECT day + ${DAY_MS}, last FROM days WHERE day + ${DAY_MS} <= last
       )
       SELECT DISTINCT day FROM days`,
    )
    .all<{ day: number }>()
  return results.map(({ day }) => day)
}

/**
 * The first day with events to move.
 *
 * @param since its start: UTC milliseconds
 */
export async function findDayToMove(
  db: D1Database,
  cutoff: Cutoff,
  since: number,
): Promise<number | null> {
  return db
    .prepare(
      `SELECT ${dayOf('occurredAt')} AS day FROM activity
       WHERE ${MOVES} AND occurredAt >= ?3 ORDER BY occurredAt LIMIT 1`,
    )
    .bind(cutoff.occurredBefore, cutoff.receivedBefore, since)
    .first<number>('day')
}

/**
 * Starts a file. From this moment on, new events of the day are late arrivals. It gets as many events as the previous
 * file that was not cut off; on another day, twice as many.
 *
 * @param most events
 * @returns undefined if an hour of the day is not rolled up, which needs its events
 */
export async function startFile(
  db: D1Database,
  day: number,
  most: number,
): Promise<ArchiveFile | undefined> {
  const isOpen = hasOpenHour('?1', `?1 + ${DAY_MS}`)
  const [, inserted] = await db.batch<ArchiveFile>([
    db
      .prepare(
        `INSERT INTO archive_days (day) SELECT ?1 WHERE NOT ${isOpen} ON CONFLICT DO NOTHING`,
      )
      .bind(day),
    db
      .prepare(
        `INSERT INTO archive (month, day, state, events, bytes, maxRows, tries, error)
         SELECT ?1, ?2, 'begun', 0, 0, coalesce((
           SELECT CASE day WHEN ?2 THEN maxRows ELSE min(2 * maxRows, ?3) END
           FROM (SELECT file, day, maxRows FROM archive ORDER BY file DESC LIMIT ${RECENT_FILES})
           WHERE day IS NOT NULL ORDER BY file DESC LIMIT 1
         ), ?3), 1, ?4
         WHERE EXISTS (SELECT 1 FROM archive_days WHERE day = ?2)
         RETURNING ${FILE_COLUMNS}`,
      )
      .bind(monthOf(day), day, most, CUT_OFF),
  ])
  return inserted?.results[0]
}

const BYTES = ['extra', 'labels', ...PARAMETERS.map(({ name }) => name)]
  .filter((name) => !INTEGERS.has(name))
  .map((name) => `coalesce(octet_length(${quote(name)}), 0)`)
  .join(' + ')

// A dozen rows may have as much as D1 returns at once.
const MAX_PAGE_BYTES = 10_000_000

/**
 * The next events of a day to move, oldest first.
 *
 * @param limit the maximum number; fewer if they are long
 */
export async function listToMove(
  db: D1Database,
  day: number,
  cutoff: Cutoff,
  after: EventKey | undefined,
  limit: number,
): Promise<StoredEvent[]> {
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS} FROM (
         SELECT occurredAt, id, bytes, sum(bytes) OVER (ORDER BY occurredAt, id) AS upTo FROM (
           SELECT occurredAt, id, ${BYTES} AS bytes FROM activity CROSS JOIN campaigns USING (campaign)
           WHERE ${MOVES} AND (occurredAt, id) > (?3, unhex(?4))
           ORDER BY occurredAt, id LIMIT ${limit}
         )
       ) CROSS JOIN activity USING (occurredAt, id) CROSS JOIN campaigns USING (campaign)
       WHERE upTo <= ${MAX_PAGE_BYTES} OR upTo = bytes
       ORDER BY occurredAt, activity.id`,
    )
    .bind(
      Math.min(cutoff.occurredBefore, day + DAY_MS),
      cutoff.receivedBefore,
      after?.occurredAt ?? day,
      after?.id ?? '',
    )
    .all<StoredEvent>()
  return results
}

const PROGRESS = 'tries = 0, error = NULL'

/** Whether a file still waits to be written, in SQL: otherwise another run has gone on with it. */
const IS_BEGUN = `FROM archive WHERE file = ? AND version = ? AND state = 'begun'`

/** Whether a file still waits to be written: until then, no event of its day is deleted from the table. */
export async function isBegun(db: D1Database, { file, version }: FileKey): Promise<boolean> {
  return (await db.prepare(`SELECT 1 AS found ${IS_BEGUN}`).bind(file, version).first()) !== null
}

/** Records that a file is in the bucket; without effect if it was not `begun` any more. */
export function markWritten(
  db: D1Database,
  { file, version }: FileKey,
  content: Content,
): D1PreparedStatement {
  const [changes, values] = changeContent(content)
  return updateFile(
    db,
    file,
    `state = 'written', ${changes}, ${PROGRESS}`,
    values,
    `state = 'begun' AND version = ${version}`,
  )
}

/** Records the last event of a file that was deleted from the table. */
export function markDeleted(
  db: D1Database,
  file: number,
  { occurredAt, id }: EventKey,
): D1PreparedStatement {
  const reached = JSON.stringify([occurredAt, id])
  return updateFile(db, file, `reached = ?, ${PROGRESS}`, [reached], "state = 'written'")
}

/** Records that all events of a file were deleted from the table. */
export function markDone(db: D1Database, file: number): D1PreparedStatement {
  return updateFile(db, file, `state = 'done', ${PROGRESS}`, [], "state IN ('written', 'done')")
}

/** Deletes a file that was started and turned out to be empty. @returns false if it was not `begun` any more */
export async function dropFile(db: D1Database, { file, version }: FileKey): Promise<boolean> {
  const [, dropped] = await db.batch([
    discardBegun(db).bind(Date.now(), file, version),
    db.prepare(`DELETE ${IS_BEGUN}`).bind(file, version),
  ])
  return dropped?.meta.changes === 1
}

/**
 * Has a file that was started written under another key, and discards what is there under this one.
 *
 * @returns false if it was not `begun` any more
 */
export async function startAgain(db: D1Database, { file, version }: FileKey): Promise<boolean> {
  const [, started] = await db.batch([
    discardBegun(db).bind(Date.now(), file, version),
    updateFile(db, file, 'version = version + 1', [], `state = 'begun' AND version = ${version}`),
  ])
  return started?.meta.changes === 1
}

function discardBegun(db: D1Database): D1PreparedStatement {
  return db.prepare(`${DISCARD_FILES} ${IS_BEGUN}`)
}
