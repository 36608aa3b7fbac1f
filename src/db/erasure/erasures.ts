import type { IdentifierName } from '../../event/identifier.ts'
import { NEW_CONTACT } from '../errors.ts'
import { keysOfIdentifier, WITH_IDENTIFIER } from '../events/identifiers.ts'
import { bindList, failUnless } from '../statements.ts'
import type { ErasureSubject, Identifier } from './subject.ts'
import { isRareTurn, MAX_TRIES } from './turns.ts'
import { CHANGE_VERSION, ErasureKey, insertTombstones, type Tombstone } from './tombstones.ts'

/** The maximum number of contacts with one identifier: if there are more, it is not a person's. */
export const MAX_CONTACTS = 500

/** The data subject of an erasure, and its progress. It is deleted as soon as all their data is gone. */
export type Target = ErasureSubject & {
  keepsSuppressions: boolean
  /** In this order. */
  stage:
    | 'activity'
    | 'nameless'
    | 'engagement'
    | 'identifiers'
    | 'suppressions'
    | 'quarantine'
    | 'archive'
  /** The point at which the stage continues; null at its start. */
  cursor: readonly (string | number)[] | null
  /** Contacts and identifiers of the data subject that only the archive has. */
  found?: Found
  /** Whether more contacts of the archive have an identifier of it than a data subject has: they are not part of it. */
  isShared?: true
  /** The newest suppression at the time of the request: none of those after it has an earlier event. */
  lastSuppression?: number
}

/** Further contacts and identifiers of a data subject. */
export type Found = { contactIds: readonly string[]; identifiers: readonly Identifier[] }

/** An erasure in progress. */
export type RunningErasure = {
  number: number
  /** When it was requested: UTC milliseconds. */
  erasedAt: number
  target: Target
  /** Turns since its last progress. */
  tries: number
}

/** The input of a step of an erasure. */
export type Step = RunningErasure & { db: D1Database }

/** The progress of the erasure after a step, and the statements to run in the same transaction. */
export type StepResult = {
  next: Target
  changes: readonly D1PreparedStatement[]
}

/** The target of an erasure that starts. */
export function startTarget(subject: ErasureSubject, keepsSuppressions: boolean): Target {
  return { ...subject, keepsSuppressions, stage: 'activity', cursor: null }
}

/** An identifier by which contacts were found: the name of a parameter, and its spellings. */
export type Criterion = { name: IdentifierName; values: readonly string[] }

/** Fails its transaction if contacts other than ?3 have one of the identifiers. */
const REQUIRE_CONTACTS = failUnless(
  `NOT EXISTS (
    SELECT 1 ${WITH_IDENTIFIER}
      AND contactId NOT IN (SELECT CAST(value AS INTEGER) FROM json_each(?3))
  )`,
  `'${NEW_CONTACT}'`,
)

/** Whether an erasure did not start since its identifier got another contact: the contacts have to be found again. */
export function isNewContact(error: unknown): boolean {
  return error instanceof Error && error.message.includes(NEW_CONTACT)
}

/**
 * Starts an erasure: from now on, nothing older about the data subject is stored.
 *
 * @param erasedAt UTC milliseconds
 * @param criterion how its contacts were found
 * @throws what D1 throws, and an error for `isNewContact` if others are found by now
 */
export async function startErasure(
  db: D1Database,
  subject: ErasureSubject,
  keepsSuppressions: boolean,
  erasedAt: number,
  criterion?: Criterion,
): Promise<RunningErasure> {
  const key = await ErasureKey.read(db)
  const target = startTarget(subject, keepsSuppressions)
  const tombstones = key.digestsOf(subject).map((digest): Tombstone => [digest, erasedAt])
  const results = await db.batch<Pick<Row, 'number' | 'target'>>([
    ...(criterion ? [requireContacts(db, criterion, subject.contactIds)] : []),
    db.prepare(CHANGE_VERSION),
    insertTombstones(db, tombstones),
    db
      .prepare(
        `INSERT INTO erasures (erasedAt, removed, keepsSuppressions, target)
         VALUES (?, '{}', ?, json_set(?, '$.lastSuppression', (
           SELECT coalesce(max(number), 0) FROM suppressions
         ))) RETURNING number, target`,
      )
      .bind(erasedAt, keepsSuppressions ? 1 : 0, JSON.stringify(target)),
  ])
  const { number = 0, target: saved = '' } = results.at(-1)?.results[0] ?? {}
  return toRunning({ number, erasedAt, target: saved, tries: 0 })
}

function requireContacts(
  db: D1Database,
  { name, values }: Criterion,
  contactIds: readonly string[],
): D1PreparedStatement {
  const keys = keysOfIdentifier(name, values)
  return db.prepare(REQUIRE_CONTACTS).bind(JSON.stringify(keys), name, JSON.stringify(contactIds))
}

/**
 * Takes the running erasure whose last turn was longest ago, of those for which the database still has data. The turn
 * is recorded before it begins, so that an erasure that fails or is cut off does not hold up the others.
 *
 * @param before, now UTC milliseconds: only erasures that were requested before
 */
export async function takeErasure(
  db: D1Database,
  before: number,
  now: number,
): Promise<RunningErasure | null> {
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
    .bind(now, before, isRareTurn(now) ? 1 : 0)
    .first<Row>()
  return row && toRunning(row)
}

/** The row of a running erasure. */
export type Row = Omit<RunningErasure, 'target'> & { target: string }

/** Reads the row of a running erasure. */
export function toRunning({ target, ...rest }: Row): RunningErasure {
  return { ...rest, target: JSON.parse(target) as Target }
}

/**
 * Adds the number of rows that the previous statement deleted. Binds the number of the erasure, and the kind of rows.
 */
export const ADD_REMOVED = `
  UPDATE erasures
  SET removed = json_set(removed, '$.' || ?2, coalesce(removed ->> ('$.' || ?2), 0) + changes())
  WHERE number = ?1 AND changes() > 0`

/** Records the progress of erasures. */
export function saveTargets(
  db: D1Database,
  erasures: readonly Pick<RunningErasure, 'number' | 'target'>[],
): D1PreparedStatement[] {
  return bindList(
    db,
    `UPDATE erasures SET tries = 0, target = input.value -> 1 FROM json_each(?1) AS input
     WHERE number = input.value ->> 0 AND finishedAt IS NULL`,
    erasures.map(({ number, target }) => [number, target]),
  )
}

/** Records that only the archive may still have data of the subject; if there is no archive, finishes the erasure. */
export function leaveToArchive(
  db: D1Database,
  number: number,
  target: Target,
  now: number,
): D1PreparedStatement {
  const hasArchive = '(EXISTS (SELECT 1 FROM archive) OR EXISTS (SELECT 1 FROM archive_garbage))'
  return db
    .prepare(
      `UPDATE erasures SET tries = 0, finishedAt = CASE WHEN NOT ${hasArchive} THEN ?1 END,
         target = CASE WHEN ${hasArchive} THEN ?2 END
       WHERE number = ?3 AND finishedAt IS NULL`,
    )
    .bind(now, JSON.stringify(target), number)
}

/** Finishes erasures, and deletes the identity of their data subjects. */
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

/** Adds the number of events that erasures removed from the archive, by the number of the erasure. */
export function markFileErased(
  db: D1Database,
  removed: readonly (readonly [number: number, events: number])[],
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE erasures
       SET removed = json_set(removed, '$.archived', coalesce(removed ->> '$.archived', 0) + (input.value ->> 1))
       FROM json_each(?) AS input WHERE number = input.value ->> 0`,
    )
    .bind(JSON.stringify(removed))
}

/** Widens running erasures by contacts and identifiers from the archive: they start again. */
export async function widenErasures(
  db: D1Database,
  erasures: readonly RunningErasure[],
): Promise<D1PreparedStatement[]> {
  if (erasures.length === 0) return []
  const key = await ErasureKey.read(db)
  const widened = erasures.map(({ target: { found, ...target }, ...rest }) => ({
    ...rest,
    target: {
      ...target,
      contactIds: [...target.contactIds, ...(found?.contactIds ?? [])],
      identifiers: [...target.identifiers, ...(found?.identifiers ?? [])],
      stage: 'activity' as const,
      cursor: null,
    },
  }))
  const tombstones = widened.flatMap(({ target, erasedAt }) =>
    key.digestsOf(target).map((digest): Tombstone => [digest, erasedAt]),
  )
  return [db.prepare(CHANGE_VERSION), insertTombstones(db, tombstones), ...saveTargets(db, widened)]
}

/** The number of running erasures with a known data subject. */
export async function countUnderWay(db: D1Database): Promise<number> {
  const sql = `SELECT count(*) AS number FROM erasures INDEXED BY erasures_under_way
    WHERE finishedAt IS NULL AND target IS NOT NULL`
  return (await db.prepare(sql).first<number>('number')) ?? 0
}
