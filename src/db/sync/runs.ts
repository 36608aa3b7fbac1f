import { HOUR_MS } from '../../event/clock.ts'
import { PRUNE_CONFIRMED } from '../derived/confirmed.ts'

/** A run that has not moved for so long is stuck: longer than its messages wait between two tries. */
export const STUCK_MS = 3 * HOUR_MS

/** A period that is read from Yespo's API. Times in UTC milliseconds. */
export type SyncRun = {
  number: number
  kind: 'schedule' | 'backfill'
  since: number
  /** Not included. */
  until: number
  state: 'running' | 'finished' | 'cancelled' | 'stopped'
  /** Why it was stopped, or which part of it could not be read; null if all is well. */
  error: string | null
  /** Why it waits, in words; null if it does not. */
  delay: string | null
  beganAt: number
  /** When a part of it was last read or sent. */
  movedAt: number
  /** How often its messages were sent: since a part of it was last read, and in total. */
  tries: number
  sent: number
  finishedAt: number | null
  /** Its progress, from 0 to 1. */
  share: number
}

/** A sync run without its progress, which has to be computed. */
export type RunRow = Omit<SyncRun, 'share'>

const SHARE = `CASE WHEN state = 'finished' THEN 1.0 ELSE min(1.0, coalesce((
  SELECT sum(time_slices.until - time_slices.since) FROM time_slices WHERE time_slices.run = sync_runs.number
), 0) * 1.0 / max(1, until - since)) END AS share`

/** Starts a sync run, before its message is sent. @returns its number */
export async function startRun(
  db: D1Database,
  kind: SyncRun['kind'],
  { since, until }: { since: number; until: number },
  now: number,
): Promise<number> {
  const number = await db
    .prepare(
      `INSERT INTO sync_runs (kind, since, until, state, beganAt, movedAt, tries, sent)
       VALUES (?1, ?2, ?3, 'running', ?4, ?4, 1, 1) RETURNING number`,
    )
    .bind(kind, since, until, now)
    .first<number>('number')
  return number ?? 0
}

/** The running sync runs and some of the most recent ones, newest first. @param last the number of recent ones */
export async function listRuns(db: D1Database, last: number): Promise<SyncRun[]> {
  const sql = `SELECT *, ${SHARE} FROM sync_runs
    WHERE state = 'running' OR number IN (SELECT number FROM sync_runs ORDER BY number DESC LIMIT ?)
    ORDER BY number DESC`
  return (await db.prepare(sql).bind(last).all<SyncRun>()).results
}

/** The last scheduled sync run; null if there was none. */
export async function findLastScheduled(db: D1Database): Promise<RunRow | null> {
  const sql = `SELECT * FROM sync_runs WHERE kind = 'schedule' ORDER BY number DESC LIMIT 1`
  return db.prepare(sql).first<RunRow>()
}

/** A scheduled sync run; `isBegun` is 1 if it is running and a part of it has been read. */
export type Scheduled = RunRow & { isBegun: number }

/** The last two scheduled sync runs that were not cancelled, newest first: only the first may be running. */
export async function listScheduled(db: D1Database): Promise<Scheduled[]> {
  const { results } = await db
    .prepare(
      `SELECT *, EXISTS (SELECT 1 FROM time_slices WHERE run = number) AS isBegun FROM sync_runs
       WHERE kind = 'schedule' AND state <> 'cancelled' ORDER BY number DESC LIMIT 2`,
    )
    .all<Scheduled>()
  return results
}

/** Some running sync runs without progress since a time (UTC milliseconds), the longest stuck first. */
export async function listStuck(db: D1Database, time: number, limit: number): Promise<RunRow[]> {
  const sql = `
    SELECT * FROM sync_runs INDEXED BY sync_runs_running
    WHERE state = 'running' AND movedAt <= ? ORDER BY movedAt LIMIT ?`
  return (await db.prepare(sql).bind(time, limit).all<RunRow>()).results
}

/** Records that the rest of a sync run is sent again: from now on, earlier messages are dropped. */
export async function markSent(
  db: D1Database,
  { number, sent }: RunRow,
  now: number,
): Promise<void> {
  const sql = 'UPDATE sync_runs SET movedAt = ?, tries = tries + 1, sent = ? WHERE number = ?'
  await db
    .prepare(sql)
    .bind(now, sent + 1, number)
    .run()
}

/**
 * Records why a sync run waits; costs nothing if that is already recorded.
 *
 * @param isDefault whether a reason that is already recorded takes precedence
 */
export async function recordDelay(
  db: D1Database,
  number: number,
  delay: string,
  isDefault = false,
): Promise<void> {
  const isChanged = isDefault ? 'delay IS NULL' : 'delay IS NOT ?1'
  const sql = `UPDATE sync_runs SET delay = ?1 WHERE number = ?2 AND ${isChanged}`
  await db.prepare(sql).bind(delay, number).run()
}

/** Ends a sync run before all of it was read. @returns whether it was running */
export async function endRun(
  db: D1Database,
  number: number,
  state: 'cancelled' | 'stopped',
  error: string | null,
  now: number,
): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `UPDATE sync_runs SET state = ?, error = ?, delay = NULL, finishedAt = ?
       WHERE number = ? AND state = 'running'`,
    )
    .bind(state, error, now, number)
    .run()
  return meta.changes > 0
}

/** Cancels all running sync runs. @returns how many there were */
export async function cancelRunning(db: D1Database, now: number): Promise<number> {
  const { meta } = await db
    .prepare(
      `UPDATE sync_runs SET state = 'cancelled', error = NULL, delay = NULL, finishedAt = ?
       WHERE state = 'running'`,
    )
    .bind(now)
    .run()
  return meta.changes
}

/** Deletes all but the most recent sync runs, and the coverage of before `before`: UTC milliseconds. */
export async function pruneRuns(db: D1Database, kept: number, before: number): Promise<void> {
  await db.batch([
    db.prepare('DELETE FROM coverage WHERE since < ?').bind(before),
    db
      .prepare(
        `DELETE FROM sync_runs WHERE state <> 'running' AND number <= (SELECT max(number) FROM sync_runs) - ?`,
      )
      .bind(kept),
    db.prepare('DELETE FROM time_slices WHERE run < (SELECT min(number) FROM sync_runs)'),
    db.prepare(PRUNE_CONFIRMED),
  ])
}
