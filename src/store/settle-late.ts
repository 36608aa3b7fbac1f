import { DERIVE } from './derive.ts'
import { findArrivals } from './arrivals.ts'
import { FORGET_ARRIVALS, newStamp, REGISTER_LATE } from './deliveries.ts'
import { staleHours } from './hours.ts'
import { dayOf } from './late.ts'
import type { Position } from './list.ts'
import { noting } from './notes.ts'
import { deleteEvents, deleteLastNames, forgetLate } from './take-out.ts'

const MAX_LATE = 1_000 // that are settled in one transaction

/** Events of one day that are looked for in its files, and the last file that was looked through. */
export type LateBatch = { day: number; file: number; keys: readonly Position[] }

const BATCH_NOTE = 'late.batch'

/** The batch that is under way; or a new one, of a day none of whose files is open; null where none waits. */
export async function findLateBatch(db: D1Database): Promise<LateBatch | null> {
  const found = await db
    .prepare(
      `SELECT (SELECT value FROM notes WHERE name = '${BATCH_NOTE}') AS batch, (
         SELECT ${dayOf('late.occurredAt')} FROM late
         WHERE NOT EXISTS (
           SELECT 1 FROM archive WHERE archive.day = ${dayOf('late.occurredAt')}
             AND (archive.state <> 'done' OR archive.fault IS NOT NULL)
         )
         ORDER BY occurredAt LIMIT 1
       ) AS day`,
    )
    .first<{ batch: string | null; day: number | null }>()
  // One reasoned cast: `noteBatch` wrote it.
  if (found?.batch) return JSON.parse(found.batch) as LateBatch
  const day = found?.day ?? null
  return day === null ? null : { day, file: 0, keys: await listLate(db, day) }
}

/** Some events of a day that wait. */
async function listLate(db: D1Database, day: number): Promise<Position[]> {
  const { results } = await db
    .prepare(
      `SELECT occurredAt, id FROM late WHERE occurredAt >= ?1 AND ${dayOf('occurredAt')} = ?1
       ORDER BY occurredAt, id LIMIT ${MAX_LATE}`,
    )
    .bind(day)
    .all<Position>()
  return results
}

/** Gives a batch up: its events wait as before. */
export async function dropBatch(db: D1Database): Promise<void> {
  await noting(db, BATCH_NOTE, null).run()
}

/**
 * Takes out what a file of the archive has already, and names of whom it was the last that was left. What
 * else came in since is in none of the files that were looked through, and not in the batch.
 *
 * @param left the batch without it, and behind that file
 */
export async function settleRepeated(
  db: D1Database,
  keys: readonly Position[],
  left: LateBatch,
): Promise<void> {
  const deleted =
    keys.length === 0
      ? []
      : [deleteLastNames(db, keys), deleteEvents(db, keys), forgetLate(db, keys)]
  await db.batch([...deleted, noting(db, BATCH_NOTE, JSON.stringify(left))])
}

/** Counts what the archive has not, as if it came in now, and ends the batch. */
export async function settleNew(db: D1Database, keys: readonly Position[]): Promise<void> {
  if (keys.length === 0) return dropBatch(db)
  const { arrived, receivedAt } = await listArrivedOf(db, keys)
  const stamp =
    receivedAt === null
      ? newStamp((await findArrivals(db)).lastReceivedAt ?? 0, true)
      : newStamp(receivedAt)
  await db.batch([
    db.prepare(REGISTER_LATE).bind(arrived, stamp),
    ...DERIVE.map((sql) => db.prepare(sql).bind(stamp)),
    ...staleHours(
      db,
      keys.map(({ occurredAt }) => occurredAt),
      Date.now(),
    ),
    db.prepare(FORGET_ARRIVALS),
    forgetLate(db, keys),
    noting(db, BATCH_NOTE, null),
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
