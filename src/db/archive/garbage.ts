import { CHANGED_KEY } from '../keys.ts'
import { KEY_OF_FILE } from './files.ts'

/** Records objects of the bucket that are to be deleted, unless they are kept (`keepObject`). */
export function discardObjects(
  db: D1Database,
  keys: readonly string[],
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO archive_garbage (key, since) SELECT value, ?2 FROM json_each(?1) WHERE true
       ON CONFLICT (key) DO NOTHING`,
    )
    .bind(JSON.stringify(keys), now)
}

/** Records the objects of files that are to be deleted; which files follows in SQL. Binds when, UTC milliseconds. */
export const DISCARD_FILES = `
  INSERT OR IGNORE INTO archive_garbage (key, since) SELECT ${KEY_OF_FILE}, ?`

/** Keeps an object that was recorded as discarded before it was written. */
export function keepObject(db: D1Database, key: string): D1PreparedStatement {
  return db.prepare('DELETE FROM archive_garbage WHERE key = ?').bind(key)
}

/** Keeps all objects that were recorded as discarded although a file has them. */
export async function keepListed(db: D1Database): Promise<void> {
  await db
    .prepare(`DELETE FROM archive_garbage WHERE key IN (SELECT ${KEY_OF_FILE} FROM archive)`)
    .run()
}

/** Some objects that were discarded before a time. @param before UTC milliseconds */
export async function listDiscarded(
  db: D1Database,
  before: number,
  limit: number,
): Promise<string[]> {
  const { results } = await db
    .prepare('SELECT key FROM archive_garbage WHERE since <= ? LIMIT ?')
    .bind(before, limit)
    .all<{ key: string }>()
  return results.map(({ key }) => key)
}

/** Records that discarded objects are gone. */
export function forgetObjects(db: D1Database, keys: readonly string[]): D1PreparedStatement {
  return db
    .prepare('DELETE FROM archive_garbage WHERE key IN (SELECT value FROM json_each(?))')
    .bind(JSON.stringify(keys))
}

/** Whether the table lacks changes, or objects were discarded before a time, in SQL. */
export const purgeDue = (before: string) =>
  `(EXISTS (SELECT 1 FROM key_values WHERE name = '${CHANGED_KEY}')
    OR EXISTS (SELECT 1 FROM archive_garbage WHERE since <= ${before}))`

/** @param before UTC milliseconds */
export async function isPurgeDue(db: D1Database, before: number): Promise<boolean> {
  return (
    (await db
      .prepare(`SELECT ${purgeDue('?')} AS isDue`)
      .bind(before)
      .first('isDue')) === 1
  )
}
