import { markRewritten, type ArchiveFile } from '../db/archive/files.ts'
import {
  MAX_CONTACTS,
  markFileErased,
  saveTargets,
  type Found,
  type Target,
  type RunningErasure,
} from '../db/erasure/erasures.ts'
import type { StoredActivity } from '../db/stored-activity.ts'
import {
  keysAbout,
  keysOf,
  toSubject,
  type Identifier,
  type DataSubject,
} from '../db/erasure/subject.ts'
import { readNames, readRows, type Whose } from './decode.ts'
import { removeFile, writeFile, type OpenFile } from './files.ts'

const MAX_NAMES = 1_000 // of a target, which is one value

/**
 * Takes all who are looked for out of a file, as it is in the bucket. What more is found of them is added to
 * their targets.
 *
 * @returns what to change in the database once it is done
 * @throws what D1 and R2 throw, and Error where someone else has written it meanwhile
 */
export async function clearFile(
  db: D1Database,
  bucket: R2Bucket,
  file: ArchiveFile,
  opened: OpenFile,
  searches: readonly RunningErasure[],
): Promise<D1PreparedStatement[]> {
  if (file.state === 'begun') {
    await removeFile(bucket, file) // it is written again, from what is still in the table
    return []
  }
  const persons = (await readNames(opened.content)).map(toDataSubject)
  const find = findBy(searches)
  const matches = persons.map(find)
  await recordFound(db, searches, persons, matches)
  let { bytes } = opened
  let removed = searches.map(() => 0)
  if (matches.some((places) => places.length > 0)) {
    const rows = await readRows(opened.content)
    const left = removeMatches(rows, searches, find)
    removed = left.removed
    if (left.rows.length < rows.length) {
      bytes = await writeFile(bucket, file, left.rows, opened.etag)
    }
  }
  const events = persons.length - removed.reduce((sum, count) => sum + count, 0)
  if (events === file.events) return []
  // What else is missing was taken out by a run that broke off before it said so.
  const unsaid = file.events - persons.length
  const counts = searches.map(({ number }, place): [number, number] => {
    return [number, (removed[place] ?? 0) + (place === 0 ? unsaid : 0)]
  })
  return [
    markFileErased(
      db,
      counts.filter(([, count]) => count !== 0),
    ),
    markRewritten(db, file, { events, bytes }),
  ]
}

/** Adds to the targets what a file tells of them besides. */
async function recordFound(
  db: D1Database,
  searches: readonly RunningErasure[],
  persons: readonly DataSubject[],
  matches: readonly (readonly number[])[],
): Promise<void> {
  const changed = searches.filter((search, place) => {
    const theirs = persons.filter((_person, at) => matches[at]?.includes(place))
    const found = addFound(search.target, theirs)
    if (found === search.target.found) return false
    search.target = { ...search.target, ...(found && { found }) }
    return true
  })
  if (changed.length > 0) await db.batch(saveTargets(db, changed))
}

/** Tells by which of the searches someone is looked for; for a file's thousands, so by a look-up each. */
function findBy(searches: readonly RunningErasure[]): (person: DataSubject) => number[] {
  const places = new Map<string, number[]>()
  for (const [place, { target }] of searches.entries()) {
    for (const key of keysOf(target)) places.set(key, [...(places.get(key) ?? []), place])
  }
  return (person) => [...new Set(keysAbout(person).flatMap((key) => places.get(key) ?? []))]
}

/** @returns the rows that stay, and how many each erasure took out */
function removeMatches(
  rows: readonly StoredActivity[],
  searches: readonly RunningErasure[],
  find: (person: DataSubject) => number[],
): { rows: StoredActivity[]; removed: number[] } {
  const removed = searches.map(() => 0)
  const left = rows.filter((row) => {
    const place = find(toDataSubject(row)).find(
      (each) => !isLater(row, searches[each]?.erasedAt ?? 0),
    )
    if (place !== undefined) removed[place] = (removed[place] ?? 0) + 1
    return place === undefined
  })
  return { rows: left, removed }
}

/**
 * Adds to what was found the contacts that go by the name that was given, unless they are so many that it
 * tells no person, and the names of the contacts.
 */
function addFound(target: Target, theirs: readonly DataSubject[]): Found | undefined {
  const { contactIds = [], identifiers = [] } = target.found ?? {}
  const known = new Set([...target.contactIds, ...contactIds])
  const newcomers = new Set(
    theirs.flatMap(({ contactId }) =>
      contactId === null || known.has(contactId) ? [] : contactId,
    ),
  )
  const isSubject = known.size + newcomers.size <= MAX_CONTACTS
  const added = isSubject ? [...newcomers] : []
  const textOf = ({ name, value }: Identifier) => `${name} ${value}`
  const knownNames = new Set([...target.identifiers, ...identifiers].map(textOf))
  const addedNames = new Map<string, Identifier>()
  for (const { contactId, identifiers: its } of theirs) {
    if (contactId === null || !(known.has(contactId) || isSubject)) continue
    for (const name of its) {
      const isNew = !knownNames.has(textOf(name)) && knownNames.size + addedNames.size < MAX_NAMES
      if (isNew) addedNames.set(textOf(name), name)
    }
  }
  if (added.length + addedNames.size === 0) return target.found
  return {
    contactIds: [...contactIds, ...added],
    identifiers: [...identifiers, ...addedNames.values()],
  }
}

function toDataSubject(row: Whose): DataSubject {
  return toSubject(row.contactId, (name) => row[name], row.extra)
}

function isLater({ occurredAt, receivedAt }: StoredActivity, erasedAt: number): boolean {
  return occurredAt > erasedAt && receivedAt > erasedAt
}
