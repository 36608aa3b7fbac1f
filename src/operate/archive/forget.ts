import { findNextFile, noteRewritten, type ArchiveFile } from '../../store/archive.ts'
import {
  finishErasure,
  noteErasedFile,
  noteProgress,
  readTarget,
  widenErasure,
  type Target,
} from '../../store/erasures.ts'
import type { StoredActivity } from '../../store/list.ts'
import { recognize, toPerson, type Person } from '../../store/person.ts'
import type { Budget } from '../budget.ts'
import { readNames, readRows, type Whose } from './decode.ts'
import { openFile, removeFile, writeFile } from './files.ts'

const BEFORE_ALL = { day: -8_640_000_000_000_000, file: 0 }

/**
 * Takes someone out of the files of the archive, one after the other, as far as a budget allows; then
 * the erasure is finished. A file is written anew as a whole, and only then noted: it may break off
 * anywhere. Contacts that only the archive knows under the name that was given join them, and all is
 * gone through once more.
 *
 * @param bucket undefined where none is bound: then it waits
 * @throws Error what D1 and R2 throw
 */
export async function forgetInArchive(
  db: D1Database,
  bucket: R2Bucket | undefined,
  number: number,
  budget: Budget,
): Promise<void> {
  while (budget.take()) {
    const found = await readTarget(db, number)
    if (found?.target.stage !== 'archive') return
    const { target, erasedAt } = found
    const [day, file] = target.cursor ?? []
    const after = day === undefined ? BEFORE_ALL : { day: Number(day), file: Number(file) }
    const next = await findNextFile(db, after)
    if (!next) return finishErasure(db, number, Date.now())
    if (!bucket) throw new Error('the archive has files, but no bucket is bound')
    const newcomers = await clearFile(db, bucket, number, next, { target, erasedAt })
    const reached: Target = { ...target, cursor: [next.day, next.file] }
    if (newcomers.length > 0) await widenErasure(db, number, reached, newcomers, erasedAt)
    else await noteProgress(db, number, reached).run()
  }
}

type Asked = { target: Target; erasedAt: number }

/** @returns contacts in the file that go by the name that was given, and were not known to */
async function clearFile(
  db: D1Database,
  bucket: R2Bucket,
  number: number,
  file: ArchiveFile,
  { target, erasedAt }: Asked,
): Promise<string[]> {
  if (file.state === 'begun') {
    await removeFile(bucket, file) // it is written again, from what is still in the table
    return []
  }
  if (file.events === 0) return []
  const opened = await openFile(bucket, file)
  if (!opened) throw new Error('a file of the archive is not in the bucket any more')
  const isTheirs = recognize(target)
  const persons = (await readNames(opened.content)).map(toWhom)
  const theirs = persons.filter(isTheirs)
  const known = new Set(target.contactIds)
  const newcomers = theirs.flatMap(({ contactId }) =>
    contactId !== null && !known.has(contactId) ? contactId : [],
  )
  let left = persons.length
  let { bytes } = opened
  if (theirs.length > 0) {
    const rows = await readRows(opened.content)
    const kept = rows.filter((row) => isLater(row, erasedAt) || !isTheirs(toWhom(row)))
    left = kept.length
    bytes = await writeFile(bucket, file, kept, opened.etag)
  }
  // Whatever it was that took out what is missing now: it may have broken off before it said so.
  if (left !== file.events) {
    await db.batch([
      noteErasedFile(db, number, file.events - left),
      noteRewritten(db, file, { events: left, bytes }),
    ])
    if (left === 0) await removeFile(bucket, file)
  }
  return [...new Set(newcomers)]
}

function toWhom(row: Whose): Person {
  return toPerson(row.contactId, (name) => row[name])
}

function isLater({ occurredAt, receivedAt }: StoredActivity, erasedAt: number): boolean {
  return occurredAt > erasedAt && receivedAt > erasedAt
}
