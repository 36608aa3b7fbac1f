import { ErasureKey, CHANGE_VERSION, type Tombstone } from './tombstones.ts'

/** Erasures in a form to keep outside the database: anonymous, and of use only to a database with the same key. */
export type ErasureRecord = {
  /** The fingerprint of the digests' key. */
  key: string
  erased: readonly Tombstone[]
  erasures: readonly RecordedErasure[]
}

/** An erasure; its time (UTC milliseconds) equals that of its digests. */
type RecordedErasure = { number: number; erasedAt: number; keepsSuppressions: boolean }

type ErasureRow = Omit<RecordedErasure, 'keepsSuppressions'> & { keepsSuppressions: 0 | 1 }

type TombstoneRow = { digest: string; erasedAt: number }

/** Some tombstones that the record outside the database lacks; null if it is complete. */
export async function findUnrecorded(db: D1Database, limit: number): Promise<ErasureRecord | null> {
  const { results } = await db
    .prepare(
      `SELECT digest, erasedAt FROM tombstones INDEXED BY tombstones_unrecorded
       WHERE isRecorded = 0 LIMIT ${limit}`,
    )
    .all<TombstoneRow>()
  return results.length === 0 ? null : makeRecord(db, results)
}

/** A page of all tombstones. @param after a digest: only those after it */
export async function listErased(
  db: D1Database,
  after: string,
  limit: number,
): Promise<ErasureRecord> {
  const { results } = await db
    .prepare(
      `SELECT digest, erasedAt FROM tombstones WHERE digest > ? ORDER BY digest LIMIT ${limit}`,
    )
    .bind(after)
    .all<TombstoneRow>()
  return makeRecord(db, results)
}

async function makeRecord(db: D1Database, rows: readonly TombstoneRow[]): Promise<ErasureRecord> {
  const key = await ErasureKey.read(db)
  const times = [...new Set(rows.map(({ erasedAt }) => erasedAt))]
  const { results } = await db
    .prepare(
      `SELECT number, erasedAt, keepsSuppressions FROM erasures
       WHERE erasedAt IN (SELECT value FROM json_each(?)) ORDER BY number`,
    )
    .bind(JSON.stringify(times))
    .all<ErasureRow>()
  return {
    key: key.fingerprint,
    erased: rows.map(({ digest, erasedAt }) => [digest, erasedAt]),
    erasures: results.map((row) => ({ ...row, keepsSuppressions: row.keepsSuppressions === 1 })),
  }
}

/** Marks tombstones that the record outside the database has. */
export async function markRecorded(db: D1Database, erased: readonly Tombstone[]): Promise<void> {
  await db
    .prepare(
      `UPDATE tombstones SET isRecorded = 1 WHERE isRecorded = 0 AND (digest, erasedAt) IN (
         SELECT value ->> 0, value ->> 1 FROM json_each(?)
       )`,
    )
    .bind(JSON.stringify(erased))
    .run()
}

// Such an erasure has no known data subject until one is found, and is in progress until everything has been searched.
const ADD_ERASURES = `
  INSERT INTO erasures (number, erasedAt, removed, keepsSuppressions)
  SELECT CASE WHEN EXISTS (SELECT 1 FROM erasures WHERE number = input.value ->> 0) THEN NULL
    ELSE input.value ->> 0 END, input.value ->> 1, '{}', input.value ->> 2
  FROM json_each(?1) AS input
  WHERE NOT EXISTS (SELECT 1 FROM erasures WHERE erasedAt = input.value ->> 1)`

/**
 * Restores tombstones and erasures from records. It is safe to repeat.
 *
 * @param isRecorded whether the record outside the database already has them
 */
export async function restoreRecords(
  db: D1Database,
  records: readonly ErasureRecord[],
  isRecorded: boolean,
): Promise<void> {
  const erased = records.flatMap((record) => record.erased)
  const erasures = new Map(
    records.flatMap((record) => record.erasures.map((each) => [each.erasedAt, each])),
  )
  const numbers = new Set<number>()
  const rows = [...erasures.values()].map(({ number, erasedAt, keepsSuppressions }) => {
    const isTaken = numbers.has(number) // by an erasure from before an earlier restore
    numbers.add(number)
    return [isTaken ? null : number, erasedAt, keepsSuppressions ? 1 : 0]
  })
  await db.batch([
    db.prepare(CHANGE_VERSION),
    db
      .prepare(
        `INSERT INTO tombstones (digest, erasedAt, isRecorded)
         SELECT value ->> 0, max(value ->> 1), ?2 FROM json_each(?1) WHERE true GROUP BY value ->> 0
         ON CONFLICT (digest) DO UPDATE SET erasedAt = excluded.erasedAt, isRecorded = ?2
         WHERE erasedAt < excluded.erasedAt`,
      )
      .bind(JSON.stringify(erased), isRecorded ? 1 : 0),
    db.prepare(ADD_ERASURES).bind(JSON.stringify(rows)),
  ])
}

/** Finishes erasures from records, once everything has been searched for their data subjects. */
export async function finishRecorded(db: D1Database, now: number): Promise<void> {
  await db
    .prepare('UPDATE erasures SET finishedAt = ? WHERE finishedAt IS NULL AND target IS NULL')
    .bind(now)
    .run()
}
