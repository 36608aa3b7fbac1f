import { findNextOfDay, type ArchiveFile } from '../../store/archive.ts'
import type { Position } from '../../store/stored-activity.ts'
import { dropBatch, findLateBatch, settleNew, settleRepeated } from '../../store/settle-late.ts'
import { readKeys } from './decode.ts'
import { noteFailed } from './failed.ts'
import { openKnown } from './files.ts'
import type { Moving } from './finish.ts'

const LOOK_STATEMENTS = 5 // for each file
const SETTLE_STATEMENTS = 13

/**
 * Looks up in the archive what came in late, a file at a time: what is there already goes, and the rest is
 * counted and stays until it is old enough itself. A day with a file that is open waits for that.
 *
 * @param faults to which is added what is wrong with a file
 * @throws what D1 throws
 */
export async function settleLate(moving: Moving, faults: string[]): Promise<void> {
  const { db, budget } = moving
  for (let batch = await findLateBatch(db); batch; batch = await findLateBatch(db)) {
    const file = await findNextOfDay(db, batch)
    if (!budget.take(file ? LOOK_STATEMENTS : SETTLE_STATEMENTS)) return
    if (!file) {
      await settleNew(db, batch.keys)
      continue
    }
    const names = await readNames(moving, file, faults)
    if (names === undefined) {
      await dropBatch(db)
      continue
    }
    const repeated = batch.keys.filter((key) => names.has(nameOf(key)))
    const keys = batch.keys.filter((key) => !names.has(nameOf(key)))
    await settleRepeated(db, repeated, { ...batch, keys, file: file.file })
  }
}

/** Which events a file has; undefined where it cannot be read: then its day waits, and no other. */
async function readNames(
  { db, bucket }: Moving,
  file: ArchiveFile,
  faults: string[],
): Promise<ReadonlySet<string> | undefined> {
  try {
    return new Set((await readKeys(await openKnown(bucket, file))).map(nameOf))
  } catch (error) {
    await noteFailed(db, file, error, faults)
    return undefined
  }
}

function nameOf({ occurredAt, id }: Position): string {
  return `${occurredAt}.${id}`
}
