/** A stretch of time that is read from Yespo's API. Times in UTC milliseconds. */
export type Pull = {
  number: number
  kind: 'schedule' | 'backfill'
  since: number
  /** Not included. */
  until: number
  state: 'running' | 'finished' | 'cancelled' | 'stopped'
  /** Why it was stopped, or what of it could not be read; null where all is well. */
  fault: string | null
  beganAt: number
  finishedAt: number | null
  /** How much of it was read, from 0 to 1. */
  share: number
}

const SHARE = `CASE WHEN state = 'finished' THEN 1.0 ELSE min(1.0, coalesce((
  SELECT sum(windows.until - windows.since) FROM windows WHERE windows.pull = pulls.number
), 0) * 1.0 / max(1, until - since)) END AS share`

/** Begins a pull; the message that carries it is sent afterwards. @returns its number */
export async function beginPull(
  db: D1Database,
  kind: Pull['kind'],
  { since, until }: { since: number; until: number },
  now: number,
): Promise<number> {
  const number = await db
    .prepare(
      `INSERT INTO pulls (kind, since, until, state, beganAt)
       VALUES (?, ?, ?, 'running', ?) RETURNING number`,
    )
    .bind(kind, since, until, now)
    .first<number>('number')
  return number ?? 0
}

/** The pulls, the last first. */
export async function listPulls(db: D1Database, limit: number): Promise<Pull[]> {
  const sql = `SELECT *, ${SHARE} FROM pulls ORDER BY number DESC LIMIT ${limit}`
  return (await db.prepare(sql).all<Pull>()).results
}

/** The last pull that the schedule began; null where there was none. */
export async function findLastScheduled(db: D1Database): Promise<Pull | null> {
  return db
    .prepare(`SELECT *, ${SHARE} FROM pulls WHERE kind = 'schedule' ORDER BY number DESC LIMIT 1`)
    .first<Pull>()
}

/** The last scheduled pull that came to its end or was stopped; null where there was none. */
export async function findLastEnded(
  db: D1Database,
): Promise<Pick<Pull, 'number' | 'until' | 'state' | 'fault'> | null> {
  return db
    .prepare(
      `SELECT number, until, state, fault FROM pulls
       WHERE kind = 'schedule' AND state IN ('finished', 'stopped') ORDER BY number DESC LIMIT 1`,
    )
    .first<Pull>()
}

/** Whether a pull still goes on. */
export async function isRunning(db: D1Database, number: number): Promise<boolean> {
  const sql = `SELECT 1 FROM pulls WHERE number = ? AND state = 'running'`
  return (await db.prepare(sql).bind(number).first()) !== null
}

/** Ends a pull before all of it was read. @returns whether it was running */
export async function endPull(
  db: D1Database,
  number: number,
  state: 'cancelled' | 'stopped',
  fault: string | null,
  now: number,
): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `UPDATE pulls SET state = ?, fault = ?, finishedAt = ? WHERE number = ? AND state = 'running'`,
    )
    .bind(state, fault, now, number)
    .run()
  return meta.changes > 0
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
  { pull, since, until }: { pull: number; since: number; until: number },
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
