import { HOUR_MS, startOfHour } from '../../event/clock.ts'
import type { Budget } from '../../platform/budget.ts'
import type { EventKey } from '../stored-event.ts'
import {
  findNewHours,
  hasOpen,
  isTaken,
  markDone,
  markLater,
  markPart,
  putBack,
  takeHours,
  takeHoursSince,
  type OpenHour,
} from './hours.ts'
import { readSlice, readSliceAt } from './read-slice.ts'
import { rollUp } from './roll-up.ts'
import { clearRollups, storeRollups } from './store.ts'

const FIND_STATEMENTS = 4
const SLICE_STATEMENTS = 12 // one that takes hours, two that read, nine that store
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
    const taken = await takeHours(db, now)
    if (!(await advanceHours(db, taken, maxEvents))) return progressed
    progressed = true
    budget.endIfFree()
  }
  return progressed
}

/**
 * Rolls up a day before its events leave the database, with all later hours: their events may belong to the same
 * deliveries.
 *
 * @param day its beginning: UTC milliseconds
 * @returns whether all of it is
 */
export async function rollUpDay(
  db: D1Database,
  budget: Budget,
  maxEvents: number,
  day: number,
  now: number,
): Promise<boolean> {
  if (!budget.take(FIND_STATEMENTS)) return false
  if (await findNewHours(db, now)) return false
  while (await hasOpen(db, day)) {
    if (!budget.take(SLICE_STATEMENTS)) return false
    await advanceHours(db, await takeHoursSince(db, day), maxEvents)
    budget.endIfFree()
  }
  return true
}

/** @param taken from `takeHours` */
async function advanceHours(
  db: D1Database,
  taken: readonly OpenHour[],
  maxEvents: number,
): Promise<boolean> {
  const [first] = taken
  if (!first) return false
  const { tries, after } = first
  const limit = Math.max(MIN_EVENTS, Math.floor(maxEvents / 2 ** (tries - 1)))
  const { events, last } = await readSlice(
    db,
    taken.map(({ hour }) => hour),
    after,
    limit,
  )
  const cut = last ? taken.findIndex(({ hour }) => hour === startOfHour(last.occurredAt)) : -1
  const part = cut === 0 ? last : undefined // of the first hour
  const stored = part ? [first] : cut === -1 ? taken : taken.slice(0, cut)
  const ofStored = new Set(stored.map(({ hour }) => hour))
  const rollups = new Map([...rollUp(events)].filter(([hour]) => ofStored.has(hour)))
  const guard = isTaken(tries)
  const whole = stored.filter((each) => each.part === 0).map(({ hour }) => hour)
  const later = stored.flatMap(({ hour, isStale }) =>
    isStale ? (rollups.get(hour)?.hours ?? []).filter((other) => other > hour) : [],
  )
  await db.batch([
    ...clearRollups(db, whole, guard),
    ...storeRollups(db, rollups, guard),
    ...markLater(db, later),
    ...(part ? markPart(db, first, part) : markDone(db, stored)),
    ...putBack(db, taken.slice(stored.length)),
  ])
  return true
}

/**
 * The statements that add late arrivals of archived days to the rollups of their hours, for the transaction that counts
 * them, before they cease to be late.
 *
 * @param keys of stored events
 */
export async function addToRollups(
  db: D1Database,
  keys: readonly EventKey[],
): Promise<D1PreparedStatement[]> {
  const isLate = (hour: string) => `EXISTS (
    SELECT 1 FROM late_arrivals AS late WHERE late.occurredAt >= ${hour} AND late.occurredAt < ${hour} + ${HOUR_MS}
  )`
  return storeRollups(db, rollUp(await readSliceAt(db, keys)), isLate)
}
