import { findNextOfDay, type ArchiveFile } from '../db/archive/files.ts'
import { keyText } from '../db/stored-event.ts'
import { dropBatch, findLateBatch, resolveNew, resolveRepeated } from '../db/archive/late.ts'
import { readKeys } from '../parquet/decode.ts'
import { openKnown } from '../parquet/open.ts'
import { markFailed } from './files.ts'
import type { MoveContext } from './finish.ts'

const REVIEW_STATEMENTS = 5 // per file
const RESOLVE_STATEMENTS = 13

/**
 * Looks up late arrivals in the archive, a file at a time. Those that are already there are deleted; the others are
 * counted, and stay until they are old enough to move. A day with an open file waits for that file.
 *
 * @param errors to which errors of files are added
 * @returns whether that made progress
 * @throws what D1 throws
 */
export async function resolveLate(context: MoveContext, errors: string[]): Promise<boolean> {
  const { db, budget } = context
  let progressed = false
  for (let batch = await findLateBatch(db); batch; batch = await findLateBatch(db)) {
    const file = await findNextOfDay(db, batch.day, batch.file)
    if (!budget.take(file ? REVIEW_STATEMENTS : RESOLVE_STATEMENTS)) break
    if (!file) {
      await resolveNew(db, batch.keys)
      progressed = true
      continue
    }
    const archived = await readArchived(context, file, errors)
    if (archived === undefined) {
      await dropBatch(db)
      continue
    }
    const repeated = batch.keys.filter((key) => archived.has(keyText(key)))
    const keys = batch.keys.filter((key) => !archived.has(keyText(key)))
    await resolveRepeated(db, repeated, { ...batch, keys, file: file.file })
    progressed = true
  }
  return progressed
}

/** The events of a file; undefined if it cannot be read: then only its day waits. */
async function readArchived(
  { db, bucket }: MoveContext,
  file: ArchiveFile,
  errors: string[],
): Promise<ReadonlySet<string> | undefined> {
  try {
    return new Set((await readKeys(await openKnown(bucket, file))).map(keyText))
  } catch (error) {
    await markFailed(db, file, error, errors)
    return undefined
  }
}
