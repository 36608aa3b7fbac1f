import { DAY_MS } from '../../event/clock.ts'
import { valueOf } from '../columns.ts'
import { addTotals } from '../derived/totals.ts'
import { STORED } from '../derived/scope.ts'
import { staleHours } from '../derived/hours.ts'
import { dayOf } from '../write/late-arrivals.ts'
import { listAt } from '../events/select-events.ts'
import { addToRollups } from '../rollups/advance.ts'
import { failUnless } from '../statements.ts'
import { encodeKeys, type EventKey } from '../stored-event.ts'
import * as kv from '../kv.ts'
import { suppressStored } from '../derived/suppressions.ts'
import { deleteEvents, deleteLate } from '../erasure/delete-events.ts'

const MAX_LATE = 300 // resolved in one transaction

/** Late arrivals of one day that are looked up in its files, and the last file that was read. */
export type LateBatch = { day: number; file: number; keys: readonly EventKey[] }

const BATCH_KEY = 'late.batch'

/** The batch in progress, or a new one of a day without open files; null if there is none. */
export async function findLateBatch(db: D1Database): Promise<LateBatch | null> {
  const found = await db
    .prepare(
      `SELECT (SELECT value FROM key_values WHERE name = '${BATCH_KEY}') AS batch, (
         SELECT ${dayOf('late_arrivals.occurredAt')} FROM late_arrivals
         WHERE NOT EXISTS (
           SELECT 1 FROM archive INDEXED BY archive_open
           WHERE (state <> 'done' OR error IS NOT NULL) AND state <> 'merging' AND CASE WHEN day IS NULL
             THEN firstAt < ${dayOf('late_arrivals.occurredAt')} + ${DAY_MS} AND lastAt >= ${dayOf('late_arrivals.occurredAt')}
             ELSE day = ${dayOf('late_arrivals.occurredAt')} END
         )
         ORDER BY occurredAt LIMIT 1
       ) AS day`,
    )
    .first<{ batch: string | null; day: number | null }>()
  // One reasoned cast: `resolveRepeated` wrote it.
  if (found?.batch) return JSON.parse(found.batch) as LateBatch
  const day = found?.day ?? null
  return day === null ? null : { day, file: 0, keys: await listLate(db, day) }
}

/** Some late arrivals of a day. */
async function listLate(db: D1Database, day: number): Promise<EventKey[]> {
  const { results } = await db
    .prepare(
      `SELECT occurredAt, ${valueOf('id')} AS id FROM late_arrivals WHERE occurredAt >= ?1 AND ${dayOf('occurredAt')} = ?1
       ORDER BY occurredAt, id LIMIT ${MAX_LATE}`,
    )
    .bind(day)
    .all<EventKey>()
  return results
}

/** Drops a batch: its events stay late arrivals. */
export async function dropBatch(db: D1Database): Promise<void> {
  await kv.setting(db, BATCH_KEY, null).run()
}

/**
 * Deletes late arrivals that an archive file already has. Events that have come in since are not in the batch.
 *
 * @param left the batch without them, continuing after that file
 */
export async function resolveRepeated(
  db: D1Database,
  keys: readonly EventKey[],
  left: LateBatch,
): Promise<void> {
  const deleted = keys.length === 0 ? [] : [deleteEvents(db, keys), deleteLate(db, keys)]
  await db.batch([...deleted, kv.setting(db, BATCH_KEY, JSON.stringify(left))])
}

/** Those of the event keys ?1 that are late arrivals. */
const STILL_LATE = `
  FROM json_each(?1) AS input CROSS JOIN late_arrivals
    ON late_arrivals.occurredAt = input.value ->> 0 AND late_arrivals.id = unhex(input.value ->> 1)`

// Another run may have gone on with the batch: its events would count twice.
const REQUIRE_LATE = failUnless(
  `(SELECT count(*) ${STILL_LATE}) = json_array_length(?1)`,
  "'another run has resolved late arrivals'",
)

/**
 * Counts late arrivals that the archive lacks, as if they had come in now, and ends the batch. Those that are no late
 * arrivals any more were resolved by another run, or erased.
 *
 * @throws what D1 throws, also if another run resolves them at the same time
 */
export async function resolveNew(db: D1Database, batch: readonly EventKey[]): Promise<void> {
  const keys = await listStillLate(db, batch)
  if (keys.length === 0) return dropBatch(db)
  const events = await listAt(db, keys)
  const rollups = await addToRollups(db, keys)
  await db.batch([
    db.prepare(REQUIRE_LATE).bind(encodeKeys(keys)),
    ...rollups, // while they are late arrivals: a step that overlaps with this one adds nothing
    deleteLate(db, keys), // late arrivals count for nothing
    db.prepare(addTotals(STORED)).bind(encodeKeys(keys)),
    ...suppressStored(db, events),
    ...staleHours(
      db,
      keys.map(({ occurredAt }) => occurredAt),
      Date.now(),
    ),
    kv.setting(db, BATCH_KEY, null),
  ])
}

async function listStillLate(db: D1Database, keys: readonly EventKey[]): Promise<EventKey[]> {
  if (keys.length === 0) return []
  const { results } = await db
    .prepare(`SELECT late_arrivals.occurredAt, lower(hex(late_arrivals.id)) AS id ${STILL_LATE}`)
    .bind(encodeKeys(keys))
    .all<EventKey>()
  return results
}
