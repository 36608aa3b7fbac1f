import { markChanged } from '../db/archive/changes.ts'
import { keyOfFile, type ArchiveFile } from '../db/archive/files.ts'
import { discardObjects } from '../db/archive/garbage.ts'
import { dropFile, isBegun, listToMove, markWritten } from '../db/archive/moves.ts'
import type { Cutoff } from '../db/archive/pressure.ts'
import type { StoredEvent } from '../db/stored-event.ts'
import { countCharacters, MAX_FILE_CHARACTERS, MAX_FILE_ROWS } from '../parquet/encode.ts'
import { compareByContact } from '../parquet/order.ts'
import { OvertakenError, writeAndCheck } from './files.ts'

const PAGE_ROWS = 5_000

/** The maximum statements that filling a file takes, unless its events are long. */
export function fillStatements(maxRows: number): number {
  return Math.ceil(Math.min(maxRows, MAX_FILE_ROWS) / PAGE_ROWS) + 3
}

/**
 * Writes a file and reads it back; undefined if nothing is left to move.
 *
 * @throws what D1 and R2 throw, and Error if it does not contain what was written, or another run has written it
 */
export async function fillFile(
  db: D1Database,
  bucket: R2Bucket,
  started: ArchiveFile,
  cutoff: Cutoff,
): Promise<ArchiveFile | undefined> {
  const rows = await readRowsToMove(db, started, cutoff)
  if (rows.length === 0) {
    if (await dropFile(db, started)) return undefined
    throw new OvertakenError()
  }
  // After reading: none of its events was deleted meanwhile.
  if (!(await isBegun(db, started))) throw new OvertakenError()
  rows.sort(compareByContact)
  const content = await writeAndCheck(bucket, started, rows)
  const [written] = await db.batch([
    markWritten(db, started, content),
    markChanged(db, started.month),
  ])
  if (written?.meta.changes !== 1) {
    await discardObjects(db, [keyOfFile(started)], Date.now()).run() // unless a file has it
    throw new OvertakenError()
  }
  return { ...started, ...content, state: 'written' }
}

async function readRowsToMove(
  db: D1Database,
  file: ArchiveFile,
  cutoff: Cutoff,
): Promise<StoredEvent[]> {
  const rows: StoredEvent[] = []
  let room = MAX_FILE_CHARACTERS
  while (rows.length < file.maxRows) {
    const limit = Math.min(PAGE_ROWS, file.maxRows - rows.length)
    const page = await listToMove(db, file.day ?? 0, cutoff, rows.at(-1), limit)
    if (page.length === 0) break
    for (const row of page) {
      room -= countCharacters(row)
      if (room < 0 && rows.length > 0) return rows
      rows.push(row)
    }
  }
  return rows
}
