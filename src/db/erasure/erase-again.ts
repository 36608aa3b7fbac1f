import { normalizeIdentifier } from '../../event/identifier.ts'
import { findErased, type ErasureKey } from './tombstones.ts'
import { startTarget, saveTargets, type Target } from './erasures.ts'
import { keysAbout, keysOf, type Name, type DataSubject } from './subject.ts'

/** SuppressedSubject the erasures of one moment were about, as far as they are found again. */
export type Match = {
  /** UTC milliseconds. */
  erasedAt: number
  contactIds: string[]
  /** What each of these names is about. */
  given: Name[]
  /** What names no contact, but one of these. */
  names: Name[]
}

const DIGESTS_AT_ONCE = 5_000

/** Finds among persons those who were forgotten: by the digests of all that may tell of them. */
export async function matchErased(
  db: D1Database,
  key: ErasureKey,
  persons: readonly DataSubject[],
): Promise<{ person: DataSubject; match: Match }[]> {
  const digests = new Map<string, string>()
  const digestOf = (text: string) => {
    const digest = digests.get(text) ?? key.digestOf(text)
    digests.set(text, digest)
    return digest
  }
  const known = await findAll(db, persons.flatMap(keysAbout).map(digestOf))
  const erasedAt = (text: string) => known.get(digestOf(text))
  const theirs = persons.filter((person) => keysAbout(person).some((text) => erasedAt(text)))
  const nameless = theirs.flatMap(({ names }) => keysOf({ contactIds: [], names }))
  for (const [digest, time] of await findAll(db, nameless.map(digestOf))) known.set(digest, time)
  return theirs.flatMap((person) => {
    const times = new Set(keysAbout(person).flatMap((text) => erasedAt(text) ?? []))
    return [...times].map((time) => ({ person, match: matchOf(person, time, erasedAt) }))
  })
}

function matchOf(
  { contactId, names }: DataSubject,
  time: number,
  erasedAt: (text: string) => number | undefined,
): Match {
  const isPresent = (name: Name) =>
    keysOf({ contactIds: [], given: name, names: [] }).some((text) => erasedAt(text) === time)
  const isNameless = (name: Name) =>
    keysOf({ contactIds: [], names: [name] }).some((text) => erasedAt(text) === time)
  return {
    erasedAt: time,
    contactIds: contactId === null ? [] : [contactId],
    given: names.filter(isPresent),
    names: names.filter(isNameless),
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
 * Has erasures carried out again for those who were found: what happened and came in before.
 *
 * @param where they were found; those who are kept there on purpose are no reason
 * @returns of how many erasures someone was found who is not about to be erased already
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

/** The target with those who were found, from its beginning; undefined where it has all of them. */
function widen(row: Row | undefined, matches: readonly Match[]): Target | undefined {
  const empty = startTarget({ contactIds: [], names: [] }, row?.keepsSuppressions === 1)
  // One reasoned cast: `saveTargets` wrote it.
  const before = row?.target ? (JSON.parse(row.target) as Target) : empty
  const contactIds = new Set(before.contactIds)
  const names = new Map(before.names.map((name) => [JSON.stringify(name), name]))
  let { given } = before
  const sizeOf = () => contactIds.size + names.size + (given ? 1 : 0)
  const size = sizeOf()
  for (const match of matches) {
    for (const contactId of match.contactIds) contactIds.add(contactId)
    given ??= match.given[0]
    // Of two erasures in one millisecond, each may have had its own.
    const others = match.given.filter((name) => !isSame(name, given))
    for (const name of [...others, ...match.names]) names.set(JSON.stringify(name), name)
  }
  if (sizeOf() === size) return undefined
  return {
    ...before,
    ...(given && { given }),
    contactIds: [...contactIds],
    names: [...names.values()],
    stage: 'activity',
    cursor: null,
  }
}

function isSame(one: Name, other: Name | undefined): boolean {
  const { name, value } = other ?? { name: '', value: '' }
  return normalizeIdentifier(one.name, one.value) === normalizeIdentifier(name, value)
}
