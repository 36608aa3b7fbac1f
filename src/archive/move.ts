import { DAY_MS } from '../event/clock.ts'
import { log } from '../platform/log.ts'
import { keyOfFile, type ArchiveFile } from '../db/archive/files.ts'
import { startFile, findDayToMove, listOpenDays, takeOpenFile } from '../db/archive/moves.ts'
import * as kv from '../db/kv.ts'
import { inTurns } from '../platform/in-turns.ts'
import { MAX_FILE_ROWS } from './encode.ts'
import { markFailed } from './files.ts'
import { FILL_STATEMENTS } from './fill.ts'
import { DELETE_STATEMENTS, finishFile, type MoveContext } from './finish.ts'
import { resolveLate } from './resolve-late.ts'

const FIRST_DAY = -8_640_000_000_000_000
const MAX_OPEN_DAYS = 5 // if there are more, the cause is not a file

/** The cutoff, or the day, before which everything has already moved. */
const DONE_KEY = 'retention.done'
const REACHED_KEY = 'retention.reached'

/**
 * Moves old events to the bucket, as far as a budget allows. It may break off anywhere: an event is deleted from the
 * database only after it was read back from its file, and an open file is continued and finished before another is
 * started. A file that fails holds up only its own day.
 *
 * @param keepDays if 0, nothing moves, but open files are finished
 * @param now UTC milliseconds
 * @throws what D1 throws; and after everything else is done, Error with the files that failed
 */
export async function moveToArchive(
  context: MoveContext,
  keepDays: number,
  now: number,
): Promise<void> {
  const cutoff = Math.floor(now / DAY_MS) * DAY_MS - keepDays * DAY_MS
  const errors: string[] = []
  if (await finishOpen(context, cutoff, errors)) {
    await inTurns(now, [
      () => resolveLate(context, errors),
      async () => (keepDays === 0 ? undefined : moveDays(context, cutoff, errors)),
    ])
  }
  if (errors.length > 0) throw new Error(errors.join('; '))
}

/** Continues open files. @returns whether this run may have more to do */
async function finishOpen(
  context: MoveContext,
  cutoff: number,
  errors: string[],
): Promise<boolean> {
  const { db, budget } = context
  for (let isFirst = true; isFirst || budget.take(FILL_STATEMENTS); isFirst = false) {
    const file = await takeOpenFile(db)
    if (!file) return true
    if (isFirst) budget.take(file.state === 'begun' ? FILL_STATEMENTS : DELETE_STATEMENTS)
    if (file.wasCutOff) logCutOff(file)
    const outcome = await tryFile(context, file, cutoff, errors)
    if (outcome !== 'done') return outcome === 'failed'
  }
  return false
}

async function tryFile(
  context: MoveContext,
  file: ArchiveFile,
  cutoff: number,
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

/** Starts files one after the other, oldest day first, except for days with open files. */
async function moveDays(context: MoveContext, cutoff: number, errors: string[]): Promise<void> {
  const { db, budget } = context
  if ((await kv.get(db, DONE_KEY)) === String(cutoff)) return
  const open = await listOpenDays(db)
  if (open.length >= MAX_OPEN_DAYS) return
  let since = await readReached(db, cutoff)
  while (budget.take(FILL_STATEMENTS)) {
    const day = await findDay(db, cutoff, since, open)
    if (day === null) {
      budget.giveBack(FILL_STATEMENTS)
      return kv.set(db, DONE_KEY, String(cutoff))
    }
    if (day > since) await kv.set(db, REACHED_KEY, JSON.stringify([cutoff, day]))
    since = day
    const file = await startFile(db, day, MAX_FILE_ROWS)
    if ((await tryFile(context, file, cutoff, errors)) !== 'done') return
  }
}

async function findDay(
  db: D1Database,
  cutoff: number,
  since: number,
  open: readonly number[],
): Promise<number | null> {
  let day = await findDayToMove(db, cutoff, since)
  while (day !== null && open.includes(day)) day = await findDayToMove(db, cutoff, day + DAY_MS)
  return day
}

/** The day before which nothing is left to move: events that come in later are not old enough. */
async function readReached(db: D1Database, cutoff: number): Promise<number> {
  const [of, day] = JSON.parse((await kv.get(db, REACHED_KEY)) ?? '[]') as number[]
  return of === cutoff && day !== undefined ? day : FIRST_DAY
}
