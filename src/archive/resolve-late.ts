import { findNextOfDay, type ArchiveFile } from '../db/archive/files.ts'
import type { EventKey } from '../db/stored-activity.ts'
import { dropBatch, findLateBatch, resolveNew, resolveRepeated } from '../db/archive/late.ts'
import { readKeys } from './decode.ts'
import { markFailed } from './mark-failed.ts'
import { openKnown } from './files.ts'
import type { MoveContext } from './finish.ts'

const REVIEW_STATEMENTS = 5 // for each file
const RESOLVE_STATEMENTS = 13

/**
 * Looks up in the archive what came in late, a file at a time: what is there already goes, and the rest is
 * counted and stays until it is old enough itself. A day with a file that is open waits for that.
 *
 * @param faults to which is added what is wrong with a file
 * @throws what D1 throws
 */
export async function resolveLate(moving: MoveContext, faults: string[]): Promise<void> {
  const { db, budget } = moving
  for (let batch = await findLateBatch(db); batch; batch = await findLateBatch(db)) {
    const file = await findNextOfDay(db, batch)
    if (!budget.take(file ? REVIEW_STATEMENTS : RESOLVE_STATEMENTS)) return
    if (!file) {
      await resolveNew(db, batch.keys)
      continue
    }
    const names = await readNames(moving, file, faults)
    if (names === undefined) {
      await dropBatch(db)
      continue
    }
    const repeated = batch.keys.filter((key) => names.has(nameOf(key)))
    const keys = batch.keys.filter((key) => !names.has(nameOf(key)))
    await resolveRepeated(db, repeated, { ...batch, keys, file: file.file })
  }
}

/** Which events a file has; undefined where it cannot be read: then its day waits, and no other. */
async function readNames(
  { db, bucket }: MoveContext,
  file: ArchiveFile,
  faults: string[],
): Promise<ReadonlySet<string> | undefined> {
  try {
    return new Set((await readKeys(await openKnown(bucket, file))).map(nameOf))
  } catch (error) {
    await markFailed(db, file, error, faults)
    return undefined
  }
}

function nameOf({ occurredAt, id }: EventKey): string {
  return `${occurredAt}.${id}`
}
