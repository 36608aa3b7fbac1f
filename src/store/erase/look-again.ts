import { ErasureKey, findErased } from '../erased.ts'
import type { Person } from '../person.ts'
import { NOTE } from './look-later.ts'
import { placeOf, readTexts, replaceSetAside, type Element } from './set-aside.ts'
import { leaveOut } from './take-apart.ts'

const AFTER_NOTES = NOTE.replace(/.$/, '/') // the character after the dot
const MAX_LOOKS = 20

/** Looks at what was noted, and takes out of it who was forgotten by the time it came in. */
export async function lookAgain(db: D1Database): Promise<void> {
  const { results: notes } = await db
    .prepare('SELECT name, value FROM notes WHERE name >= ? AND name < ? LIMIT ?')
    .bind(NOTE, AFTER_NOTES, MAX_LOOKS)
    .all<{ name: string; value: string }>()
  for (const { name, value } of notes) {
    const place = name.slice(NOTE.length)
    const element = await findElement(db, place)
    if (element) await look(db, element)
    // Unless another part has come in since.
    await db.prepare('DELETE FROM notes WHERE name = ? AND value = ?').bind(name, value).run()
  }
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

async function look(db: D1Database, element: Element): Promise<void> {
  const { kind, receivedAt } = element
  const sent = (await readTexts(db, [element])).get(placeOf(element)) ?? ''
  const key = await ErasureKey.read(db)
  const persons: Person[] = []
  leaveOut(kind, sent, (person) => {
    persons.push(person)
    return false
  })
  const erased = await findErased(
    db,
    persons.flatMap((person) => key.digestsAbout(person)),
  )
  if (erased.size === 0) return
  const isTheirs = (person: Person) =>
    key.digestsAbout(person).some((digest) => receivedAt <= (erased.get(digest) ?? -Infinity))
  const left = leaveOut(kind, sent, isTheirs)
  if (left !== sent) await replaceSetAside(db, element, left, Date.now(), undefined)
}
