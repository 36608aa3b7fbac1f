import { DAY_MS } from '../event/clock.ts'
import { log } from '../platform/log.ts'
import { keyOfFile, type ArchiveFile } from '../db/archive/files.ts'
import { startFile, findDayToMove, listOpenDays, takeOpenFile } from '../db/archive/moves.ts'
import * as kv from '../db/kv.ts'
import { inTurns } from '../platform/in-turns.ts'
import { MAX_FILE_ROWS } from './encode.ts'
import { markFailed } from './mark-failed.ts'
import { FILL_STATEMENTS } from './fill.ts'
import { DELETE_STATEMENTS, finishFile, type MoveContext } from './finish.ts'
import { resolveLate } from './resolve-late.ts'

const FIRST_DAY = -8_640_000_000_000_000
const MAX_OPEN_DAYS = 5 // with more, something else is wrong than a file

/** For which time everything has moved already, or every day before another. */
const DONE_KEY = 'retention.done'
const REACHED_KEY = 'retention.reached'

/**
 * Moves what is older than some days to the bucket, as far as a budget allows. It may break off
 * anywhere: an event is deleted here only after it was read back from its file, and a file that was begun is
 * finished, from where it stopped, before another one is. A file that something is wrong with keeps its own
 * day from moving, and no other.
 *
 * @param keepDays 0 moves nothing; what was begun is finished all the same
 * @param now UTC milliseconds
 * @throws what D1 throws; and once all else is done, Error that says which files something is wrong with
 */
export async function moveToArchive(
  moving: MoveContext,
  keepDays: number,
  now: number,
): Promise<void> {
  const cutoff = Math.floor(now / DAY_MS) * DAY_MS - keepDays * DAY_MS
  const errors: string[] = []
  if (await finishOpen(moving, cutoff, errors)) {
    await inTurns(now, [
      () => resolveLate(moving, errors),
      async () => (keepDays === 0 ? undefined : moveDays(moving, cutoff, errors)),
    ])
  }
  if (errors.length > 0) throw new Error(errors.join('; '))
}

/** Goes on with the files that are open. @returns whether something may be left to do for a run */
async function finishOpen(moving: MoveContext, cutoff: number, errors: string[]): Promise<boolean> {
  const { db, budget } = moving
  for (let isFirst = true; isFirst || budget.take(FILL_STATEMENTS); isFirst = false) {
    const file = await takeOpenFile(db)
    if (!file) return true
    if (isFirst) budget.take(file.state === 'begun' ? FILL_STATEMENTS : DELETE_STATEMENTS)
    if (file.wasCutOff) logCutOff(file)
    const outcome = await tryFile(moving, file, cutoff, errors)
    if (outcome !== 'done') return outcome === 'failed'
  }
  return false
}

async function tryFile(
  moving: MoveContext,
  file: ArchiveFile,
  cutoff: number,
  errors: string[],
): Promise<'done' | 'unfinished' | 'failed'> {
  try {
    return (await finishFile(moving, file, cutoff)) ? 'done' : 'unfinished'
  } catch (error) {
    await markFailed(moving.db, file, error, errors)
    return 'failed'
  }
}

function logCutOff(file: ArchiveFile): void {
  const { tries, maxRows } = file
  log('warn', 'archive_file_cut_off', { file: keyOfFile(file), tries, maxRows })
}

/** Begins files, one after the other: the oldest day first, but those whose files are open. */
async function moveDays(moving: MoveContext, cutoff: number, errors: string[]): Promise<void> {
  const { db, budget } = moving
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
    if ((await tryFile(moving, file, cutoff, errors)) !== 'done') return
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

/** Before which day nothing is left to move: what comes in later is younger. */
async function readReached(db: D1Database, cutoff: number): Promise<number> {
  const [of, day] = JSON.parse((await kv.get(db, REACHED_KEY)) ?? '[]') as number[]
  return of === cutoff && day !== undefined ? day : FIRST_DAY
}
