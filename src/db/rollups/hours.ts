import { HOUR_MS, MINUTE_MS, startOfHour } from '../../event/clock.ts'
import { MACHINE_WINDOW_MS } from '../../event/machines.ts'
import { floorTo } from '../columns.ts'
import { ROLLED_UP_KEY } from '../keys.ts'
import * as kv from '../kv.ts'
import { MAX_TIME, type EventKey } from '../stored-event.ts'
import { isArchived } from '../write/late-arrivals.ts'

/** So long after its end an hour is rolled up: by then its events have come in. */
const QUIET_MS = 10 * MINUTE_MS

/** An event may tell that others, so much earlier or later, are a machine's: see `event/machines.ts`. */
const NEAR_MS = 2 * MACHINE_WINDOW_MS

/** Hours with events that are found at once. */
const MAX_FOUND = 200

/** Hours that are rolled up in one step. */
const MAX_TAKEN = 24

/** An hour whose steps were cut off so often is left out until something changes in it. */
const MAX_TRIES = 6

/**
 * Until when a stale hour waits: as long as the event that made it stale was late, as others will be; at least one
 * hour, at most six.
 */
const READY_AT = `since + min(${6 * HOUR_MS}, max(${HOUR_MS}, since - hour))`

const OPEN = `rollup_hours INDEXED BY rollup_hours_open WHERE state <> 'done'`

/** Without those that were given up. */
const TAKEABLE = `${OPEN} AND tries < ${MAX_TRIES}`

/** The hours to roll up now; binds ?1, the time. */
const READY = `
  ${TAKEABLE} AND hour <= ?1 - ${HOUR_MS + QUIET_MS}
  AND (state <> 'stale' OR ${READY_AT} <= ?1) AND NOT ${isArchived('rollup_hours.hour')}`

/** Whether there is an hour to roll up, or to look for; binds ?1, the time: UTC milliseconds. */
export const IS_ROLLUP_DUE = `
  coalesce((SELECT CAST(value AS INTEGER) FROM key_values WHERE name = '${ROLLED_UP_KEY}') <= ?1 - ${HOUR_MS + QUIET_MS}, 1)
  OR EXISTS (SELECT 1 FROM ${READY})`

/** An hour that is being rolled up. */
export type OpenHour = {
  /** Its beginning: UTC milliseconds. */
  hour: number
  /** Whether events came in after others of their deliveries were rolled up. */
  isStale: boolean
  /** The number of the next part. */
  part: number
  /** The last event of the part before. */
  after: EventKey | undefined
  /** Steps since its last progress that were cut off, with this one. */
  tries: number
}

/**
 * Marks the hours of events that came in late, or were erased, to be rolled up again; belongs in the transaction that
 * stores or deletes them. Hours of archived days stay as they are.
 *
 * @param times of the events: UTC milliseconds
 * @returns no statement if none of their hours is over
 */
export function markStale(
  db: D1Database,
  times: readonly number[],
  now: number,
): D1PreparedStatement[] {
  const own = new Set(times.map(startOfHour))
  const near = times.flatMap((time) => [startOfHour(time - NEAR_MS), startOfHour(time + NEAR_MS)])
  const over = [...new Set([...own, ...near])].flatMap((hour) =>
    hour + HOUR_MS <= now ? [[hour, Number(own.has(hour))]] : [],
  )
  if (over.length === 0) return []
  return [
    db
      .prepare(
        `INSERT INTO rollup_hours (hour, state, since)
         SELECT value ->> 0, 'new', ?2 FROM json_each(?1) AS late
         WHERE NOT ${isArchived('(late.value ->> 0)')}
           AND (late.value ->> 1 OR EXISTS (SELECT 1 FROM rollup_hours WHERE hour = late.value ->> 0))
         ON CONFLICT (hour) DO UPDATE SET state = 'stale', since = excluded.since, tries = 0
         WHERE state IN ('begun', 'done') OR tries > 0`,
      )
      .bind(JSON.stringify(over), now),
  ]
}

/** Marks all hours of a period to be rolled up again at once; binds ?1 and ?2, its ends. */
export const MARK_PERIOD_STALE = `
  UPDATE rollup_hours SET state = 'stale', since = 0, tries = 0
  WHERE hour >= ?1 AND hour < ?2 AND NOT ${isArchived('rollup_hours.hour')}`

/** Finds hours that are over since it last did. @returns whether there are more to look for */
export async function findNewHours(db: D1Database, now: number): Promise<boolean> {
  const until = startOfHour(now - QUIET_MS)
  const since = Number((await kv.get(db, ROLLED_UP_KEY)) ?? -MAX_TIME)
  if (since >= until) return false
  const reached = await insertHours(db, since, until)
  await kv.set(db, ROLLED_UP_KEY, String(reached))
  return reached < until
}

/**
 * Inserts the hours of a period that have events and are not known yet: each costs a look-up, however many events it has.
 *
 * @param since,until UTC milliseconds, at an hour
 * @returns the end of what was searched
 */
async function insertHours(db: D1Database, since: number, until: number): Promise<number> {
  const next = (from: string) => `(
    SELECT ${floorTo('occurredAt', HOUR_MS)} FROM activity
    WHERE occurredAt >= ${from} AND occurredAt < ?2 ORDER BY occurredAt LIMIT 1
  )`
  const { results } = await db
    .prepare(
      `WITH RECURSIVE found (hour) AS (
         SELECT ${next('?1')}
         UNION ALL SELECT ${next(`hour + ${HOUR_MS}`)} FROM found WHERE hour IS NOT NULL LIMIT ${MAX_FOUND}
       )
       SELECT hour, ${isArchived('found.hour')} AS isArchived FROM found WHERE hour IS NOT NULL`,
    )
    .bind(since, until)
    .all<{ hour: number; isArchived: number }>()
  const found = results.flatMap(({ hour, isArchived: isDone }) => (isDone ? [] : [hour]))
  if (found.length > 0) {
    await db
      .prepare(
        `INSERT INTO rollup_hours (hour, state, since) SELECT value, 'new', 0 FROM json_each(?) WHERE true
         ON CONFLICT (hour) DO NOTHING`,
      )
      .bind(JSON.stringify(found))
      .run()
  }
  const last = results.at(-1)
  return last && results.length >= MAX_FOUND - 1 ? last.hour + HOUR_MS : until
}

type Row = { hour: number; progress: string; tries: number }

/** `isStale`, the part, and the key of the last event. */
type Progress = [isStale: boolean, part: number, ...after: [occurredAt: number, id: string] | []]

/**
 * Takes hours that are to be rolled up, the newest first; after these, those with events that came in late, the oldest
 * first, as each may change later ones. One that is under way, or whose last step was cut off, is taken alone. They
 * count as cut off until they make progress.
 */
export function takeHours(db: D1Database, now: number): Promise<OpenHour[]> {
  return take(db, `SELECT hour, tries, progress, since FROM ${READY}`, now)
}

/** The same from an hour on, without waiting. @param since UTC milliseconds */
export function takeHoursSince(db: D1Database, since: number): Promise<OpenHour[]> {
  return take(db, `SELECT hour, tries, progress, since FROM ${TAKEABLE} AND hour >= ?1`, since)
}

async function take(db: D1Database, open: string, ...values: number[]): Promise<OpenHour[]> {
  const isFresh = `tries = 0 AND (progress IS NULL OR progress ->> 1 = 0)`
  const { results } = await db
    .prepare(
      `WITH open AS MATERIALIZED (
         SELECT hour, ${isFresh} AS isFresh FROM (${open})
         ORDER BY isFresh, tries, since > 0, iif(since > 0, hour, -hour) LIMIT ${MAX_TAKEN}
       )
       UPDATE rollup_hours SET tries = tries + 1, state = 'begun', progress = CASE
         WHEN state = 'begun' THEN progress
         WHEN state = 'stale' OR since > 0 THEN '[true,0]' ELSE '[false,0]' END
       WHERE hour IN (SELECT hour FROM open WHERE isFresh)
         AND NOT EXISTS (SELECT 1 FROM open WHERE NOT isFresh)
         OR hour = (SELECT hour FROM open WHERE NOT isFresh LIMIT 1)
       RETURNING hour, progress, tries`,
    )
    .bind(...values)
    .all<Row>()
  return results.map(toOpenHour)
}

function toOpenHour({ hour, progress, tries }: Row): OpenHour {
  // One reasoned cast: `take` or `markPart` wrote it.
  const [isStale, part, occurredAt, id] = JSON.parse(progress) as Progress
  const after = occurredAt === undefined || id === undefined ? undefined : { occurredAt, id }
  return { hour, isStale, part, after, tries }
}

/** Whether an hour is still as it was taken: otherwise it has become stale, or another step has taken it. */
export function isTaken(tries: number): (hour: string) => string {
  return (hour) =>
    `EXISTS (SELECT 1 FROM rollup_hours AS taken WHERE taken.hour = ${hour} AND taken.state = 'begun' AND taken.tries = ${tries})`
}

/** Records that hours were rolled up. */
export function markDone(db: D1Database, hours: readonly OpenHour[]): D1PreparedStatement[] {
  return change(db, hours, "state = 'done', progress = NULL, tries = 0")
}

/** Puts hours back that turned out to be too much for a step. */
export function putBack(db: D1Database, hours: readonly OpenHour[]): D1PreparedStatement[] {
  return change(db, hours, 'tries = 0')
}

/** Records that a part of an hour was stored. @param after its last event */
export function markPart(db: D1Database, open: OpenHour, after: EventKey): D1PreparedStatement[] {
  const progress: Progress = [open.isStale, open.part + 1, after.occurredAt, after.id]
  return change(db, [open], 'progress = ?, tries = 0', JSON.stringify(progress))
}

function change(
  db: D1Database,
  hours: readonly OpenHour[],
  set: string,
  ...values: string[]
): D1PreparedStatement[] {
  if (hours.length === 0) return []
  const list = JSON.stringify(hours.map(({ hour, tries }) => [hour, tries]))
  return [
    db
      .prepare(
        `UPDATE rollup_hours SET ${set} WHERE state = 'begun'
           AND (hour, tries) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))`,
      )
      .bind(...values, list),
  ]
}

/** Whether an hour from a time on is not rolled up; hours that cannot be do not count. */
export async function hasOpen(db: D1Database, since: number): Promise<boolean> {
  const sql = `SELECT EXISTS (SELECT 1 FROM ${TAKEABLE} AND hour >= ?1) AS hasOpen`
  return (await db.prepare(sql).bind(since).first<number>('hasOpen')) === 1
}

/** Whether an hour of a period is not rolled up, in SQL. */
export function hasOpenHour(since: string, until: string): string {
  return `EXISTS (SELECT 1 FROM ${TAKEABLE} AND hour >= ${since} AND hour < ${until})`
}

/** Whether an hour before another has yet to be rolled up for the first time, in SQL. */
export function hasNewHour(until: string): string {
  return `EXISTS (SELECT 1 FROM ${TAKEABLE} AND state <> 'stale' AND hour < ${until})`
}

/** Marks later hours of the deliveries of one that was stale, as what counts there may now count in it. */
export function markLater(db: D1Database, hours: readonly number[]): D1PreparedStatement[] {
  if (hours.length === 0) return []
  return [
    db
      .prepare(
        `UPDATE rollup_hours SET state = 'stale', since = 0, tries = 0
         WHERE hour IN (SELECT value FROM json_each(?)) AND state = 'done' AND NOT ${isArchived('rollup_hours.hour')}`,
      )
      .bind(JSON.stringify(hours)),
  ]
}

/** How far the rollups are. Times in UTC milliseconds. */
export type RollupState = {
  /** All hours before it are rolled up, but for those that wait; null before the first. */
  until: number | null
  /** Hours that wait to be rolled up, or to be rolled up again. */
  open: number
  /** Of those, the ones that were given up until something changes in them. */
  failed: number
  oldest: number | null
}

/** Reads a `RollupState`. */
export const ROLLUP_STATE = `
  SELECT (SELECT CAST(value AS INTEGER) FROM key_values WHERE name = '${ROLLED_UP_KEY}') AS until,
    count(*) AS open, coalesce(sum(tries >= ${MAX_TRIES}), 0) AS failed, min(hour) AS oldest
  FROM ${OPEN}`

export async function readRollupState(db: D1Database): Promise<RollupState> {
  const row = await db.prepare(ROLLUP_STATE).first<RollupState>()
  return row ?? { until: null, open: 0, failed: 0, oldest: null }
}
