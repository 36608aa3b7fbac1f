import { createHmac, randomBytes } from 'node:crypto'
import { NEW_ERASURE } from '../errors.ts'
import * as kv from '../kv.ts'
import { failUnless } from '../statements.ts'
import { keysAbout, keysOf, type ErasureSubject, type DataSubject } from './subject.ts'

/** The state of all tombstones: their version, and the time of the newest erasure. */
export type ErasureState = {
  /** It changes with each new tombstone; null if there never was one. */
  version: string | null
  /** When an erasure was last requested: UTC milliseconds. Later events need no redaction. */
  newest: number
}

const KEY_KEY = 'erasure.key'
const VERSION = `(SELECT value FROM key_values WHERE name = 'erasure.version')`

/** Fails its transaction if tombstones were added since the version ?1. */
export const REQUIRE_VERSION = failUnless(`${VERSION} IS ?1`, `'${NEW_ERASURE}: ' || ${VERSION}`)

/**
 * Changes the version; belongs in every transaction that adds tombstones. The version is random, since a counter would
 * repeat itself after the database was restored to an earlier moment.
 */
export const CHANGE_VERSION = `
  INSERT INTO key_values (name, value) VALUES ('erasure.version', hex(randomblob(8)))
  ON CONFLICT (name) DO UPDATE SET value = excluded.value`

/** Whether `REQUIRE_VERSION` failed a transaction. */
export function isNewErasure(error: unknown): boolean {
  return error instanceof Error && error.message.includes(NEW_ERASURE)
}

// The clocks of Cloudflare's locations differ a little, so the latest is among the last.
const LAST_ERASURES = 20

export async function readErasedState(db: D1Database): Promise<ErasureState> {
  const row = await db
    .prepare(
      `SELECT ${VERSION} AS version, max(erasedAt) AS newest
       FROM (SELECT erasedAt FROM erasures ORDER BY number DESC LIMIT ${LAST_ERASURES})`,
    )
    .first<{ version: string | null; newest: number | null }>()
  return { version: row?.version ?? null, newest: row?.newest ?? -Infinity }
}

/** The key of the digests of erased data subjects (HMAC with SHA-256, 128 bits). Without it, they identify no one. */
export class ErasureKey {
  readonly #key: string

  private constructor(key: string) {
    this.#key = key
  }

  /** The key that the migration made. If it was deleted, a new one is made: nothing may block the stream. */
  static async read(db: D1Database): Promise<ErasureKey> {
    const key = await kv.get(db, KEY_KEY)
    if (key !== null) return new ErasureKey(key)
    await db
      .prepare(`INSERT INTO key_values (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING`)
      .bind(KEY_KEY, randomBytes(32).toString('hex'))
      .run()
    return ErasureKey.read(db)
  }

  /** Distinguishes this key from any other, and reveals nothing else about it. */
  get fingerprint(): string {
    return this.digestOf('fingerprint').slice(0, 8)
  }

  digestsOf(subject: ErasureSubject): string[] {
    return keysOf(subject).map((text) => this.digestOf(text))
  }

  digestsAbout(subject: DataSubject): string[] {
    return keysAbout(subject).map((text) => this.digestOf(text))
  }

  /** The digest of a quarantined item, by its key. */
  digestOfElement(request: string, elementIndex: number): string {
    return this.digestOf(`element ${request} ${elementIndex}`)
  }

  /** @param text of `keysOf` or `keysAbout` */
  digestOf(text: string): string {
    const digest = createHmac('sha256', this.#key).update(text).digest()
    return digest.subarray(0, 16).toString('base64url')
  }
}

/** The times of erasures by digest: UTC milliseconds. Digests without a tombstone are omitted. */
export async function findErased(
  db: D1Database,
  digests: Iterable<string>,
): Promise<Map<string, number>> {
  const { results } = await db
    .prepare(
      `SELECT digest, erasedAt FROM json_each(?1) AS input
       CROSS JOIN tombstones ON tombstones.digest = input.value`,
    )
    .bind(JSON.stringify([...new Set(digests)]))
    .all<{ digest: string; erasedAt: number }>()
  return new Map(results.map(({ digest, erasedAt }) => [digest, erasedAt]))
}

/** A digest, and when its data subject was erased: UTC milliseconds. */
export type Tombstone = readonly [digest: string, erasedAt: number]

/** Inserts tombstones; belongs in a transaction with `CHANGE_VERSION`. */
export function insertTombstones(
  db: D1Database,
  tombstones: readonly Tombstone[],
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO tombstones (digest, erasedAt)
       SELECT value ->> 0, max(value ->> 1) FROM json_each(?1) WHERE true GROUP BY value ->> 0
       ON CONFLICT (digest) DO UPDATE SET erasedAt = excluded.erasedAt, isRecorded = 0
       WHERE erasedAt < excluded.erasedAt`,
    )
    .bind(JSON.stringify(tombstones))
}
