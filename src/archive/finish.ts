import type { ArchiveFile } from '../db/archive/files.ts'
import { markDeleted, markDone } from '../db/archive/moves.ts'
import { eraseAgain } from '../db/erasure/erase-again.ts'
import { ErasureKey } from '../db/erasure/tombstones.ts'
import type { EventKey } from '../db/stored-activity.ts'
import { deleteEvents, deleteLastIdentifiers } from '../db/erasure/delete-events.ts'
import type { Budget } from '../platform/budget.ts'
import { readKeys } from './decode.ts'
import { openKnown } from './files.ts'
import { findErasedIn } from './find-erased.ts'
import { fillFile } from './fill.ts'

/** What the archive works on. */
export type MoveContext = { db: D1Database; bucket: R2Bucket; budget: Budget }

const DELETED_ROWS = 2_000 // in one transaction

/** Statements that deleting some of a file's events takes; the first of a try are taken for it before. */
export const DELETE_STATEMENTS = 3

/**
 * Goes on with a file: writes it, and deletes here what is in it, from where that stopped.
 *
 * @param begun a try of it is noted, and taken from the budget
 * @param cutoff UTC milliseconds
 * @returns whether it is done
 * @throws what D1 and R2 throw, and Error where it is not in the bucket, or not what it should be
 */
export async function finishFile(
  { db, bucket, budget }: MoveContext,
  begun: ArchiveFile,
  cutoff: number,
): Promise<boolean> {
  const file = begun.state === 'begun' ? await fillFile(db, bucket, begun, cutoff) : begun
  if (file === undefined) return true
  const content = await openKnown(bucket, file)
  // What was missing for a while may hold who was forgotten meanwhile.
  if (file.state === 'done') {
    await eraseAgain(db, await findErasedIn(db, await ErasureKey.read(db), content))
  }
  if (file.state === 'written') {
    const keys = await readKeys(content)
    const [time, id] = JSON.parse(file.reached ?? '[]') as [time?: number, id?: string]
    const reached = time === undefined || id === undefined ? undefined : { occurredAt: time, id }
    const left = reached ? keys.filter((key) => isAfter(key, reached)) : keys
    for (let start = 0; start < left.length; start += DELETED_ROWS) {
      const isPaid = start === 0 && begun.state === 'written'
      if (!isPaid && !budget.take(DELETE_STATEMENTS)) return false
      await deleteHere(db, file, left.slice(start, start + DELETED_ROWS))
    }
  }
  await markDone(db, file).run()
  return true
}

/** With the place that is reached, in one transaction: it is told by nothing else. */
async function deleteHere(
  db: D1Database,
  file: ArchiveFile,
  keys: readonly EventKey[],
): Promise<void> {
  const last = keys.at(-1)
  if (!last) return
  await db.batch([
    deleteLastIdentifiers(db, keys),
    deleteEvents(db, keys),
    markDeleted(db, file, last),
  ])
}

function isAfter(key: EventKey, reached: EventKey): boolean {
  return (
    key.occurredAt > reached.occurredAt ||
    (key.occurredAt === reached.occurredAt && key.id > reached.id)
  )
}
