/** Records an object of the bucket that is to be deleted, unless it is kept (`keepObject`). */
export function discardObject(db: D1Database, key: string, now: number): D1PreparedStatement {
  return db
    .prepare('INSERT INTO archive_garbage (key, since) VALUES (?, ?) ON CONFLICT (key) DO NOTHING')
    .bind(key, now)
}

/** Keeps an object that was recorded as discarded before it was written. */
export function keepObject(db: D1Database, key: string): D1PreparedStatement {
  return db.prepare('DELETE FROM archive_garbage WHERE key = ?').bind(key)
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
