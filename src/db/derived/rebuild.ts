import { HOUR_MS, startOfHour } from '../../event/clock.ts'
import { addTotals, isRebuilding } from './totals.ts'
import { RANGE } from './scope.ts'
import { STALE_RANGE } from './hours.ts'
import { insertIdentifiersOfStored } from './insert-identifiers.ts'
import { readSeenIdentifiers } from './seen-identifiers.ts'
import type { Position } from '../stored-activity.ts'
import { suppressAgain } from './suppressions.ts'

const STEP_EVENTS = 10_000 // a second or so; more only where a single hour has more

/** One step of a rebuild: how many events it went through, and where the next one begins. */
export type RebuildStep = {
  events: number
  /** UTC milliseconds, at an hour; null where all is counted. */
  next: number | null
}

// Campaign by campaign, as the key has them: the hours alone would be looked for in the whole table.
const CLEAR_TOTALS = `
  DELETE FROM totals
  WHERE campaign IN (SELECT campaign FROM campaigns) AND hour >= ?1 AND hour < ?2
    AND ${isRebuilding('totals.hour')}`

/**
 * Makes anew what is kept beside the events, for some hours of them, in one transaction. Events may
 * come in meanwhile: what is counted stays true, and what is not counted yet will be. Hours of which
 * events were taken out, to the archive or because someone was forgotten, keep their totals.
 *
 * @param since where to begin: UTC milliseconds at an hour, the `next` of the step before; undefined
 *   for the beginning
 */
export async function rebuild(
  db: D1Database,
  since: number | undefined,
  stepEvents = STEP_EVENTS,
): Promise<RebuildStep> {
  const [first, end] = await findRange(db, since, stepEvents)
  if (first === undefined) return { events: 0, next: null }
  const start = startOfHour(first)
  const until = end === undefined ? await findEnd(db) : Math.max(startOfHour(end), start + HOUR_MS)
  await insertIdentifiers(db, { since: start, until }, stepEvents)
  await suppressAgain(db, { since: start, until })
  const statements = [CLEAR_TOTALS, STALE_RANGE, addTotals(RANGE, true)].map((sql) =>
    db.prepare(sql).bind(start, until),
  )
  const count = 'SELECT count(*) AS events FROM activity WHERE occurredAt >= ?1 AND occurredAt < ?2'
  const results = await db.batch<{ events: number }>([
    db.prepare(count).bind(start, until),
    ...statements,
  ])
  return { events: results[0]?.results[0]?.events ?? 0, next: end === undefined ? null : until }
}

/** Takes note of the identifiers in a range of events: before the rest, as SQLite cannot tell what they are. */
async function insertIdentifiers(
  db: D1Database,
  range: { since: number; until: number },
  stepEvents: number,
): Promise<void> {
  let after: Position | undefined
  do {
    const { seen, next } = await readSeenIdentifiers(db, range, after, stepEvents)
    const statements = insertIdentifiersOfStored(db, seen)
    if (statements.length > 0) await db.batch(statements)
    after = next ?? undefined
  } while (after)
}

/** The first event from a time on, and the one a step later; both as UTC milliseconds. */
async function findRange(
  db: D1Database,
  since: number | undefined,
  stepEvents: number,
): Promise<[first: number | undefined, end: number | undefined]> {
  const at = (offset: number) =>
    db
      .prepare(
        `SELECT occurredAt FROM activity WHERE occurredAt >= ?1 ORDER BY occurredAt LIMIT 1 OFFSET ${offset}`,
      )
      .bind(since ?? -8_640_000_000_000_000)
  const found = await db.batch<{ occurredAt: number }>([at(0), at(stepEvents)])
  return [found[0]?.results[0]?.occurredAt, found[1]?.results[0]?.occurredAt]
}

/** The end of the hour of the last event. */
async function findEnd(db: D1Database): Promise<number> {
  const last = await db
    .prepare('SELECT max(occurredAt) AS last FROM activity')
    .first<number>('last')
  return startOfHour(last ?? 0) + HOUR_MS
}
