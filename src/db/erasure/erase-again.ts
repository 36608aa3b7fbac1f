import { normalizeIdentifier } from '../../event/identifier.ts'
import { saveTargets, startTarget, type Target } from './erasures.ts'
import { keysAbout, keysOf, type DataSubject, type Identifier } from './subject.ts'
import { findErased, type ErasureKey } from './tombstones.ts'

/** Data subjects that were found again, of the erasures of one moment. */
export type Match = {
  /** UTC milliseconds. */
  erasedAt: number
  contactIds: string[]
  /** Everything with one of these is to be erased. */
  requested: Identifier[]
  /** Everything with one of these and without a contact is to be erased. */
  identifiers: Identifier[]
}

const DIGESTS_AT_ONCE = 5_000

/** Finds which data subjects were erased, by the digests of all their keys. */
export async function matchErased(
  db: D1Database,
  key: ErasureKey,
  subjects: readonly DataSubject[],
): Promise<{ subject: DataSubject; match: Match }[]> {
  const digests = new Map<string, string>()
  const digestOf = (text: string) => {
    const digest = digests.get(text) ?? key.digestOf(text)
    digests.set(text, digest)
    return digest
  }
  const known = await findAll(db, subjects.flatMap(keysAbout).map(digestOf))
  const erasedAt = (text: string) => known.get(digestOf(text))
  const erased = subjects.filter((subject) => keysAbout(subject).some((text) => erasedAt(text)))
  const nameless = erased.flatMap(({ identifiers }) => keysOf({ contactIds: [], identifiers }))
  for (const [digest, time] of await findAll(db, nameless.map(digestOf))) known.set(digest, time)
  return erased.flatMap((subject) => {
    const times = new Set(keysAbout(subject).flatMap((text) => erasedAt(text) ?? []))
    return [...times].map((time) => ({ subject, match: toMatch(subject, time, erasedAt) }))
  })
}

function toMatch(
  { contactId, identifiers }: DataSubject,
  time: number,
  erasedAt: (text: string) => number | undefined,
): Match {
  const isErased = (keys: readonly string[]) => keys.some((text) => erasedAt(text) === time)
  const isRequested = (requested: Identifier) =>
    isErased(keysOf({ contactIds: [], requested, identifiers: [] }))
  const isNameless = (identifier: Identifier) =>
    isErased(keysOf({ contactIds: [], identifiers: [identifier] }))
  return {
    erasedAt: time,
    contactIds: contactId === null ? [] : [contactId],
    requested: identifiers.filter(isRequested),
    identifiers: identifiers.filter(isNameless),
  }
}

async function findAll(db: D1Database, digests: readonly string[]): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  for (let start = 0; start < digests.length; start += DIGESTS_AT_ONCE) {
    const some = await findErased(db, digests.slice(start, start + DIGESTS_AT_ONCE))
    for (const [digest, time] of some) found.set(digest, time)
  }
  return found
}

type Row = { number: number; erasedAt: number; target: string | null; keepsSuppressions: 0 | 1 }

/**
 * Restarts erasures whose data subjects were found, for everything that happened or came in before them.
 *
 * @param where `suppressions` if they were found there: an erasure that keeps suppressions is not restarted
 * @returns how many erasures have someone new to erase
 */
export async function eraseAgain(
  db: D1Database,
  matches: readonly Match[],
  where?: 'suppressions',
): Promise<number> {
  if (matches.length === 0) return 0
  const groups = Map.groupBy(matches, ({ erasedAt }) => erasedAt)
  const { results } = await db
    .prepare(
      `SELECT min(number) AS number, erasedAt, target, keepsSuppressions FROM erasures
       WHERE erasedAt IN (SELECT value FROM json_each(?)) GROUP BY erasedAt`,
    )
    .bind(JSON.stringify([...groups.keys()]))
    .all<Row>()
  const rows = new Map(results.map((row) => [row.erasedAt, row]))
  const changed = [...groups].flatMap(([erasedAt, some]) => {
    const row = rows.get(erasedAt)
    const isKept = where === 'suppressions' && row?.keepsSuppressions === 1
    const target = isKept ? undefined : widen(row, some)
    return target ? [{ number: row?.number, erasedAt, target }] : []
  })
  const known = changed.flatMap(({ number, target }) =>
    number === undefined ? [] : [{ number, target }],
  )
  const unknown = changed.filter(({ number }) => number === undefined)
  if (changed.length === 0) return 0
  await db.batch([
    db
      .prepare(
        `UPDATE erasures SET finishedAt = NULL WHERE number IN (SELECT value FROM json_each(?))`,
      )
      .bind(JSON.stringify(known.map(({ number }) => number))),
    ...saveTargets(db, known),
    ...unknown.map(({ erasedAt, target }) =>
      db
        .prepare(`INSERT INTO erasures (erasedAt, removed, target) VALUES (?, '{}', ?)`)
        .bind(erasedAt, JSON.stringify(target)),
    ),
  ])
  return changed.length
}

/**
 * Counts data subjects that were found although they were erased.
 *
 * @param where `suppressions` if they were found there: an erasure that keeps suppressions left them on purpose
 */
export async function countLeft(
  db: D1Database,
  matches: readonly Match[],
  where?: 'suppressions',
): Promise<number> {
  if (matches.length === 0 || where === undefined) return matches.length
  const { results } = await db
    .prepare(
      `SELECT DISTINCT erasedAt FROM erasures
       WHERE keepsSuppressions = 1 AND erasedAt IN (SELECT value FROM json_each(?))`,
    )
    .bind(JSON.stringify(matches.map(({ erasedAt }) => erasedAt)))
    .all<{ erasedAt: number }>()
  const keeping = new Set(results.map(({ erasedAt }) => erasedAt))
  return matches.filter(({ erasedAt }) => !keeping.has(erasedAt)).length
}

/** The target, restarted, with those who were found; undefined if it has all of them already. */
function widen(row: Row | undefined, matches: readonly Match[]): Target | undefined {
  const empty = startTarget({ contactIds: [], identifiers: [] }, row?.keepsSuppressions === 1)
  // One reasoned cast: `saveTargets` wrote it.
  const before = row?.target ? (JSON.parse(row.target) as Target) : empty
  const contactIds = new Set(before.contactIds)
  const identifiers = new Map(before.identifiers.map((each) => [JSON.stringify(each), each]))
  let { requested } = before
  const sizeOf = () => contactIds.size + identifiers.size + (requested ? 1 : 0)
  const size = sizeOf()
  for (const match of matches) {
    for (const contactId of match.contactIds) contactIds.add(contactId)
    requested ??= match.requested[0]
    // Two erasures in one millisecond may each have had their own.
    const others = match.requested.filter((identifier) => !isSame(identifier, requested))
    for (const each of [...others, ...match.identifiers]) {
      identifiers.set(JSON.stringify(each), each)
    }
  }
  if (sizeOf() === size) return undefined
  return {
    ...before,
    ...(requested && { requested }),
    contactIds: [...contactIds],
    identifiers: [...identifiers.values()],
    stage: 'activity',
    cursor: null,
  }
}

function isSame(one: Identifier, other: Identifier | undefined): boolean {
  const { name, value } = other ?? { name: '', value: '' }
  return normalizeIdentifier(one.name, one.value) === normalizeIdentifier(name, value)
}
