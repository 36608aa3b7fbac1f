import type { ArchiveFile } from '../db/archive/files.ts'
import { markDeleted, markDone } from '../db/archive/moves.ts'
import type { Cutoff } from '../db/archive/pressure.ts'
import { eraseAgain } from '../db/erasure/erase-again.ts'
import { ErasureKey } from '../db/erasure/tombstones.ts'
import type { EventKey } from '../db/stored-event.ts'
import { deleteEvents } from '../db/erasure/delete-events.ts'
import type { Budget } from '../platform/budget.ts'
import { checkInTable, COMMIT_STATEMENTS, commitChanges, type Archive } from './commit-changes.ts'
import { readKeys } from '../parquet/decode.ts'
import { openKnown } from '../parquet/open.ts'
import { compareOldestFirst } from '../parquet/order.ts'
import { findErasedIn } from './find-erased.ts'
import { fillFile, fillStatements } from './fill.ts'

/** What all parts of moving need. */
export type MoveContext = Archive & {
  budget: Budget
  /** The most rows of a file. */
  maxRows: number
  /** So many runs of files are merged into one. */
  maxRuns: number
  /** The most events that are rolled up in a step. */
  maxRolledUp: number
}

const DELETED_ROWS = 2_000 // per transaction

const DELETE_STATEMENTS = 2

/** The statements of a file's next step. Trying a file has already taken them. */
export function nextStatements(state: ArchiveFile['state'], maxRows: number): number {
  switch (state) {
    case 'begun':
      return fillStatements(maxRows)
    case 'written':
      return COMMIT_STATEMENTS + DELETE_STATEMENTS
    case 'merging': // that is done elsewhere
      return 0
    case 'done': // it had an error
      return 3
  }
}

/**
 * Continues a file: writes it, and deletes its events from the database, from where that stopped.
 *
 * @param started a file whose try is recorded, and taken from the budget
 * @returns whether it is done
 * @throws what D1 and R2 throw, and Error if it is not in the bucket, or is invalid
 */
export async function finishFile(
  context: MoveContext,
  started: ArchiveFile,
  cutoff: Cutoff,
): Promise<boolean> {
  const { db, bucket, budget, maxRows } = context
  const limited = { ...started, maxRows: Math.min(started.maxRows, maxRows) }
  const file = started.state === 'begun' ? await fillFile(db, bucket, limited, cutoff) : started
  if (file === undefined) return true
  if (started.state === 'begun') {
    budget.endIfFree()
    if (!budget.take(COMMIT_STATEMENTS)) return false
  }
  const content = await openKnown(bucket, file)
  // A file that was missing for a while may have data of subjects that were erased meanwhile.
  if (file.state === 'done') {
    await eraseAgain(db, await findErasedIn(db, await ErasureKey.read(db), content))
  }
  if (file.state === 'written') {
    if (file.reached === null) {
      await commitChanges(context)
      await checkInTable(context, file)
    }
    const keys = await readKeys(content)
    const [time, id] = JSON.parse(file.reached ?? '[]') as [time?: number, id?: string]
    const reached = time === undefined || id === undefined ? undefined : { occurredAt: time, id }
    const left = reached ? keys.filter((key) => compareOldestFirst(key, reached) > 0) : keys
    left.sort(compareOldestFirst)
    for (let start = 0; start < left.length; start += DELETED_ROWS) {
      const isPaid = start === 0 && started.state === 'written'
      if (!isPaid && !budget.take(DELETE_STATEMENTS)) return false
      await deleteRows(db, file, left.slice(start, start + DELETED_ROWS))
    }
  }
  await markDone(db, file.file).run()
  return true
}

/** Deletes rows and saves the progress in one transaction. */
async function deleteRows(
  db: D1Database,
  file: ArchiveFile,
  keys: readonly EventKey[],
): Promise<void> {
  const last = keys.at(-1)
  if (!last) return
  await db.batch([deleteEvents(db, keys), markDeleted(db, file.file, last)])
}
