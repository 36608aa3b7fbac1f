import { ErasureKey, RAISE_VERSION } from './erased.ts'
import type { Forgotten, Name } from './person.ts'

/** Of one name: who is seen under more contacts is no person. */
export const MAX_CONTACTS = 500

/** What is gone through for someone, in this order. */
export const STAGES = [
  'activity',
  'nameless',
  'deliveries',
  'names',
  'suppressions',
  'quarantine',
  'archive',
] as const

/** Whom an erasure is about, and how far it is. It is kept until all is gone, and no longer. */
export type Target = Forgotten & {
  keepsSuppressions: boolean
  stage: (typeof STAGES)[number]
  /** Where the stage goes on; null at its beginning. */
  cursor: readonly (string | number)[] | null
  /** Entries of `deliveries` that name no contact, but were theirs. */
  entries: readonly string[]
  /** What the archive knows of them besides, and nothing else did. */
  found?: Found
}

/** More by which something is about someone. */
export type Found = { contactIds: readonly string[]; names: readonly Name[] }

const MAX_UNDER_WAY = 100

/**
 * Begins an erasure: from this moment on, nothing about them from before is stored any more.
 *
 * @param erasedAt UTC milliseconds
 * @returns its number
 */
export async function beginErasure(
  db: D1Database,
  forgotten: Forgotten,
  keepsSuppressions: boolean,
  erasedAt: number,
): Promise<number> {
  const key = await ErasureKey.read(db)
  const target: Target = {
    ...forgotten,
    keepsSuppressions,
    stage: 'activity',
    cursor: null,
    entries: [],
  }
  const [, , begun] = await db.batch<{ number: number }>([
    db.prepare(RAISE_VERSION),
    insertErased(db, key.digestsOf(forgotten), erasedAt),
    db
      .prepare(
        `INSERT INTO erasures (erasedAt, removed, target) VALUES (?, '{}', ?) RETURNING number`,
      )
      .bind(erasedAt, JSON.stringify(target)),
  ])
  return begun?.results[0]?.number ?? 0
}

/**
 * Some erasures that are under way: first those that the database still has something of.
 *
 * @param before UTC milliseconds: asked for earlier
 * @param hasBucket whether those can go on that only the archive has something of: `isLast`
 */
export async function listUnderWay(
  db: D1Database,
  before: number,
  hasBucket: boolean,
): Promise<{ number: number; isLast: boolean }[]> {
  const { results } = await db
    .prepare(
      `SELECT number, isLast FROM (
         SELECT number, target ->> '$.stage' = 'archive' AS isLast FROM erasures
         WHERE finishedAt IS NULL AND erasedAt < ?1
       )
       WHERE isLast = 0 OR ?2 ORDER BY isLast, number LIMIT ${MAX_UNDER_WAY}`,
    )
    .bind(before, hasBucket ? 1 : 0)
    .all<{ number: number; isLast: 0 | 1 }>()
  return results.map(({ number, isLast }) => ({ number, isLast: isLast === 1 }))
}

/** Whom an erasure is about, and when it was asked for; null where it is finished. */
export async function readTarget(
  db: D1Database,
  number: number,
): Promise<{ target: Target; erasedAt: number } | null> {
  const row = await db
    .prepare('SELECT target, erasedAt FROM erasures WHERE number = ? AND finishedAt IS NULL')
    .bind(number)
    .first<{ target: string; erasedAt: number }>()
  return row && { target: JSON.parse(row.target) as Target, erasedAt: row.erasedAt }
}

/** Adds what the statement before it removed. Binds the number of the erasure, and what it was. */
export const ADD_REMOVED = `
  UPDATE erasures
  SET removed = json_set(removed, '$.' || ?2, coalesce(removed ->> ('$.' || ?2), 0) + changes())
  WHERE number = ?1 AND changes() > 0`

/** Notes how far an erasure is. */
export function noteProgress(db: D1Database, number: number, target: Target): D1PreparedStatement {
  return db
    .prepare('UPDATE erasures SET target = ? WHERE number = ? AND finishedAt IS NULL')
    .bind(JSON.stringify(target), number)
}

/** Ends an erasure, and with it the last that is known of whom it was about. */
export async function finishErasure(db: D1Database, number: number, now: number): Promise<void> {
  await db
    .prepare(
      'UPDATE erasures SET finishedAt = ?, target = NULL WHERE number = ? AND finishedAt IS NULL',
    )
    .bind(now, number)
    .run()
}

/** Adds events that an erasure took out of the archive. */
export function noteErasedFile(
  db: D1Database,
  number: number,
  events: number,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE erasures
       SET removed = json_set(removed, '$.archived', coalesce(removed ->> '$.archived', 0) + CAST(?2 AS INTEGER))
       WHERE number = ?1`,
    )
    .bind(number, events)
}

/** Has more forgotten by an erasure that is under way: it begins anew with what was found. */
export async function widenErasure(
  db: D1Database,
  number: number,
  { found, ...target }: Target,
  erasedAt: number,
): Promise<void> {
  const widened: Target = {
    ...target,
    contactIds: [...target.contactIds, ...(found?.contactIds ?? [])],
    names: [...target.names, ...(found?.names ?? [])],
    stage: 'activity',
    cursor: null,
  }
  const digests = (await ErasureKey.read(db)).digestsOf(widened)
  await db.batch([
    db.prepare(RAISE_VERSION),
    insertErased(db, digests, erasedAt),
    noteProgress(db, number, widened),
  ])
}

function insertErased(
  db: D1Database,
  digests: readonly string[],
  erasedAt: number,
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO erased (digest, erasedAt) SELECT value, ?2 FROM json_each(?1) WHERE true
       ON CONFLICT (digest) DO UPDATE SET erasedAt = max(erasedAt, excluded.erasedAt)`,
    )
    .bind(JSON.stringify(digests), erasedAt)
}
