import { PRUNE_CONFIRMED } from '../derived/confirmed.ts'

/** A stretch of time that is read from Yespo's API. Times in UTC milliseconds. */
export type SyncRun = {
  number: number
  kind: 'schedule' | 'backfill'
  since: number
  /** Not included. */
  until: number
  state: 'running' | 'finished' | 'cancelled' | 'stopped'
  /** Why it was stopped, or what of it could not be read; null where all is well. */
  fault: string | null
  /** What it waits for, in words; null where it goes on. */
  delay: string | null
  beganAt: number
  /** When something of it was read or sent last. */
  movedAt: number
  /** How often its messages were sent since something of it was read, and in all. */
  tries: number
  sent: number
  finishedAt: number | null
  /** How much of it was read, from 0 to 1. */
  share: number
}

/** A pull without how far it is, which takes counting. */
export type RunRow = Omit<SyncRun, 'share'>

const SHARE = `CASE WHEN state = 'finished' THEN 1.0 ELSE min(1.0, coalesce((
  SELECT sum(time_slices.until - time_slices.since) FROM time_slices WHERE time_slices.pull = sync_runs.number
), 0) * 1.0 / max(1, until - since)) END AS share`

/** Begins a pull; the message that carries it is sent afterwards. @returns its number */
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

/** The pulls that go on and the last so many of all, the last first. */
export async function listShown(db: D1Database, last: number): Promise<SyncRun[]> {
  const sql = `SELECT *, ${SHARE} FROM sync_runs
    WHERE state = 'running' OR number IN (SELECT number FROM sync_runs ORDER BY number DESC LIMIT ?)
    ORDER BY number DESC`
  return (await db.prepare(sql).bind(last).all<SyncRun>()).results
}

/** The last pull that the schedule began; null where there was none. */
export async function findLastScheduled(db: D1Database): Promise<RunRow | null> {
  const sql = `SELECT * FROM sync_runs WHERE kind = 'schedule' ORDER BY number DESC LIMIT 1`
  return db.prepare(sql).first<RunRow>()
}

/** A scheduled pull; `isBegun` is 1 where it goes on and some of it was read. */
export type Scheduled = RunRow & { isBegun: number }

/** The last two scheduled pulls that nobody cancelled, the last first: only the first may go on. */
export async function listScheduled(db: D1Database): Promise<Scheduled[]> {
  const { results } = await db
    .prepare(
      `SELECT *, EXISTS (SELECT 1 FROM time_slices WHERE pull = number) AS isBegun FROM sync_runs
       WHERE kind = 'schedule' AND state <> 'cancelled' ORDER BY number DESC LIMIT 2`,
    )
    .all<Scheduled>()
  return results
}

/** Some pulls that go on and have not moved since a time (UTC milliseconds), the longest first. */
export async function listStuck(db: D1Database, time: number, limit: number): Promise<RunRow[]> {
  const sql = `
    SELECT * FROM sync_runs INDEXED BY sync_runs_running
    WHERE state = 'running' AND movedAt <= ? ORDER BY movedAt LIMIT ?`
  return (await db.prepare(sql).bind(time, limit).all<RunRow>()).results
}

/** Notes that what is left of a pull is sent once more: what was sent before is dropped from now on. */
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
 * Notes what a pull waits for; costs nothing where that is known.
 *
 * @param isDefault whether to leave what it waits for already
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

/** Ends a pull before all of it was read. @returns whether it was running */
export async function endRun(
  db: D1Database,
  number: number,
  state: 'cancelled' | 'stopped',
  fault: string | null,
  now: number,
): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `UPDATE sync_runs SET state = ?, fault = ?, delay = NULL, finishedAt = ?
       WHERE number = ? AND state = 'running'`,
    )
    .bind(state, fault, now, number)
    .run()
  return meta.changes > 0
}

/** Cancels all pulls that go on. @returns how many these were */
export async function cancelRunning(db: D1Database, now: number): Promise<number> {
  const { meta } = await db
    .prepare(
      `UPDATE sync_runs SET state = 'cancelled', fault = NULL, delay = NULL, finishedAt = ?
       WHERE state = 'running'`,
    )
    .bind(now)
    .run()
  return meta.changes
}

/** Forgets readings but the last so many, and who saw what happened before a time: UTC milliseconds. */
export async function pruneRuns(db: D1Database, kept: number, before: number): Promise<void> {
  await db.batch([
    db.prepare('DELETE FROM coverage WHERE since < ?').bind(before),
    db
      .prepare(
        `DELETE FROM sync_runs WHERE state <> 'running' AND number <= (SELECT max(number) FROM sync_runs) - ?`,
      )
      .bind(kept),
    db.prepare('DELETE FROM time_slices WHERE pull < (SELECT min(number) FROM sync_runs)'),
    db.prepare(PRUNE_CONFIRMED),
  ])
}
