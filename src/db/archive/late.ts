import { valueOf } from '../columns.ts'
import { addTotals } from '../derived/totals.ts'
import { STORED } from '../derived/scope.ts'
import { staleHours } from '../derived/hours.ts'
import { dayOf } from '../write/late.ts'
import { listAt } from '../events/list.ts'
import type { Position } from '../stored-activity.ts'
import { setValue } from '../kv.ts'
import { suppressStored } from '../derived/suppressions.ts'
import { deleteEvents, deleteLastIdentifiers, deleteLate } from '../erasure/delete-events.ts'

const MAX_LATE = 1_000 // that are settled in one transaction

/** Events of one day that are looked for in its files, and the last file that was looked through. */
export type LateBatch = { day: number; file: number; keys: readonly Position[] }

const BATCH_KEY = 'late.batch'

/** The batch that is under way; or a new one, of a day none of whose files is open; null where none waits. */
export async function findLateBatch(db: D1Database): Promise<LateBatch | null> {
  const found = await db
    .prepare(
      `SELECT (SELECT value FROM key_values WHERE name = '${BATCH_KEY}') AS batch, (
         SELECT ${dayOf('late_arrivals.occurredAt')} FROM late_arrivals
         WHERE NOT EXISTS (
           SELECT 1 FROM archive WHERE archive.day = ${dayOf('late_arrivals.occurredAt')}
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
      `SELECT occurredAt, ${valueOf('id')} AS id FROM late_arrivals WHERE occurredAt >= ?1 AND ${dayOf('occurredAt')} = ?1
       ORDER BY occurredAt, id LIMIT ${MAX_LATE}`,
    )
    .bind(day)
    .all<Position>()
  return results
}

/** Gives a batch up: its events wait as before. */
export async function dropBatch(db: D1Database): Promise<void> {
  await setValue(db, BATCH_KEY, null).run()
}

/**
 * Takes out what a file of the archive has already, and names of whom it was the last that was left. What
 * else came in since is in none of the files that were looked through, and not in the batch.
 *
 * @param left the batch without it, and behind that file
 */
export async function resolveRepeated(
  db: D1Database,
  keys: readonly Position[],
  left: LateBatch,
): Promise<void> {
  const deleted =
    keys.length === 0
      ? []
      : [deleteLastIdentifiers(db, keys), deleteEvents(db, keys), deleteLate(db, keys)]
  await db.batch([...deleted, setValue(db, BATCH_KEY, JSON.stringify(left))])
}

/** Counts what the archive has not, as if it came in now, and ends the batch. */
export async function resolveNew(db: D1Database, keys: readonly Position[]): Promise<void> {
  if (keys.length === 0) return dropBatch(db)
  const stored = JSON.stringify(keys.map(({ occurredAt, id }) => [occurredAt, id]))
  const activities = await listAt(db, keys)
  await db.batch([
    deleteLate(db, keys), // first: what waits counts for nothing
    db.prepare(addTotals(STORED)).bind(stored),
    ...suppressStored(db, activities),
    ...staleHours(
      db,
      keys.map(({ occurredAt }) => occurredAt),
      Date.now(),
    ),
    setValue(db, BATCH_KEY, null),
  ])
}
