import { HOUR_MS } from '../../event/clock.ts'
import { floorTo } from '../columns.ts'
import { dropLonger } from './coverage.ts'
import * as kv from '../kv.ts'
import { parseHistory, SELECT_HISTORY, type ZoneSpan } from './zone-history.ts'
import type { RunRow } from './runs.ts'

/** A part of a sync run to read: UTC milliseconds at whole seconds, `until` not included. */
export type TimeSlice = {
  /** The number of the sync run. */
  run: number
  since: number
  until: number
  /** How often its sync run had been sent when this was sent. */
  sent: number
}

/** The key of the time until which Yespo allows no calls, in UTC milliseconds. */
const PAUSE = 'sync.pause'
/** The key of the time zones that proved valid. */
const ZONES = 'sync.zones'

/** The state of a time slice, and what is recorded of the API. */
type SliceState = {
  /** Whether it has to be read. */
  isOpen: boolean
  pausedUntil: number
  /** The time zones that proved valid. */
  knownZones: string | null
  history: ZoneSpan[]
}

/**
 * Whether a time slice has to be read, with the recorded pause and time zones. It need not be read if its sync run has
 * ended, has read it, or was sent again.
 */
export async function readSliceState(
  db: D1Database,
  { run, since, until, sent }: TimeSlice,
): Promise<SliceState> {
  const found = await db
    .prepare(
      `SELECT EXISTS (
         SELECT 1 FROM sync_runs WHERE number = ?1 AND state = 'running' AND sent = ?4
       ) AND NOT EXISTS (
         SELECT 1 FROM time_slices WHERE run = ?1 AND since <= ?2 AND until >= ?3
       ) AS isOpen,
       (SELECT CAST(value AS INTEGER) FROM key_values WHERE name = '${PAUSE}') AS pausedUntil,
       (SELECT value FROM key_values WHERE name = '${ZONES}') AS knownZones,
       (${SELECT_HISTORY}) AS history`,
    )
    .bind(run, since, until, sent)
    .first<{
      isOpen: number
      pausedUntil: number | null
      knownZones: string | null
      history: string
    }>()
  const { isOpen, pausedUntil, knownZones = null, history = '[]' } = found ?? {}
  return {
    isOpen: isOpen === 1,
    pausedUntil: pausedUntil ?? 0,
    knownZones,
    history: parseHistory(history),
  }
}

/** Records that Yespo allows no calls for a while. @param until UTC milliseconds */
export async function recordPause(db: D1Database, until: number): Promise<void> {
  await kv.set(db, PAUSE, String(until))
}

/** Records the time zones that proved valid; null if none did. */
export function recordZones(db: D1Database, zones: string | null): D1PreparedStatement {
  return kv.setting(db, ZONES, zones)
}

/**
 * The parts of a sync run that have not been read yet, in whole hours.
 *
 * @param limit the maximum number of parts
 */
export async function listUnread(
  db: D1Database,
  { number, since, until, sent }: RunRow,
  limit: number,
): Promise<TimeSlice[]> {
  const { results } = await db
    .prepare(
      `SELECT ?1 AS run, ${floorTo('begins', HOUR_MS)} AS since,
         ends + ${HOUR_MS} - 1 - (ends + ${HOUR_MS} - 1) % ${HOUR_MS} AS until, ?5 AS sent
       FROM (
         SELECT lag(until, 1, ?2) OVER (ORDER BY since) AS begins, since AS ends
         FROM (SELECT since, until FROM time_slices WHERE run = ?1 UNION ALL SELECT ?3, ?3)
       )
       WHERE ends > begins ORDER BY begins LIMIT ?4`,
    )
    .bind(number, since, until, limit, sent)
    .all<TimeSlice>()
  return results
}

/** Records why a part of a sync run could not be read; the first reason stays. */
export function recordGap(db: D1Database, number: number, error: string): D1PreparedStatement {
  return db
    .prepare('UPDATE sync_runs SET error = coalesce(error, ?) WHERE number = ?')
    .bind(error, number)
}

/** Records that a time slice was read, and finishes a sync run that was read completely. */
export function markRead(
  db: D1Database,
  { run, since, until }: TimeSlice,
  now: number,
): D1PreparedStatement[] {
  const touching = 'run = ?1 AND since <= ?3 AND until >= ?2'
  return [
    // Time slices that overlap or touch it are merged with it: slices that were cut differently count once.
    db
      .prepare(
        `INSERT INTO time_slices (run, since, until)
         SELECT ?1, min(since), max(until) FROM (
           SELECT ?2 AS since, ?3 AS until
           UNION ALL SELECT since, until FROM time_slices WHERE ${touching}
         )
         WHERE true ON CONFLICT DO NOTHING`,
      )
      .bind(run, since, until),
    db
      .prepare(
        `DELETE FROM time_slices WHERE ${touching} AND (since, until) NOT IN (
           SELECT min(since), max(until) FROM time_slices WHERE ${touching}
         )`,
      )
      .bind(run, since, until),
    ...(until - since < HOUR_MS ? [dropLonger(db, { run, since, until })] : []),
    db
      .prepare(
        `UPDATE sync_runs SET movedAt = ?1, tries = 0, delay = NULL
         WHERE number = ?2 AND state = 'running'`,
      )
      .bind(now, run),
    db
      .prepare(
        `UPDATE sync_runs SET state = 'finished', finishedAt = ?1
         WHERE number = ?2 AND state = 'running' AND EXISTS (
           SELECT 1 FROM time_slices AS whole
           WHERE run = ?2 AND whole.since <= sync_runs.since AND whole.until >= sync_runs.until
         )`,
      )
      .bind(now, run),
    // A finished sync run no longer needs its time slices.
    db
      .prepare(
        `DELETE FROM time_slices WHERE run = ?1
         AND EXISTS (SELECT 1 FROM sync_runs WHERE number = ?1 AND state = 'finished')`,
      )
      .bind(run),
  ]
}
