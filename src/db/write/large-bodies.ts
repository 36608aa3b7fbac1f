import { DAY_MS, MINUTE_MS } from '../../event/clock.ts'
import { digest128 } from '../../event/identity.ts'
import type { BodyPart } from '../../event/body-part.ts'
import { ErasureKey, findErased } from '../erasure/tombstones.ts'
import { REVIEW_PREFIX } from '../keys.ts'
import { bindList } from '../statements.ts'

/** The elements of a body are those of an array, or objects in a row. */
export type Shape = 'array' | 'objects'

/** A body that the consumer takes step by step, and how far it is. */
export type LargeBody = {
  body: string
  parts: number
  isUtf8: 0 | 1
  /** Zone of times that carry none, an IANA name. */
  zone: string
  receivedAt: number
  origin: 'webhook' | 'api'
  labels: string | null
  /** Bytes that are done, and the elements in them. */
  position: number
  elements: number
  /** The beginning of the ID of each event in them, as if it came alone: `ID_LENGTH` characters each. */
  ids: string
  /** Null until the first step. */
  shape: Shape | null
  /** How often the next step was tried. */
  tries: number
}

/** A part of a body; `content` has a character for each byte if the body is not UTF-8. */
export type StoredPart = { part: number; start: number; content: string }

export const ID_LENGTH = 16

/** A finished body is remembered for so long, as its parts may arrive again. */
export const REMEMBERED_MS = 5 * DAY_MS

/** A body that came in so long ago, and is not finished, may have lost the message that goes on with it. */
export const STALLED_MS = 10 * MINUTE_MS

const ADD_BODY = `
  INSERT INTO large_bodies (body, parts, receivedAt, origin, labels, zone, isUtf8)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
  ON CONFLICT (body) DO NOTHING`

const ADD_PARTS = `
  INSERT INTO body_parts (body, part, start, content)
  SELECT body, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?1), large_bodies
  WHERE body = ?2 AND finishedAt IS NULL
  ON CONFLICT (body, part) DO NOTHING`

const IS_COMPLETE = `
  SELECT finishedAt IS NULL AND parts = (SELECT count(*) FROM body_parts WHERE body = ?1) AS isComplete
  FROM large_bodies WHERE body = ?1`

/**
 * Stores parts of a body. Storing one again changes nothing.
 *
 * @returns whether all parts are stored now, and the body is not finished
 * @throws what D1 throws
 */
export async function addParts(db: D1Database, parts: readonly BodyPart[]): Promise<boolean> {
  const [first] = parts
  if (!first) return false
  const { body, receivedAt, origin, labels, zone, encoding } = first
  const isUtf8 = encoding === 'utf8' ? 1 : 0
  const rows = parts.map(({ part, start, content }) => [part, start, content])
  const results = await db.batch<{ isComplete?: 0 | 1 }>([
    db.prepare(ADD_BODY).bind(body, first.parts, receivedAt, origin, labels, zone, isUtf8),
    ...bindList(db, ADD_PARTS, rows, body),
    db.prepare(IS_COMPLETE).bind(body),
  ])
  return results.at(-1)?.results[0]?.isComplete === 1
}

/** A body that is not finished; null if there is none. */
export async function findLargeBody(db: D1Database, body: string): Promise<LargeBody | null> {
  return db
    .prepare('SELECT * FROM large_bodies WHERE body = ? AND finishedAt IS NULL')
    .bind(body)
    .first<LargeBody>()
}

/** Records how often the next step of a body was tried, unless another invocation has taken it. */
export async function recordTries(
  db: D1Database,
  { body, position }: LargeBody,
  tries: number,
): Promise<void> {
  await db
    .prepare('UPDATE large_bodies SET tries = ?1 WHERE body = ?2 AND position = ?3')
    .bind(tries, body, position)
    .run()
}

/** The parts from a byte on, in order. @param count of parts, at most */
export async function listParts(
  db: D1Database,
  body: string,
  from: number,
  count: number,
): Promise<StoredPart[]> {
  const { results } = await db
    .prepare(
      `SELECT part, start, content FROM body_parts
       WHERE body = ?1 AND part >= (SELECT max(part) FROM body_parts WHERE body = ?1 AND start <= ?2)
       ORDER BY part LIMIT ?3`,
    )
    .bind(body, from, count)
    .all<StoredPart>()
  return results
}

/** Records a step, unless another invocation has taken it. @param ids of its events */
export async function recordStep(
  db: D1Database,
  { body, position }: LargeBody,
  done: { position: number; elements: number; ids: string; shape: Shape },
): Promise<void> {
  await db
    .prepare(
      `UPDATE large_bodies SET position = ?1, elements = elements + ?2, ids = ids || ?3, shape = ?4, tries = 0
       WHERE body = ?5 AND position = ?6`,
    )
    .bind(done.position, done.elements, done.ids, done.shape, body, position)
    .run()
}

const QUARANTINE = `
  INSERT INTO quarantine (request, elementIndex, part, kind, reason, receivedAt, origin, labels, sent)
  SELECT ?2, 0, part, iif(isUtf8, 'body', 'bodyBytes'), ?3, receivedAt, origin, labels, content
  FROM large_bodies JOIN body_parts USING (body) WHERE body = ?1
  ON CONFLICT (request, elementIndex, part) DO NOTHING`

const REVIEW = `
  INSERT INTO key_values (name, value) VALUES (?1, ?2)
  ON CONFLICT (name) DO UPDATE SET value = excluded.value`

/** Finishes a body. @param reason to quarantine it as a whole, if there is one */
export async function finishBody(
  db: D1Database,
  body: string,
  finishedAt: number,
  reason?: string,
): Promise<void> {
  // Its elements may be quarantined separately as well, under the digest of the body.
  const request = digest128(body)
  // An erasure removed the same item once.
  const isErased = reason !== undefined && (await wasErased(db, request))
  const quarantine = [
    db.prepare(QUARANTINE).bind(body, request, reason ?? ''),
    // It may be about people who were erased since it came in.
    db.prepare(REVIEW).bind(`${REVIEW_PREFIX}${request}.0`, crypto.randomUUID()),
  ]
  await db.batch([
    ...(reason === undefined || isErased ? [] : quarantine),
    db.prepare('DELETE FROM body_parts WHERE body = ?').bind(body),
    db
      .prepare(`UPDATE large_bodies SET finishedAt = ?1, ids = '' WHERE body = ?2`)
      .bind(finishedAt, body),
  ])
}

async function wasErased(db: D1Database, request: string): Promise<boolean> {
  const key = await ErasureKey.read(db)
  return (await findErased(db, [key.digestOfElement(request, 0)])).size > 0
}

/** Bodies that should be finished by now: first those whose parts are all here, and of these the oldest. */
export async function listStalled(
  db: D1Database,
  now: number,
): Promise<{ body: string; receivedAt: number; isComplete: 0 | 1 }[]> {
  const { results } = await db
    .prepare(
      `SELECT body, receivedAt, parts = (SELECT count(*) FROM body_parts WHERE body = large_bodies.body) AS isComplete
       FROM large_bodies WHERE finishedAt IS NULL AND receivedAt < ? ORDER BY isComplete DESC, receivedAt LIMIT 10`,
    )
    .bind(now - STALLED_MS)
    .all<{ body: string; receivedAt: number; isComplete: 0 | 1 }>()
  return results
}

/** Forgets bodies that were finished long ago. */
export async function pruneBodies(db: D1Database, now: number): Promise<void> {
  await db
    .prepare('DELETE FROM large_bodies WHERE finishedAt < ?')
    .bind(now - REMEMBERED_MS)
    .run()
}
