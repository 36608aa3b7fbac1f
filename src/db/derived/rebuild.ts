import { HOUR_MS, startOfHour } from '../../event/clock.ts'
import { MAX_TIME } from '../stored-event.ts'
import { STALE_PERIOD } from './hours.ts'
import { MARK_PERIOD_STALE } from '../rollups/hours.ts'
import { KINDS } from '../reports/totals.ts'
import { PERIOD } from './scope.ts'
import { insertIdentifiersAgain } from './seen-identifiers.ts'
import { suppressAgain } from './suppressions.ts'
import { addTotals, canRebuild } from './totals.ts'

const STEP_EVENTS = 10_000 // a second or so; more only if a single hour has more

/** One step of a rebuild: how many events it read, and where the next one begins. */
export type RebuildStep = {
  events: number
  /** UTC milliseconds, at an hour; null at the end. */
  next: number | null
}

// Campaign by campaign, in key order: by hour, SQLite would scan the whole table.
const CLEAR_TOTALS = `
  DELETE FROM totals
  WHERE campaign IN (SELECT campaign FROM campaigns) AND hour >= ?1 AND hour < ?2
    AND hardBounce <> ${KINDS.machines} AND ${canRebuild('totals.hour')}`

/**
 * Rebuilds the derived tables from the events of some hours. Events that come in meanwhile are counted, too. Hours with
 * events that were archived or erased keep their totals.
 *
 * @param since where to begin: UTC milliseconds at an hour, the `next` of the step before; undefined for the beginning
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
  const period = { since: start, until }
  await insertIdentifiersAgain(db, period, stepEvents)
  await suppressAgain(db, period)
  const statements = [CLEAR_TOTALS, STALE_PERIOD, MARK_PERIOD_STALE, addTotals(PERIOD, true)].map(
    (sql) => db.prepare(sql).bind(start, until),
  )
  const count = 'SELECT count(*) AS events FROM activity WHERE occurredAt >= ?1 AND occurredAt < ?2'
  const results = await db.batch<{ events: number }>([
    db.prepare(count).bind(start, until),
    ...statements,
  ])
  return { events: results[0]?.results[0]?.events ?? 0, next: end === undefined ? null : until }
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
      .bind(since ?? -MAX_TIME)
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
