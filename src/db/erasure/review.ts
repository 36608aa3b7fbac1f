import { withTimeout } from '../../platform/timeout.ts'
import { ErasureKey, findErased } from './tombstones.ts'
import { classifyError } from '../errors.ts'
import { setValue } from '../kv.ts'
import type { DataSubject } from './subject.ts'
import { removeItems } from '../quarantine/changes.ts'
import { saveMessages } from '../write/save-messages.ts'
import { NOTE } from './review-later.ts'
import {
  placeOf,
  readTexts,
  removeElements,
  redactFrom,
  type Element,
} from './erase-quarantined.ts'
import { redact } from './redact.ts'

const AFTER_REVIEWS = NOTE.replace(/.$/, '/') // the character after the dot
const REACHED_KEY = 'erasure.looked'

// What ends the invocation that stores it, or is refused for a reason that nobody knows, is left to people then.
const MAX_TRIES = 5
const TRIES = /^tries:(\d+) /
const SAVE_TIMEOUT_MS = 20_000

/** Statements that a look takes, at most. */
export const REVIEW_STATEMENTS = 16

/** A note that something is to be looked at, and what it says: another one with each part that comes in. */
export type Review = { name: string; value: string }

/**
 * The next note; after the last, the first. That it is its turn is noted first: so none that fails, or is cut
 * off, keeps the others waiting.
 */
export async function takeReview(db: D1Database): Promise<Review | null> {
  const reached = `(SELECT value FROM key_values WHERE name = '${REACHED_KEY}')`
  const next = await db
    .prepare(
      `SELECT name, value FROM key_values WHERE name >= ?1 AND name < ?2
       ORDER BY name <= coalesce(${reached}, ''), name LIMIT 1`,
    )
    .bind(NOTE, AFTER_REVIEWS)
    .first<Review>()
  if (next) await setValue(db, REACHED_KEY, next.name).run()
  return next
}

/**
 * Looks at what is noted, and takes out of it who was forgotten by the time it came in. A message that was
 * written down raw, as nothing else could be done with it then, is stored now, and so needs nobody.
 *
 * @throws what D1 throws while it is away: it is looked at another time
 */
export async function reviewItem(db: D1Database, look: Review): Promise<void> {
  const element = await findElement(db, look.name.slice(NOTE.length))
  if (!element) return finish(db, look)
  const sent = (await readTexts(db, [element])).get(placeOf(element)) ?? ''
  const isMessage = element.kind === 'message'
  const tried = isMessage ? await recordTry(db, look) : undefined
  if (tried && (await isStoredNow(db, sent, () => replaceReview(db, tried, look)))) {
    await removeItems(db, [element])
    return finish(db, tried)
  }
  const { changes } = await redactItems(db, [{ ...element, sent }])
  if (!tried) return finish(db, look, changes)
  if (changes.length > 0) await db.batch(changes)
}

/** Unless another part has come in since. */
async function finish(
  db: D1Database,
  { name, value }: Review,
  changes: readonly D1PreparedStatement[] = [],
): Promise<void> {
  const done = db.prepare('DELETE FROM key_values WHERE name = ? AND value = ?').bind(name, value)
  await db.batch([...changes, done])
}

/**
 * Notes that a message is tried before it is: one that ends the invocation each time is not tried for ever.
 *
 * @returns the note as it is now; undefined where there were enough tries
 */
async function recordTry(db: D1Database, look: Review): Promise<Review | undefined> {
  const tries = Number(TRIES.exec(look.value)?.[1] ?? 0)
  if (tries >= MAX_TRIES) return undefined
  const tried = { name: look.name, value: `tries:${tries + 1} ${crypto.randomUUID()}` }
  await replaceReview(db, look, tried)
  return tried
}

async function replaceReview(db: D1Database, { name, value }: Review, by: Review): Promise<void> {
  const change = db.prepare('UPDATE key_values SET value = ? WHERE name = ? AND value = ?')
  await change.bind(by.value, name, value).run()
}

/** @param undo the note of a try that does not count, as the database is away */
async function isStoredNow(
  db: D1Database,
  text: string,
  undo: () => Promise<void>,
): Promise<boolean> {
  try {
    await withTimeout('the database', SAVE_TIMEOUT_MS, saveMessages(db, [text]))
    return true
  } catch (error) {
    if (classifyError(error) !== 'transient') return false
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
export async function redactItems<Each extends Element & { sent: string }>(
  db: D1Database,
  elements: readonly Each[],
): Promise<{ changes: D1PreparedStatement[]; last: Each | undefined; gone: number }> {
  const key = await ErasureKey.read(db)
  const persons: DataSubject[] = []
  for (const { kind, sent } of elements) {
    redact(kind, sent, (person) => {
      persons.push(person)
      return false
    })
  }
  const erased = await findErased(
    db,
    persons.flatMap((person) => key.digestsAbout(person)),
  )
  if (erased.size === 0) return { changes: [], last: elements.at(-1), gone: 0 }
  const timeOf = (person: DataSubject) =>
    Math.max(...key.digestsAbout(person).map((digest) => erased.get(digest) ?? -Infinity))
  const { gone, last } = await redactFrom(
    db,
    elements,
    (person, { receivedAt }) => receivedAt <= timeOf(person),
  )
  const latest = Math.max(...erased.values())
  return { changes: await removeElements(db, gone, latest, undefined), last, gone: gone.length }
}
