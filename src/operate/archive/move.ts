import { DAY_MS } from '../../activity/clock.ts'
import {
  beginFile,
  dropFile,
  findDayToMove,
  findUnfinished,
  listToMove,
  noteDone,
  noteWritten,
  type ArchiveFile,
} from '../../store/archive.ts'
import { isUncounted } from '../../store/deliveries.ts'
import type { Position, StoredActivity } from '../../store/list.ts'
import { readNote, writeNote } from '../../store/notes.ts'
import { pruneDeliveries } from '../../store/prune.ts'
import { deleteEvents, deleteLastNames } from '../../store/take-out.ts'
import type { Budget } from '../budget.ts'
import { readKeys } from './decode.ts'
import { countCharacters, MAX_FILE_CHARACTERS, MAX_FILE_ROWS } from './encode.ts'
import { openFile, removeFile, writeFile } from './files.ts'
import { settleLate } from './late.ts'

const PAGE_ROWS = 2_000
const DELETED_ROWS = 2_000 // in one transaction
const MARGIN_MS = 30 * DAY_MS // of clocks and of late events
const FILE_STEPS = 3 // of a budget: what writing a file is worth

/** For which time everything has moved already. */
const DONE_NOTE = 'retention.done'

/** What the archive works on. */
export type Moving = { db: D1Database; bucket: R2Bucket; budget: Budget }

/**
 * Moves what is older than some days to the bucket, as far as a budget allows. It may break off
 * anywhere: an event is deleted here only after it was read back from its file, and a file that was
 * begun is finished, or written again, before any other.
 *
 * @param keepDays 0 moves nothing; what was begun is finished all the same
 * @param now UTC milliseconds
 * @throws Error what D1 and R2 throw, and where a file is not what was written
 */
export async function moveToArchive(moving: Moving, keepDays: number, now: number): Promise<void> {
  const { db, budget } = moving
  const cutoff = Math.floor(now / DAY_MS) * DAY_MS - keepDays * DAY_MS
  const begun = await findUnfinished(db)
  if (begun && !(await finishFile(moving, begun, cutoff))) return
  if (!(await settleLate(moving))) return
  if (keepDays === 0 || (await readNote(db, DONE_NOTE)) === String(cutoff)) return
  if (await isUncounted(db)) {
    throw new Error(
      'events of an earlier version are not counted yet, so none move: run "npm run recount"',
    )
  }
  for (;;) {
    const day = await findDayToMove(db, cutoff)
    if (day === null) {
      await pruneDeliveries(db, cutoff - keepDays * DAY_MS - MARGIN_MS)
      return writeNote(db, DONE_NOTE, String(cutoff))
    }
    if (!budget.take(FILE_STEPS)) return
    if (!(await finishFile(moving, await beginFile(db, day), cutoff))) return
  }
}

/** @returns whether it is done */
async function finishFile(moving: Moving, begun: ArchiveFile, cutoff: number): Promise<boolean> {
  const { db, bucket, budget } = moving
  const file = begun.state === 'begun' ? await fill(moving, begun, cutoff) : begun
  if (file === undefined) return true
  const opened = await openFile(bucket, file)
  if (!opened) throw new Error('a file of the archive is not in the bucket any more')
  const keys = await readKeys(opened.content)
  for (let start = 0; start < keys.length; start += DELETED_ROWS) {
    if (!budget.take()) return false
    const some = keys.slice(start, start + DELETED_ROWS)
    await db.batch([deleteLastNames(db, some), deleteEvents(db, some)])
  }
  await noteDone(db, file).run()
  return true
}

/** Writes a file and reads it back; undefined where nothing is left to move. */
async function fill(
  { db, bucket }: Moving,
  begun: ArchiveFile,
  cutoff: number,
): Promise<ArchiveFile | undefined> {
  const before = await openFile(bucket, begun) // of a run that broke off
  const rows = await readRowsToMove(db, begun, cutoff)
  if (rows.length === 0) {
    if (before) await removeFile(bucket, begun)
    await dropFile(db, begun)
    return undefined
  }
  const bytes = await writeFile(bucket, begun, rows, before?.etag)
  const opened = await openFile(bucket, begun)
  const keys = opened ? await readKeys(opened.content) : []
  if (!isSame(keys, rows)) throw new Error('a file of the archive is not what was written')
  const written = { events: rows.length, bytes }
  await noteWritten(db, begun, written).run()
  return { ...begun, ...written, state: 'written' }
}

async function readRowsToMove(
  db: D1Database,
  file: ArchiveFile,
  cutoff: number,
): Promise<StoredActivity[]> {
  const rows: StoredActivity[] = []
  let room = MAX_FILE_CHARACTERS
  for (;;) {
    const page = await listToMove(db, file, cutoff, rows.at(-1), PAGE_ROWS)
    for (const row of page) {
      room -= countCharacters(row)
      if (rows.length === MAX_FILE_ROWS || (room < 0 && rows.length > 0)) return rows
      rows.push(row)
    }
    if (page.length < PAGE_ROWS) return rows
  }
}

function isSame(keys: readonly Position[], rows: readonly Position[]): boolean {
  return (
    keys.length === rows.length &&
    keys.every(({ occurredAt, id }, place) => {
      const row = rows[place]
      return row?.occurredAt === occurredAt && row.id === id
    })
  )
}
