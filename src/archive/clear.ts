import { markChanged } from '../db/archive/changes.ts'
import {
  deleteFile,
  keyOfFile,
  markRewritten,
  requireVersion,
  type ArchiveFile,
} from '../db/archive/files.ts'
import { discardObjects, keepObject } from '../db/archive/garbage.ts'
import { startAgain } from '../db/archive/moves.ts'
import {
  MAX_CONTACTS,
  markFileErased,
  saveTargets,
  type Found,
  type Target,
  type RunningErasure,
} from '../db/erasure/erasures.ts'
import { isAfterErasure, type StoredEvent } from '../db/stored-event.ts'
import {
  keysAbout,
  keysOf,
  toSubject,
  type Identifier,
  type DataSubject,
} from '../db/erasure/subject.ts'
import { readRows, readSubjects, type SubjectColumns } from '../parquet/decode.ts'
import type { OpenFile } from '../parquet/open.ts'
import { describeContent } from '../parquet/order.ts'
import { OvertakenError, writeFile } from './files.ts'

/** Findings that only cause all files to be searched again. */
const NOTHING: Found = { contactIds: [], identifiers: [] }

const MAX_IDENTIFIERS = 1_000 // per target, which is one bound value

/**
 * Removes the events of data subjects from a file in the bucket. Adds further contacts and identifiers of theirs to the
 * targets.
 *
 * @param next the version of the file that is written, if any events are left
 * @returns the statements to run once it is done; they fail if another run has gone on with the file
 * @throws what D1 and R2 throw, and Error if another run has written the file meanwhile
 */
export async function clearFile(
  db: D1Database,
  bucket: R2Bucket,
  { file, next }: { file: ArchiveFile; next: ArchiveFile },
  opened: OpenFile,
  searches: readonly RunningErasure[],
): Promise<D1PreparedStatement[]> {
  if (file.state === 'begun') {
    // It is written again, from what is still in the table.
    if (await startAgain(db, file)) return []
    throw new OvertakenError()
  }
  const subjects = (await readSubjects(opened.content)).map(toDataSubject)
  const find = findBy(searches)
  const matches = subjects.map(find)
  await recordFound(db, searches, subjects, matches)
  if (matches.every((indices) => indices.length === 0)) return []
  const rows = await readRows(opened.content)
  const left = removeMatches(rows, searches, find)
  if (left.rows.length === rows.length) return []
  const counts = searches.map(({ number }, index): [number, number] => {
    return [number, left.removed[index] ?? 0]
  })
  return [
    requireVersion(db, file),
    markFileErased(
      db,
      counts.filter(([, count]) => count !== 0),
    ),
    ...(left.rows.length > 0 ? await rewrite(db, bucket, next, left.rows) : [deleteFile(db, file)]),
    discardObjects(db, [keyOfFile(file)], Date.now()),
    markChanged(db, file.month),
  ]
}

/** The file as it is written again: its version is one that no other try has. */
export function nextVersion(file: ArchiveFile): ArchiveFile {
  const [step = 0] = crypto.getRandomValues(new Uint32Array(1))
  return { ...file, version: file.version + 1 + step }
}

/** Writes the next version of a file. @returns the statements that record it */
async function rewrite(
  db: D1Database,
  bucket: R2Bucket,
  next: ArchiveFile,
  rows: readonly StoredEvent[],
): Promise<D1PreparedStatement[]> {
  const key = keyOfFile(next)
  await discardObjects(db, [key], Date.now()).run() // until it is recorded
  const bytes = await writeFile(bucket, next, rows)
  return [markRewritten(db, next, describeContent(rows, bytes)), keepObject(db, key)]
}

/** Adds further contacts and identifiers in a file to the targets. */
async function recordFound(
  db: D1Database,
  searches: readonly RunningErasure[],
  subjects: readonly DataSubject[],
  matches: readonly (readonly number[])[],
): Promise<void> {
  const changed = searches.filter((search, index) => {
    const matching = subjects.filter((_subject, row) => matches[row]?.includes(index))
    const target = widen(search.target, matching)
    if (target === search.target) return false
    search.target = target
    return true
  })
  if (changed.length > 0) await db.batch(saveTargets(db, changed))
}

/**
 * Returns a function that finds the searches a subject belongs to. It uses a look-up table, as a file has thousands of
 * subjects.
 */
function findBy(searches: readonly RunningErasure[]): (subject: DataSubject) => number[] {
  const indices = new Map<string, number[]>()
  for (const [index, { target }] of searches.entries()) {
    for (const key of keysOf(target)) indices.set(key, [...(indices.get(key) ?? []), index])
  }
  return (subject) => [...new Set(keysAbout(subject).flatMap((key) => indices.get(key) ?? []))]
}

/** @returns the rows that stay, and the number of rows that each erasure removed */
function removeMatches(
  rows: readonly StoredEvent[],
  searches: readonly RunningErasure[],
  find: (subject: DataSubject) => number[],
): { rows: StoredEvent[]; removed: number[] } {
  const removed = searches.map(() => 0)
  const left = rows.filter((row) => {
    const index = find(toDataSubject(row)).find(
      (each) => !isAfterErasure(row, searches[each]?.erasedAt ?? 0),
    )
    if (index !== undefined) removed[index] = (removed[index] ?? 0) + 1
    return index === undefined
  })
  return { rows: left, removed }
}

/**
 * Adds the contacts that have the identifier of an erasure, unless so many have it that it identifies no one, and the
 * identifiers of its contacts. If it turns out that too many have it, all that were found are dropped.
 */
function widen(target: Target, subjects: readonly DataSubject[]): Target {
  const { contactIds = [], identifiers = [] } = target.found ?? {}
  const knownContacts = new Set([...target.contactIds, ...contactIds])
  const newcomers = new Set(
    subjects.flatMap(({ contactId }) =>
      contactId === null || knownContacts.has(contactId) ? [] : contactId,
    ),
  )
  const isShared = target.isShared || knownContacts.size + newcomers.size > MAX_CONTACTS
  if (isShared && !target.isShared) return { ...target, found: NOTHING, isShared: true }
  const added = isShared ? [] : [...newcomers]
  const textOf = ({ name, value }: Identifier) => `${name} ${value}`
  const known = new Set([...target.identifiers, ...identifiers].map(textOf))
  const addedIdentifiers = new Map<string, Identifier>()
  for (const { contactId, identifiers: own } of subjects) {
    if (contactId === null || (isShared && !knownContacts.has(contactId))) continue
    for (const identifier of own) {
      const isNew =
        !known.has(textOf(identifier)) && known.size + addedIdentifiers.size < MAX_IDENTIFIERS
      if (isNew) addedIdentifiers.set(textOf(identifier), identifier)
    }
  }
  if (added.length + addedIdentifiers.size === 0) return target
  const found = {
    contactIds: [...contactIds, ...added],
    identifiers: [...identifiers, ...addedIdentifiers.values()],
  }
  return { ...target, found }
}

function toDataSubject(row: SubjectColumns): DataSubject {
  return toSubject(row.contactId, (name) => row[name], row.extra)
}
