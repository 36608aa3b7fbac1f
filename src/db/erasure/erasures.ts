import { ErasureKey, insertErased, RAISE_VERSION, type Erased } from './tombstones.ts'
import { groupBySize } from '../chunk-by-size.ts'
import type { TakenOut, Name } from './subject.ts'

/** Of one name: who is seen under more contacts is no person. */
export const MAX_CONTACTS = 500

/** What is gone through for someone, in this order. */
const STAGES = ['activity', 'nameless', 'names', 'suppressions', 'quarantine', 'archive'] as const

/** SuppressedSubject an erasure is about, and how far it is. It is kept until all is gone, and no longer. */
export type Target = TakenOut & {
  keepsSuppressions: boolean
  stage: (typeof STAGES)[number]
  /** Where the stage goes on; null at its beginning. */
  cursor: readonly (string | number)[] | null
  /** What the archive knows of them besides, and nothing else did. */
  found?: Found
  /** The newest suppression when it was asked for: none after it is about an event of before. */
  lastSuppression?: number
}

/** More by which something is about someone. */
export type Found = { contactIds: readonly string[]; names: readonly Name[] }

/** An erasure that is under way. */
export type UnderWay = {
  number: number
  /** When it was asked for: UTC milliseconds. */
  erasedAt: number
  target: Target
  /** How often the schedule took it on since it got further last. */
  tries: number
}

/** What a step of an erasure works on. */
export type Step = UnderWay & { db: D1Database }

/** What a step comes to: how far the erasure is, and what to change in the same transaction. */
export type Taken = {
  next: Target
  changes: readonly D1PreparedStatement[]
}

const MAX_TRIES = 6 // then once an hour
const MAX_TARGETS_BYTES = 1_000_000 // of a parameter

/** An erasure from its beginning. */
export function startTarget(forgotten: TakenOut, keepsSuppressions: boolean): Target {
  return { ...forgotten, keepsSuppressions, stage: 'activity', cursor: null }
}

/**
 * Begins an erasure: from this moment on, nothing about them from before is stored any more.
 *
 * @param erasedAt UTC milliseconds
 */
export async function startErasure(
  db: D1Database,
  forgotten: TakenOut,
  keepsSuppressions: boolean,
  erasedAt: number,
): Promise<UnderWay> {
  const key = await ErasureKey.read(db)
  const target = startTarget(forgotten, keepsSuppressions)
  const erased = key.digestsOf(forgotten).map((digest): Erased => [digest, erasedAt])
  const [, , begun] = await db.batch<Pick<Row, 'number' | 'target'>>([
    db.prepare(RAISE_VERSION),
    insertErased(db, erased),
    db
      .prepare(
        `INSERT INTO erasures (erasedAt, removed, keepsSuppressions, target)
         VALUES (?, '{}', ?, json_set(?, '$.lastSuppression', (
           SELECT coalesce(max(number), 0) FROM suppressions
         ))) RETURNING number, target`,
      )
      .bind(erasedAt, keepsSuppressions ? 1 : 0, JSON.stringify(target)),
  ])
  const { number = 0, target: saved = '' } = begun?.results[0] ?? {}
  return toUnderWay({ number, erasedAt, target: saved, tries: 0 })
}

/**
 * Takes an erasure on that the database still has something of: the one whose turn was the longest ago.
 * That it had its turn is noted before it has: so none that fails, or is cut off, holds the others up.
 *
 * @param before UTC milliseconds: asked for earlier
 * @param isRare whether those get a turn, too, that were taken on often and got nowhere
 */
export async function takeErasure(
  db: D1Database,
  before: number,
  now: number,
  isRare: boolean,
): Promise<UnderWay | null> {
  const row = await db
    .prepare(
      `UPDATE erasures SET turn = ?1, tries = tries + 1 WHERE number = (
         SELECT number FROM erasures INDEXED BY erasures_under_way
         WHERE finishedAt IS NULL AND target ->> '$.stage' <> 'archive'
           AND erasedAt < ?2 AND (tries < ${MAX_TRIES} OR ?3)
         ORDER BY turn, number LIMIT 1
       )
       RETURNING number, erasedAt, target, tries`,
    )
    .bind(now, before, isRare ? 1 : 0)
    .first<Row>()
  return row && toUnderWay(row)
}

/** An erasure as its row has it. */
export type Row = Omit<UnderWay, 'target'> & { target: string }

/** Reads the row of an erasure that is under way. */
export function toUnderWay({ target, ...rest }: Row): UnderWay {
  return { ...rest, target: JSON.parse(target) as Target }
}

/** Adds what the statement before it removed. Binds the number of the erasure, and what it was. */
export const ADD_REMOVED = `
  UPDATE erasures
  SET removed = json_set(removed, '$.' || ?2, coalesce(removed ->> ('$.' || ?2), 0) + changes())
  WHERE number = ?1 AND changes() > 0`

/** Notes how far erasures are; in statements of a bounded size. */
export function saveTargets(
  db: D1Database,
  erasures: readonly Pick<UnderWay, 'number' | 'target'>[],
): D1PreparedStatement[] {
  const texts = erasures.map(({ number, target }) => JSON.stringify([number, target]))
  return groupBySize(texts, ({ length }) => length, { bytes: MAX_TARGETS_BYTES }).map((group) =>
    db
      .prepare(
        `UPDATE erasures SET tries = 0, target = given.value -> 1
         FROM json_each(?1) AS given
         WHERE number = given.value ->> 0 AND finishedAt IS NULL`,
      )
      .bind(`[${group.join(',')}]`),
  )
}

/** Notes that only the archive may hold something of an erasure; without one, that is its end. */
export function archiveTargetOf(
  db: D1Database,
  number: number,
  target: Target,
  now: number,
): D1PreparedStatement {
  const isLeft = 'EXISTS (SELECT 1 FROM archive)'
  return db
    .prepare(
      `UPDATE erasures SET tries = 0, finishedAt = CASE WHEN NOT ${isLeft} THEN ?1 END,
         target = CASE WHEN ${isLeft} THEN ?2 END
       WHERE number = ?3 AND finishedAt IS NULL`,
    )
    .bind(now, JSON.stringify(target), number)
}

/** Ends erasures, and with them the last that is known of whom they were about. */
export function finishErasures(
  db: D1Database,
  numbers: readonly number[],
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE erasures SET finishedAt = ?, target = NULL
       WHERE number IN (SELECT value FROM json_each(?)) AND finishedAt IS NULL`,
    )
    .bind(now, JSON.stringify(numbers))
}

/** Adds events that erasures took out of the archive: how many, by the number of each. */
export function markFileErased(
  db: D1Database,
  removed: readonly (readonly [number: number, events: number])[],
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE erasures
       SET removed = json_set(removed, '$.archived', coalesce(removed ->> '$.archived', 0) + (given.value ->> 1))
       FROM json_each(?) AS given WHERE number = given.value ->> 0`,
    )
    .bind(JSON.stringify(removed))
}

/** Has more forgotten by erasures that are under way: they begin anew with what was found. */
export async function widenErasures(
  db: D1Database,
  erasures: readonly UnderWay[],
): Promise<D1PreparedStatement[]> {
  if (erasures.length === 0) return []
  const key = await ErasureKey.read(db)
  const widened = erasures.map(({ target: { found, ...target }, ...rest }) => ({
    ...rest,
    target: {
      ...target,
      contactIds: [...target.contactIds, ...(found?.contactIds ?? [])],
      names: [...target.names, ...(found?.names ?? [])],
      stage: 'activity' as const,
      cursor: null,
    },
  }))
  const erased = widened.flatMap(({ target, erasedAt }) =>
    key.digestsOf(target).map((digest): Erased => [digest, erasedAt]),
  )
  return [db.prepare(RAISE_VERSION), insertErased(db, erased), ...saveTargets(db, widened)]
}

/** How many erasures are under way of which it is known whom they are about. */
export async function countUnderWay(db: D1Database): Promise<number> {
  const sql = `SELECT count(*) AS number FROM erasures INDEXED BY erasures_under_way
    WHERE finishedAt IS NULL AND target IS NOT NULL`
  return (await db.prepare(sql).first<number>('number')) ?? 0
}
