import { withTimeLimit } from '../../time-limit.ts'
import { ErasureKey, findErased } from '../erased.ts'
import { classifyFault } from '../faults.ts'
import { noting } from '../notes.ts'
import type { Person } from '../person.ts'
import { removeSetAside } from '../quarantine-changes.ts'
import { saveMessages } from '../save.ts'
import { NOTE } from './look-later.ts'
import { placeOf, readTexts, removeElements, takeOutOf, type Element } from './set-aside.ts'
import { leaveOut } from './take-apart.ts'

const AFTER_NOTES = NOTE.replace(/.$/, '/') // the character after the dot
const REACHED_NOTE = 'erasure.looked'

// What ends the invocation that stores it, or is refused for a reason that nobody knows, is left to people then.
const MAX_TRIES = 5
const TRIES = /^tries:(\d+) /
const SAVE_LIMIT_MS = 20_000

/** Statements that a look takes, at most. */
export const LOOK_STATEMENTS = 16

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
 * Looks at what is noted, and takes out of it who was forgotten by the time it came in. A message that was
 * written down raw, as nothing else could be done with it then, is stored now, and so needs nobody.
 *
 * @throws what D1 throws while it is away: it is looked at another time
 */
export async function lookAgain(db: D1Database, look: Look): Promise<void> {
  const element = await findElement(db, look.name.slice(NOTE.length))
  if (!element) return finish(db, look)
  const sent = (await readTexts(db, [element])).get(placeOf(element)) ?? ''
  const isMessage = element.kind === 'message'
  const tried = isMessage ? await noteTry(db, look) : undefined
  if (tried && (await isStoredNow(db, sent, () => replaceNote(db, tried, look)))) {
    await removeSetAside(db, [element])
    return finish(db, tried)
  }
  const { changes } = await takeOutErased(db, [{ ...element, sent }])
  if (!tried) return finish(db, look, changes)
  if (changes.length > 0) await db.batch(changes)
}

/** Unless another part has come in since. */
async function finish(
  db: D1Database,
  { name, value }: Look,
  changes: readonly D1PreparedStatement[] = [],
): Promise<void> {
  const done = db.prepare('DELETE FROM notes WHERE name = ? AND value = ?').bind(name, value)
  await db.batch([...changes, done])
}

/**
 * Notes that a message is tried before it is: one that ends the invocation each time is not tried for ever.
 *
 * @returns the note as it is now; undefined where there were enough tries
 */
async function noteTry(db: D1Database, look: Look): Promise<Look | undefined> {
  const tries = Number(TRIES.exec(look.value)?.[1] ?? 0)
  if (tries >= MAX_TRIES) return undefined
  const tried = { name: look.name, value: `tries:${tries + 1} ${crypto.randomUUID()}` }
  await replaceNote(db, look, tried)
  return tried
}

async function replaceNote(db: D1Database, { name, value }: Look, by: Look): Promise<void> {
  const change = db.prepare('UPDATE notes SET value = ? WHERE name = ? AND value = ?')
  await change.bind(by.value, name, value).run()
}

/** @param undo the note of a try that does not count, as the database is away */
async function isStoredNow(
  db: D1Database,
  text: string,
  undo: () => Promise<void>,
): Promise<boolean> {
  try {
    await withTimeLimit('the database', SAVE_LIMIT_MS, saveMessages(db, [text]))
    return true
  } catch (error) {
    if (classifyFault(error) !== 'transient') return false
    await undo()
    throw error
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
