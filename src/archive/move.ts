import { DAY_MS, HOUR_MS } from '../event/clock.ts'
import { errorText, log } from '../platform/log.ts'
import { keyOfFile, type ArchiveFile } from '../db/archive/files.ts'
import { startFile, findDayToMove, listOpenDays, takeOpenFile } from '../db/archive/moves.ts'
import {
  cutoffOf,
  cutoffText,
  latestCutoff,
  planMove,
  readMoveState,
  type Cutoff,
  type MoveLimits,
  type MoveState,
} from '../db/archive/pressure.ts'
import { isPurgeDue } from '../db/archive/garbage.ts'
import { EARLY_KEY, MOVED_KEY } from '../db/keys.ts'
import { rollUpDay } from '../db/rollups/advance.ts'
import * as kv from '../db/kv.ts'
import { inTurns } from '../platform/in-turns.ts'
import { markFailed } from './files.ts'
import { fillStatements } from './fill.ts'
import { COMMIT_STATEMENTS, commitChanges, compareWithTable } from './commit-changes.ts'
import { finishFile, nextStatements, type MoveContext } from './finish.ts'
import { mergeRuns } from './merge.ts'
import { purge, PURGE_STATEMENTS } from './purge.ts'
import { sweepMetadata } from './table/sweep.ts'
import { resolveLate } from './resolve-late.ts'

const FIRST_DAY = -8_640_000_000_000_000
const EARLY_STATEMENTS = 2
const MAX_OPEN_DAYS = 5 // if there are more, the cause is not a file

/** The day before which everything has moved. */
const REACHED_KEY = 'retention.reached'

/**
 * Moves old events to the bucket, as far as a budget allows. It may break off anywhere: an event is deleted from the
 * database only after it was read back from its file, and an open file is continued and finished before another is
 * started. A file that fails holds up only its own day.
 *
 * @param limits if `keepDays` is 0, nothing moves, but open files are finished
 * @param turn the number of the step: each begins with another part
 * @returns whether that made progress
 * @throws what D1 throws; and once all else is done, Error that says which files failed
 */
export async function moveToArchive(
  context: MoveContext,
  limits: MoveLimits,
  turn: number,
): Promise<boolean> {
  const state = await readMoveState(context.db)
  const { cutoff } = planMove(state, limits)
  const errors: string[] = []
  // First: after a restore, numbers of files are free in the database which the table has.
  try {
    if (await compareWithTable(context)) return true
  } catch (error) {
    errors.push(errorText(error))
    await resolveLate(context, errors) // it needs only files
    throw new Error(errors.join('; '), { cause: error })
  }
  const open = await finishOpen(context, cutoff, errors)
  const parts = [
    () => resolveLate(context, errors),
    () => moveNext(context, state, limits, errors),
    () => mergeRuns(context, errors),
    () => purgeOld(context, limits.now),
  ]
  const progressed = !open.isSpent && (await inTurns(turn, parts))
  if (errors.length > 0) throw new Error(errors.join('; '))
  return open.progressed || progressed
}

/** Deletes objects that the table has not had for an hour: nobody reads them any more. @returns whether it had to */
async function purgeOld(context: MoveContext, now: number): Promise<boolean> {
  const { db, bucket, budget } = context
  if (!budget.take(1)) return false
  if (!(await isPurgeDue(db, now - HOUR_MS))) {
    budget.giveBack(1)
    return false
  }
  if (!budget.take(COMMIT_STATEMENTS + PURGE_STATEMENTS)) return true
  await commitChanges(context)
  await purge(db, bucket, now - HOUR_MS)
  return true
}

/** Continues with open files. @returns `isSpent` if nothing else can be done in this step */
async function finishOpen(
  context: MoveContext,
  cutoff: Cutoff,
  errors: string[],
): Promise<{ progressed: boolean; isSpent: boolean }> {
  const { db, budget, maxRows } = context
  let progressed = false
  for (let isFirst = true; isFirst || budget.take(fillStatements(maxRows)); isFirst = false) {
    const file = await takeOpenFile(db, Date.now())
    if (!file) return { progressed, isSpent: false }
    if (isFirst) budget.take(nextStatements(file.state, maxRows))
    if (file.wasCutOff) logCutOff(file)
    const outcome = await tryFile(context, file, cutoff, errors)
    if (outcome === 'failed') return { progressed, isSpent: false }
    progressed = true
    if (outcome === 'unfinished') break
  }
  return { progressed, isSpent: true }
}

async function tryFile(
  context: MoveContext,
  file: ArchiveFile,
  cutoff: Cutoff,
  errors: string[],
): Promise<'done' | 'unfinished' | 'failed'> {
  try {
    return (await finishFile(context, file, cutoff)) ? 'done' : 'unfinished'
  } catch (error) {
    await markFailed(context.db, file, error, errors)
    return 'failed'
  }
}

function logCutOff(file: ArchiveFile): void {
  const { tries, maxRows } = file
  log('warn', 'archive_file_cut_off', { file: keyOfFile(file), tries, maxRows })
}

/** Moves what is old enough; after that, while the database is nearly full, lets one more day move. */
async function moveNext(
  context: MoveContext,
  state: MoveState,
  limits: MoveLimits,
  errors: string[],
): Promise<boolean> {
  const { db, budget } = context
  const { cutoff, next } = planMove(state, limits)
  if (next === 'wait') return false
  if (next === 'move') return moveDays(context, cutoff, limits.now, errors)
  if (!budget.take(EARLY_STATEMENTS)) return true
  if (next === 'moveEarlier') return moveEarlier(db, state.early, limits.now)
  await stopEarly(db, limits)
  return false
}

/** Lets the next day with events move, though it is not old enough. @returns false if none may before tomorrow */
async function moveEarlier(db: D1Database, early: number | null, now: number): Promise<boolean> {
  const latest = latestCutoff(now)
  const day = await findDayToMove(db, latest, early ?? FIRST_DAY)
  if (day === null) {
    await kv.set(db, MOVED_KEY, cutoffText(latest))
    return false
  }
  await kv.set(db, EARLY_KEY, String(day + DAY_MS))
  log('info', 'archive_moves_early', { day: new Date(day).toISOString().slice(0, 10) })
  return true
}

/** Lets days stay until they are old enough, as there is room again. Everything older has moved. */
async function stopEarly(db: D1Database, { keepDays, now }: MoveLimits): Promise<void> {
  await db.batch([
    kv.setting(db, EARLY_KEY, null),
    kv.setting(db, MOVED_KEY, cutoffText(cutoffOf(keepDays, null, now))),
  ])
}

/** Starts files, one after the other: the oldest day first, except days with open files. */
async function moveDays(
  context: MoveContext,
  cutoff: Cutoff,
  now: number,
  errors: string[],
): Promise<boolean> {
  const { db, bucket, catalog, budget, maxRows, maxRolledUp } = context
  const open = await listOpenDays(db)
  if (open.length >= MAX_OPEN_DAYS) return false
  let progressed = false
  let since = await readReached(db, cutoff)
  const statements = fillStatements(maxRows)
  while (budget.take(statements)) {
    const day = await findDay(db, cutoff, since, open)
    if (day === null) {
      budget.giveBack(statements)
      await sweepMetadata(bucket, catalog, Date.now() - HOUR_MS)
      await kv.set(db, MOVED_KEY, cutoffText(cutoff))
      return progressed
    }
    if (day > since) await kv.set(db, REACHED_KEY, JSON.stringify([cutoffText(cutoff), day]))
    since = day
    budget.giveBack(statements)
    const isRolledUp = await rollUpDay(db, budget, maxRolledUp, day, now)
    if (!isRolledUp || !budget.take(statements)) return true
    const file = await startFile(db, day, maxRows)
    if (!file) continue // an event has come in since
    const outcome = await tryFile(context, file, cutoff, errors)
    progressed ||= outcome !== 'failed'
    if (outcome !== 'done') break
  }
  return progressed
}

async function findDay(
  db: D1Database,
  cutoff: Cutoff,
  since: number,
  open: readonly number[],
): Promise<number | null> {
  let day = await findDayToMove(db, cutoff, since)
  while (day !== null && open.includes(day)) day = await findDayToMove(db, cutoff, day + DAY_MS)
  return day
}

/** The day before which nothing is left to move: events that come in later are not old enough. */
async function readReached(db: D1Database, cutoff: Cutoff): Promise<number> {
  const [of, day] = JSON.parse((await kv.get(db, REACHED_KEY)) ?? '[]') as [string?, number?]
  return of === cutoffText(cutoff) && day !== undefined ? day : FIRST_DAY
}
