import { DAY_MS, HOUR_MS, startOfHour } from '../../event/clock.ts'
import type { Budget } from '../../platform/budget.ts'
import type { EventKey } from '../stored-event.ts'
import {
  findNewHours,
  insertHours,
  isOpen,
  isTaken,
  markLater,
  markProgress,
  takeHour,
  takeHourOfDay,
  type OpenHour,
} from './hours.ts'
import { readSlice, readSliceAt } from './read-slice.ts'
import { rollUp, type Rollup, type RollupEvent } from './roll-up.ts'
import { clearRollup, storeRollup } from './store.ts'

const FIND_STATEMENTS = 3
const SLICE_STATEMENTS = 13
const MIN_EVENTS = 50

/**
 * Rolls up the hours that are over: the newest first, then those that have changed since.
 *
 * @param maxEvents of a step
 * @param now UTC milliseconds
 * @returns whether it made progress
 */
export async function advanceRollups(
  db: D1Database,
  budget: Budget,
  maxEvents: number,
  now: number,
): Promise<boolean> {
  if (!budget.take(FIND_STATEMENTS)) return false
  let progressed = await findNewHours(db, now)
  while (budget.take(SLICE_STATEMENTS)) {
    const open = await takeHour(db, now)
    if (!open) return progressed
    await advanceHour(db, open, maxEvents)
    progressed = true
    budget.endIfFree()
  }
  return progressed
}

/**
 * Rolls up a day before its events leave the database.
 *
 * @param day its beginning: UTC milliseconds
 * @returns whether all of it is
 */
export async function rollUpDay(
  db: D1Database,
  budget: Budget,
  maxEvents: number,
  day: number,
): Promise<boolean> {
  const until = day + DAY_MS
  if (!budget.take(FIND_STATEMENTS)) return false
  await insertHours(db, day, until)
  while (await isOpen(db, day, until)) {
    if (!budget.take(SLICE_STATEMENTS)) return false
    const open = await takeHourOfDay(db, day, until)
    if (open) await advanceHour(db, open, maxEvents)
    budget.endIfFree()
  }
  return true
}

async function advanceHour(db: D1Database, open: OpenHour, maxEvents: number): Promise<void> {
  const { hour, after, part, isStale, tries } = open
  const limit = Math.max(MIN_EVENTS, Math.floor(maxEvents / 2 ** (tries - 1)))
  const { events, last } = await readSlice(db, { since: hour, until: hour + HOUR_MS }, after, limit)
  const rollup = rollUp(events)
  const guard = isTaken(open)
  await db.batch([
    ...(part === 0 ? clearRollup(db, hour, guard) : []),
    ...storeRollup(db, hour, rollup, guard),
    ...(isStale ? markLater(db, laterThan(hour, rollup)) : []),
    markProgress(db, open, last),
  ])
}

function laterThan(hour: number, { otherHours }: Rollup): number[] {
  return otherHours.filter((other) => other > hour)
}

/**
 * The statements that add events of archived days to the rollups of their hours, for the transaction that counts them.
 *
 * @param keys of stored events
 */
export async function addToRollups(
  db: D1Database,
  keys: readonly EventKey[],
): Promise<D1PreparedStatement[]> {
  const events = await readSliceAt(db, keys)
  const counted = new Set(
    events.flatMap((event) => (event.isCounted ? startOfHour(event.occurredAt) : [])),
  )
  return [...counted].flatMap((hour) => {
    const ofHour = events.map((event) => onlyOf(hour, event))
    return storeRollup(db, hour, rollUp(ofHour), 'true')
  })
}

/** Counts an event only if it is of an hour. */
function onlyOf(hour: number, event: RollupEvent): RollupEvent {
  return startOfHour(event.occurredAt) === hour ? event : { ...event, isCounted: 0 }
}
