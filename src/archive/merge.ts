import { keyOfFile } from '../db/archive/files.ts'
import { discardObjects } from '../db/archive/garbage.ts'
import {
  dropChangedMerge,
  findMerge,
  finishMerge,
  saveOutput,
  startOutput,
  type Input,
  type Merge,
  type SavedMerge,
} from '../db/archive/merges.ts'
import type { StoredEvent } from '../db/stored-event.ts'
import { countCharacters, MAX_FILE_CHARACTERS } from '../parquet/encode.ts'
import { compareByContact } from '../parquet/order.ts'
import { markFailed, writeAndCheck } from './files.ts'
import type { MoveContext } from './finish.ts'
import { InputError, RunReader } from './read-run.ts'

const FILES_PER_RUN = 1.5 // that a step opens
const OTHER_STATEMENTS = 12 // to start and record a file, and to finish

/**
 * Merges runs of files into fewer, as far as a budget allows, one file at a time. The files that were merged are in use
 * until all of the new ones are written. It may break off anywhere: the file in progress is then written again.
 *
 * @param errors to which errors of files are added
 * @returns whether that made progress
 * @throws what D1 and R2 throw, and Error if a file does not contain what was written
 */
export async function mergeRuns(context: MoveContext, errors: string[]): Promise<boolean> {
  const { db, budget, maxRuns } = context
  const statements = (FILES_PER_RUN + 1) * maxRuns + OTHER_STATEMENTS
  let progressed = false
  for (;;) {
    const saved = await findMerge(db, maxRuns)
    if (!saved || !budget.take(statements)) return progressed
    try {
      await writeNext(context, saved)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      await markFailed(db, error.file, error.cause, errors)
      return progressed
    }
    progressed = true
    budget.endIfFree()
  }
}

/** Writes the next file of a merge, and finishes it after the last. */
async function writeNext(context: MoveContext, saved: SavedMerge): Promise<void> {
  const { db, bucket, maxRows } = context
  const output = await startOutput(db, saved, maxRows, Date.now())
  if (!output) return
  const limit = Math.min(output.maxRows, maxRows)
  const { rows, positions, isOver } = await readNext(context, saved.merge, limit)
  let next: SavedMerge | null = saved
  if (rows.length > 0) {
    const content = await writeAndCheck(bucket, output, rows)
    next = await saveOutput(db, saved, output, content, positions)
  }
  if (!next)
    await discardObjects(db, [keyOfFile(output)], Date.now()).run() // the merge was dropped, or another try has written it
  else if (isOver && !(await finishMerge(db, next, Date.now()))) {
    await dropChangedMerge(db, Date.now())
  }
}

/** The rows of the next file. What else was read of the inputs is not kept, as encoding takes much memory. */
function readNext(
  { db, bucket }: MoveContext,
  { month, inputs }: Merge,
  maxRows: number,
): Promise<Merged> {
  const source = { db, bucket, month, files: Math.ceil(FILES_PER_RUN * inputs.length) }
  return mergeRows(
    inputs.map((input) => new RunReader(source, input)),
    maxRows,
  )
}

/** Rows in their order, where their runs continue, and whether no more are left. */
type Merged = { rows: StoredEvent[]; positions: readonly Input[]; isOver: boolean }

/**
 * The next rows of some runs, as many as a file may have. All events of a contact are in it, unless they are more than
 * that: then it has no other contact.
 */
async function mergeRows(readers: readonly RunReader[], maxRows: number): Promise<Merged> {
  const rows: StoredEvent[] = []
  let room = MAX_FILE_CHARACTERS
  let whole = { count: 0, positions: listPositions(readers) } // up to the last contact
  while (await loadAll(readers)) {
    const reader = findFirst(readers)
    const row = reader?.next
    if (!reader || !row) return { rows, positions: listPositions(readers), isOver: true }
    if (row.contactId === null || row.contactId !== rows.at(-1)?.contactId) {
      whole = { count: rows.length, positions: listPositions(readers) }
    }
    room -= countCharacters(row)
    if (rows.length === maxRows || (room < 0 && rows.length > 0)) break
    rows.push(row)
    reader.advance()
  }
  if (whole.count === 0) return { rows, positions: listPositions(readers), isOver: false }
  return { rows: rows.slice(0, whole.count), positions: whole.positions, isOver: false }
}

async function loadAll(readers: readonly RunReader[]): Promise<boolean> {
  for (const reader of readers) if (!(await reader.load())) return false
  return true
}

/** The reader whose next row is the first of all. */
function findFirst(readers: readonly RunReader[]): RunReader | undefined {
  let first: RunReader | undefined
  for (const reader of readers) {
    if (reader.next && (!first?.next || compareByContact(reader.next, first.next) < 0)) {
      first = reader
    }
  }
  return first
}

function listPositions(readers: readonly RunReader[]): Input[] {
  return readers.map(({ position }) => position)
}
