import { createHmac, randomBytes } from 'node:crypto'
import { readValue } from '../kv.ts'
import { keysAbout, keysOf, type TakenOut, type DataSubject } from './subject.ts'

/** How far erasing has come: at which change it is, and when someone was forgotten last. */
export type ErasedState = {
  /** Another one with whatever is forgotten; null where nothing ever was. */
  version: string | null
  /** When that was asked for last: UTC milliseconds. What happened and came in later needs no look. */
  newest: number
}

/** What a transaction is refused with where someone was forgotten since its statements were made. */
const NEW_ERASURE = 'someone was forgotten meanwhile'

const KEY_KEY = 'erasure.key'
const VERSION = `(SELECT value FROM key_values WHERE name = 'erasure.version')`

/** Refuses the transaction that it is in, unless nothing was forgotten since the version ?1. */
export const NOBODY_SINCE = `
  SELECT CASE WHEN ${VERSION} IS ?1 THEN 1
    ELSE json_extract('{}', '${NEW_ERASURE}: ' || ${VERSION}) END`

/**
 * To be in every transaction after which more is forgotten than before. A number that is counted up would be
 * the same again after the database was restored to an earlier moment.
 */
export const RAISE_VERSION = `
  INSERT INTO key_values (name, value) VALUES ('erasure.version', hex(randomblob(8)))
  ON CONFLICT (name) DO UPDATE SET value = excluded.value`

/** Whether a transaction was refused by `NOBODY_SINCE`. */
export function isNewErasure(error: unknown): boolean {
  return error instanceof Error && error.message.includes(NEW_ERASURE)
}

// Clocks of the places that take requests differ by little: the latest is among the last.
const LAST_ERASURES = 20

export async function readErasedState(db: D1Database): Promise<ErasedState> {
  const row = await db
    .prepare(
      `SELECT ${VERSION} AS version, max(erasedAt) AS newest
       FROM (SELECT erasedAt FROM erasures ORDER BY number DESC LIMIT ${LAST_ERASURES})`,
    )
    .first<{ version: string | null; newest: number | null }>()
  return { version: row?.version ?? null, newest: row?.newest ?? -Infinity }
}

/**
 * SuppressedSubject a receiver has forgotten, in digests that only its own key makes (HMAC with SHA-256, 128 bits):
 * they tell nothing without it, and are no list of anyone.
 */
export class ErasureKey {
  readonly #key: string

  private constructor(key: string) {
    this.#key = key
  }

  /** The migration made it. Where it was deleted, one is made anew: nothing may stop the stream. */
  static async read(db: D1Database): Promise<ErasureKey> {
    const key = await readValue(db, KEY_KEY)
    if (key !== null) return new ErasureKey(key)
    await db
      .prepare(`INSERT INTO key_values (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING`)
      .bind(KEY_KEY, randomBytes(32).toString('hex'))
      .run()
    return ErasureKey.read(db)
  }

  /** Tells this key from any other, and nothing else of it. */
  get fingerprint(): string {
    return this.digestOf('fingerprint').slice(0, 8)
  }

  digestsOf(forgotten: TakenOut): string[] {
    return keysOf(forgotten).map((text) => this.digestOf(text))
  }

  digestsAbout(person: DataSubject): string[] {
    return keysAbout(person).map((text) => this.digestOf(text))
  }

  /** Of an element that was set aside: the body that it was in, and its place there. */
  digestOfElement(request: string, elementIndex: number): string {
    return this.digestOf(`element ${request} ${elementIndex}`)
  }

  /** @param text of `keysOf` or `keysAbout` */
  digestOf(text: string): string {
    const digest = createHmac('sha256', this.#key).update(text).digest()
    return digest.subarray(0, 16).toString('base64url')
  }
}

/** When those of some digests were forgotten that were: UTC milliseconds. */
export async function findErased(
  db: D1Database,
  digests: Iterable<string>,
): Promise<Map<string, number>> {
  const { results } = await db
    .prepare(
      `SELECT digest, erasedAt FROM json_each(?1) AS asked
       CROSS JOIN tombstones ON tombstones.digest = asked.value`,
    )
    .bind(JSON.stringify([...new Set(digests)]))
    .all<{ digest: string; erasedAt: number }>()
  return new Map(results.map(({ digest, erasedAt }) => [digest, erasedAt]))
}

/** A digest, and when who it is of was forgotten: UTC milliseconds. */
export type Erased = readonly [digest: string, erasedAt: number]

/** Has nothing from before come back: to be in a transaction with `RAISE_VERSION`. */
export function insertErased(db: D1Database, erased: readonly Erased[]): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO tombstones (digest, erasedAt)
       SELECT value ->> 0, max(value ->> 1) FROM json_each(?1) WHERE true GROUP BY value ->> 0
       ON CONFLICT (digest) DO UPDATE SET erasedAt = excluded.erasedAt, isRecorded = 0
       WHERE erasedAt < excluded.erasedAt`,
    )
    .bind(JSON.stringify(erased))
}
