import { DERIVE } from './derive.ts'
import { findArrivals } from './arrivals.ts'
import { FORGET_ARRIVALS, newStamp, REGISTER_LATE } from './deliveries.ts'
import { dayOf } from './late.ts'
import type { Position } from './list.ts'
import { deleteEvents, deleteLastNames, forgetLate } from './take-out.ts'

const MAX_LATE = 1_000 // that are settled in one transaction

/** The day of an event that waits, none of whose files is unfinished; UTC milliseconds. */
export async function findLateDay(db: D1Database): Promise<number | null> {
  return db
    .prepare(
      `SELECT ${dayOf('late.occurredAt')} AS day FROM late
       WHERE NOT EXISTS (
         SELECT 1 FROM archive
         WHERE archive.day = ${dayOf('late.occurredAt')} AND archive.state <> 'done'
       )
       ORDER BY occurredAt LIMIT 1`,
    )
    .first<number>('day')
}

/** Some events of a day that wait. */
export async function listLate(db: D1Database, day: number): Promise<Position[]> {
  const { results } = await db
    .prepare(
      `SELECT occurredAt, id FROM late WHERE occurredAt >= ?1 AND ${dayOf('occurredAt')} = ?1
       ORDER BY occurredAt, id LIMIT ${MAX_LATE}`,
    )
    .bind(day)
    .all<Position>()
  return results
}

/** Takes out what the archive has already, and names of whom it was the last that was left. */
export async function settleRepeated(db: D1Database, keys: readonly Position[]): Promise<void> {
  if (keys.length === 0) return
  await db.batch([deleteLastNames(db, keys), deleteEvents(db, keys), forgetLate(db, keys)])
}

/** Counts what the archive has not, as if it came in now. */
export async function settleNew(db: D1Database, keys: readonly Position[]): Promise<void> {
  if (keys.length === 0) return
  const { arrived, receivedAt } = await listArrivedOf(db, keys)
  const stamp =
    receivedAt === null
      ? newStamp((await findArrivals(db)).lastReceivedAt ?? 0, true)
      : newStamp(receivedAt)
  await db.batch([
    db.prepare(REGISTER_LATE).bind(arrived, stamp),
    ...DERIVE.map((sql) => db.prepare(sql).bind(stamp)),
    db.prepare(FORGET_ARRIVALS),
    forgetLate(db, keys),
  ])
}

/**
 * The events as the consumer has them when they come in, the JSON of an `Arrived` list with every digit,
 * and when the last of them that the webhook brought did; null where it brought none.
 */
async function listArrivedOf(
  db: D1Database,
  keys: readonly Position[],
): Promise<{ arrived: string; receivedAt: number | null }> {
  const list = JSON.stringify(keys.map(({ occurredAt, id }) => [occurredAt, id]))
  const found = await db
    .prepare(
      `SELECT json_group_array(json_array(
         activity.occurredAt, activity.id,
         CASE WHEN instr(iid, char(0)) = 0 THEN iid END, contactId
       )) AS arrived, max(CASE WHEN origin <> 'api' THEN activity.receivedAt END) AS receivedAt
       FROM json_each(?) AS given
       CROSS JOIN activity
         ON activity.occurredAt = given.value ->> 0 AND activity.id = given.value ->> 1`,
    )
    .bind(list)
    .first<{ arrived: string; receivedAt: number | null }>()
  return { arrived: found?.arrived ?? '[]', receivedAt: found?.receivedAt ?? null }
}
