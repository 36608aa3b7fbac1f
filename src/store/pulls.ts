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
  /** What it waits for, in words; null where it goes on. */
  delay: string | null
  beganAt: number
  /** When something of it was read or sent last. */
  movedAt: number
  /** How often its messages were sent since something of it was read. */
  tries: number
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
      `INSERT INTO pulls (kind, since, until, state, beganAt, movedAt, tries)
       VALUES (?1, ?2, ?3, 'running', ?4, ?4, 1) RETURNING number`,
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

/** The pulls that go on and have not moved since a time: UTC milliseconds. */
export async function listStuck(db: D1Database, time: number): Promise<Pull[]> {
  const sql = `SELECT *, ${SHARE} FROM pulls WHERE state = 'running' AND movedAt <= ?`
  return (await db.prepare(sql).bind(time).all<Pull>()).results
}

/** Notes that what is left of a pull is sent once more. */
export async function noteSent(db: D1Database, number: number, now: number): Promise<void> {
  const sql = 'UPDATE pulls SET movedAt = ?, tries = tries + 1 WHERE number = ?'
  await db.prepare(sql).bind(now, number).run()
}

/** Notes what a pull waits for; costs nothing where that is known. */
export async function noteDelay(db: D1Database, number: number, delay: string): Promise<void> {
  const sql = 'UPDATE pulls SET delay = ?1 WHERE number = ?2 AND delay IS NOT ?1'
  await db.prepare(sql).bind(delay, number).run()
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
      `UPDATE pulls SET state = ?, fault = ?, delay = NULL, finishedAt = ?
       WHERE number = ? AND state = 'running'`,
    )
    .bind(state, fault, now, number)
    .run()
  return meta.changes > 0
}

/** Forgets readings but the last so many, and who saw what happened before a time: UTC milliseconds. */
export async function prunePulls(db: D1Database, kept: number, before: number): Promise<void> {
  await db.batch([
    db.prepare('DELETE FROM coverage WHERE since < ?').bind(before),
    db
      .prepare(
        `DELETE FROM pulls WHERE state <> 'running' AND number <= (SELECT max(number) FROM pulls) - ?`,
      )
      .bind(kept),
    db.prepare('DELETE FROM windows WHERE pull < (SELECT min(number) FROM pulls)'),
  ])
}
