import { HOUR_MS } from '../../event/clock.ts'
import { floorTo } from '../columns.ts'
import { dropWhole } from './coverage.ts'
import { setValue, writeValue } from '../kv.ts'
import type { RunRow } from './runs.ts'

/** A stretch of a pull to read: UTC milliseconds at whole seconds, `until` not included. */
export type TimeSlice = {
  pull: number
  since: number
  until: number
  /** How often its pull had been sent by then. */
  sent: number
}

/** Notes: until when Yespo wants to be left alone (UTC milliseconds), and the time zones that proved right. */
const [PAUSE, ZONES] = ['pull.pause', 'pull.zones']

/**
 * Whether a window is to be read: not where its pull has ended, read it, or was sent once more. Beside it what was
 * noted before.
 */
export async function measureRemaining(
  db: D1Database,
  { pull, since, until, sent }: TimeSlice,
): Promise<{ isOpen: boolean; pausedUntil: number; knownZones: string | null }> {
  const found = await db
    .prepare(
      `SELECT EXISTS (
         SELECT 1 FROM sync_runs WHERE number = ?1 AND state = 'running' AND sent = ?4
       ) AND NOT EXISTS (
         SELECT 1 FROM time_slices WHERE pull = ?1 AND since <= ?2 AND until >= ?3
       ) AS isOpen,
       (SELECT CAST(value AS INTEGER) FROM key_values WHERE name = '${PAUSE}') AS pausedUntil,
       (SELECT value FROM key_values WHERE name = '${ZONES}') AS knownZones`,
    )
    .bind(pull, since, until, sent)
    .first<{ isOpen: number; pausedUntil: number | null; knownZones: string | null }>()
  const { isOpen, pausedUntil, knownZones = null } = found ?? {}
  return { isOpen: isOpen === 1, pausedUntil: pausedUntil ?? 0, knownZones }
}

/** Notes that Yespo wants to be left alone. @param until UTC milliseconds */
export async function recordPause(db: D1Database, until: number): Promise<void> {
  await writeValue(db, PAUSE, String(until))
}

/** Notes which time zones proved right, or with null that none did. */
export function recordZones(db: D1Database, zones: string | null): D1PreparedStatement {
  return setValue(db, ZONES, zones)
}

/**
 * What of a pull was not read yet, in whole hours.
 *
 * @param limit of them
 */
export async function listUnread(
  db: D1Database,
  { number, since, until, sent }: RunRow,
  limit: number,
): Promise<TimeSlice[]> {
  const { results } = await db
    .prepare(
      `SELECT ?1 AS pull, ${floorTo('begins', HOUR_MS)} AS since,
         ends + ${HOUR_MS} - 1 - (ends + ${HOUR_MS} - 1) % ${HOUR_MS} AS until, ?5 AS sent
       FROM (
         SELECT lag(until, 1, ?2) OVER (ORDER BY since) AS begins, since AS ends
         FROM (SELECT since, until FROM time_slices WHERE pull = ?1 UNION ALL SELECT ?3, ?3)
       )
       WHERE ends > begins ORDER BY begins LIMIT ?4`,
    )
    .bind(number, since, until, limit, sent)
    .all<TimeSlice>()
  return results
}

/** Notes what of a pull could not be read; the first of it stays. */
export function recordGap(db: D1Database, number: number, fault: string): D1PreparedStatement {
  return db
    .prepare('UPDATE sync_runs SET fault = coalesce(fault, ?) WHERE number = ?')
    .bind(fault, number)
}

/** Notes that a window was read; a pull of which all was is finished. */
export function markRead(
  db: D1Database,
  { pull, since, until }: TimeSlice,
  now: number,
): D1PreparedStatement[] {
  const touching = 'pull = ?1 AND since <= ?3 AND until >= ?2'
  return [
    // What it overlaps or touches becomes one with it: windows that were cut differently count once.
    db
      .prepare(
        `INSERT INTO time_slices (pull, since, until)
         SELECT ?1, min(since), max(until) FROM (
           SELECT ?2 AS since, ?3 AS until
           UNION ALL SELECT since, until FROM time_slices WHERE ${touching}
         )
         WHERE true ON CONFLICT DO NOTHING`,
      )
      .bind(pull, since, until),
    db
      .prepare(
        `DELETE FROM time_slices WHERE ${touching} AND (since, until) NOT IN (
           SELECT min(since), max(until) FROM time_slices WHERE ${touching}
         )`,
      )
      .bind(pull, since, until),
    ...(until - since < HOUR_MS ? [dropWhole(db, { pull, since, until })] : []),
    db
      .prepare(
        `UPDATE sync_runs SET movedAt = ?1, tries = 0, delay = NULL
         WHERE number = ?2 AND state = 'running'`,
      )
      .bind(now, pull),
    db
      .prepare(
        `UPDATE sync_runs SET state = 'finished', finishedAt = ?1
         WHERE number = ?2 AND state = 'running' AND EXISTS (
           SELECT 1 FROM time_slices AS whole
           WHERE pull = ?2 AND whole.since <= sync_runs.since AND whole.until >= sync_runs.until
         )`,
      )
      .bind(now, pull),
    // Of one that is finished, the pieces have served.
    db
      .prepare(
        `DELETE FROM time_slices WHERE pull = ?1
         AND EXISTS (SELECT 1 FROM sync_runs WHERE number = ?1 AND state = 'finished')`,
      )
      .bind(pull),
  ]
}
