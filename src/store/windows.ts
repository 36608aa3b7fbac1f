import { DAY_MS, HOUR_MS } from '../activity/clock.ts'
import { floorTo } from './columns.ts'
import { noting, writeNote } from './notes.ts'

/** A stretch of a pull, UTC milliseconds; `until` is not included. */
type Stretch = { pull: number; since: number; until: number }

/** Notes: until when Yespo wants to be left alone (UTC milliseconds), and the time zones that proved right. */
const [PAUSE, ZONES] = ['pull.pause', 'pull.zones']

/** Whether a window is to be read, or its pull has ended or read it; and what was noted before. */
export async function lookAt(
  db: D1Database,
  { pull, since, until }: Stretch,
): Promise<{ isOpen: boolean; pausedUntil: number; knownZones: string | null }> {
  const found = await db
    .prepare(
      `SELECT EXISTS (SELECT 1 FROM pulls WHERE number = ?1 AND state = 'running') AND NOT EXISTS (
         SELECT 1 FROM windows
         WHERE pull = ?1 AND since BETWEEN ?2 - ${DAY_MS} AND ?2 AND until >= ?3
       ) AS isOpen,
       (SELECT CAST(value AS INTEGER) FROM notes WHERE name = '${PAUSE}') AS pausedUntil,
       (SELECT value FROM notes WHERE name = '${ZONES}') AS knownZones`,
    )
    .bind(pull, since, until)
    .first<{ isOpen: number; pausedUntil: number | null; knownZones: string | null }>()
  const { isOpen, pausedUntil, knownZones = null } = found ?? {}
  return { isOpen: isOpen === 1, pausedUntil: pausedUntil ?? 0, knownZones }
}

/** Notes that Yespo wants to be left alone. @param until UTC milliseconds */
export async function notePause(db: D1Database, until: number): Promise<void> {
  await writeNote(db, PAUSE, String(until))
}

/** Notes which time zones proved right. */
export function noteZones(db: D1Database, zones: string): D1PreparedStatement {
  return noting(db, ZONES, zones)
}

/**
 * What of a pull was not read yet, in whole hours.
 *
 * @param limit of them
 */
export async function listUnread(
  db: D1Database,
  { number, since, until }: { number: number; since: number; until: number },
  limit: number,
): Promise<Stretch[]> {
  const { results } = await db
    .prepare(
      `SELECT ?1 AS pull, ${floorTo('begins', HOUR_MS)} AS since,
         ends + ${HOUR_MS} - 1 - (ends + ${HOUR_MS} - 1) % ${HOUR_MS} AS until
       FROM (
         SELECT lag(until, 1, ?2) OVER (ORDER BY since) AS begins, since AS ends
         FROM (SELECT since, until FROM windows WHERE pull = ?1 UNION ALL SELECT ?3, ?3)
       )
       WHERE ends > begins ORDER BY begins LIMIT ?4`,
    )
    .bind(number, since, until, limit)
    .all<Stretch>()
  return results
}

/** Notes what of a pull could not be read; the first of it stays. */
export function noteGap(db: D1Database, number: number, fault: string): D1PreparedStatement {
  return db
    .prepare('UPDATE pulls SET fault = coalesce(fault, ?) WHERE number = ?')
    .bind(fault, number)
}

/** Notes that a window was read; a pull of which all was is finished. */
export function noteRead(
  db: D1Database,
  { pull, since, until }: Stretch,
  now: number,
): D1PreparedStatement[] {
  return [
    // It may have been read in parts, and once more as a whole: each moment counts once.
    db
      .prepare('DELETE FROM windows WHERE pull = ? AND since >= ? AND until <= ?')
      .bind(pull, since, until),
    db
      .prepare(
        `INSERT INTO windows (pull, since, until) SELECT ?1, ?2, ?3
         WHERE NOT EXISTS (
           SELECT 1 FROM windows WHERE pull = ?1 AND since <= ?2 AND until >= ?3
         )`,
      )
      .bind(pull, since, until),
    db
      .prepare(
        `UPDATE pulls SET movedAt = ?1, tries = 0, delay = NULL
         WHERE number = ?2 AND state = 'running'`,
      )
      .bind(now, pull),
    db
      .prepare(
        `UPDATE pulls SET state = 'finished', finishedAt = ?1
         WHERE number = ?2 AND state = 'running' AND until - since <= (
           SELECT sum(windows.until - windows.since) FROM windows WHERE windows.pull = ?2
         )`,
      )
      .bind(now, pull),
    // Of one that is finished, the pieces have served.
    db
      .prepare(
        `DELETE FROM windows WHERE pull = ?1
         AND EXISTS (SELECT 1 FROM pulls WHERE number = ?1 AND state = 'finished')`,
      )
      .bind(pull),
  ]
}
