import { areStored } from '../are-stored.ts'
import { ErasureKey, findErased } from '../erased.ts'
import { noting } from '../notes.ts'
import type { Person } from '../person.ts'
import { removeSetAside } from '../quarantine-changes.ts'
import { NOTE } from './look-later.ts'
import { placeOf, readTexts, removeElements, takeOutOf, type Element } from './set-aside.ts'
import { leaveOut } from './take-apart.ts'

const AFTER_NOTES = NOTE.replace(/.$/, '/') // the character after the dot
const REACHED_NOTE = 'erasure.looked'

/** Statements that a look takes, at most. */
export const LOOK_STATEMENTS = 13

/** A note that something is to be looked at, and what it says: another one with each part that comes in. */
export type Look = { name: string; value: string }

/**
 * The next note; after the last, the first. That it is its turn is noted first: so none that fails, or is cut
 * off, keeps the others waiting.
 */
export async function takeLook(db: D1Database): Promise<Look | null> {
  const reached = `(SELECT value FROM notes WHERE name = '${REACHED_NOTE}')`
  const next = await db
    .prepare(
      `SELECT name, value FROM notes WHERE name >= ?1 AND name < ?2
       ORDER BY name <= coalesce(${reached}, ''), name LIMIT 1`,
    )
    .bind(NOTE, AFTER_NOTES)
    .first<Look>()
  if (next) await noting(db, REACHED_NOTE, next.name).run()
  return next
}

/**
 * Looks at what is noted, and takes out of it who was forgotten by the time it came in; all of a message that is
 * stored by now, as one may be that was written down raw: what hung may do so after it was stored.
 */
export async function lookAgain(db: D1Database, { name, value }: Look): Promise<void> {
  const element = await findElement(db, name.slice(NOTE.length))
  const changes = element ? await look(db, element) : []
  // Unless another part has come in since.
  const done = db.prepare('DELETE FROM notes WHERE name = ? AND value = ?').bind(name, value)
  await db.batch([...changes, done])
}

async function findElement(db: D1Database, place: string): Promise<Element | null> {
  const end = place.lastIndexOf('.')
  return db
    .prepare(
      `SELECT request, elementIndex, kind, reason, receivedAt, origin, labels FROM quarantine
       WHERE request = ? AND elementIndex = ? ORDER BY part LIMIT 1`,
    )
    .bind(place.slice(0, end), Number(place.slice(end + 1)))
    .first<Element>()
}

/** Takes out of something that was set aside who was forgotten by the time it came in. */
async function look(db: D1Database, element: Element): Promise<D1PreparedStatement[]> {
  const sent = (await readTexts(db, [element])).get(placeOf(element)) ?? ''
  if (element.kind === 'message' && (await areStored(db, [sent]))) {
    await removeSetAside(db, [element])
    return []
  }
  return (await takeOutErased(db, [{ ...element, sent }])).changes
}

/**
 * Takes out of what was set aside who was forgotten by the time it came in.
 *
 * @returns what to change, the last element that was gone through, and how many of them go
 */
export async function takeOutErased<Each extends Element & { sent: string }>(
  db: D1Database,
  elements: readonly Each[],
): Promise<{ changes: D1PreparedStatement[]; last: Each | undefined; gone: number }> {
  const key = await ErasureKey.read(db)
  const persons: Person[] = []
  for (const { kind, sent } of elements) {
    leaveOut(kind, sent, (person) => {
      persons.push(person)
      return false
    })
  }
  const erased = await findErased(
    db,
    persons.flatMap((person) => key.digestsAbout(person)),
  )
  if (erased.size === 0) return { changes: [], last: elements.at(-1), gone: 0 }
  const timeOf = (person: Person) =>
    Math.max(...key.digestsAbout(person).map((digest) => erased.get(digest) ?? -Infinity))
  const { gone, last } = await takeOutOf(
    db,
    elements,
    (person, { receivedAt }) => receivedAt <= timeOf(person),
  )
  const latest = Math.max(...erased.values())
  return { changes: await removeElements(db, gone, latest, undefined), last, gone: gone.length }
}
