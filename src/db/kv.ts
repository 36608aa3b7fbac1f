/** The key-value store: single values that outlive a request. Import it as a whole, for `kv.get` and `kv.set`. */

/** A value; null if there is none. */
export async function get(db: D1Database, name: string): Promise<string | null> {
  return db.prepare('SELECT value FROM key_values WHERE name = ?').bind(name).first<string>('value')
}

/** Stores a value, or deletes it if null; costs nothing if it is unchanged. */
export async function set(db: D1Database, name: string, value: string | null): Promise<void> {
  await setting(db, name, value).run()
}

/** `set` as a statement for a batch. */
export function setting(db: D1Database, name: string, value: string | null): D1PreparedStatement {
  if (value === null) return db.prepare('DELETE FROM key_values WHERE name = ?').bind(name)
  return db
    .prepare(
      `INSERT INTO key_values (name, value) VALUES (?, ?)
       ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value <> excluded.value`,
    )
    .bind(name, value)
}

/** Stores a time unless an earlier one is stored. @param time UTC milliseconds */
export async function setEarliest(db: D1Database, name: string, time: number): Promise<void> {
  await db
    .prepare(
      `INSERT INTO key_values (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE
       SET value = excluded.value WHERE CAST(excluded.value AS INTEGER) < CAST(value AS INTEGER)`,
    )
    .bind(name, String(time))
    .run()
}

/** A value with its name. */
export type Entry = { name: string; value: string }

/**
 * The next value whose name has a prefix; after the last one, the first. Its turn is recorded first, so that a value
 * that fails or ends the invocation does not hold up the others.
 *
 * @param prefix ends with a dot
 */
export async function takeNext(db: D1Database, prefix: string): Promise<Entry | null> {
  const turn = `turn.${prefix}`
  const next = await db
    .prepare(
      `SELECT name, value FROM key_values WHERE name >= ?1 AND name < ?2
       ORDER BY name <= coalesce((SELECT value FROM key_values WHERE name = ?3), ''), name LIMIT 1`,
    )
    .bind(prefix, endOf(prefix), turn)
    .first<Entry>()
  if (next) await set(db, turn, next.name)
  return next
}

/** The first name after all those with a prefix: the prefix with the character after the dot. */
export function endOf(prefix: string): string {
  return prefix.replace(/\.$/, '/')
}

/** Changes a value, unless it was changed since it was read. */
export async function replace(db: D1Database, { name, value }: Entry, by: Entry): Promise<void> {
  const sql = 'UPDATE key_values SET value = ? WHERE name = ? AND value = ?'
  await db.prepare(sql).bind(by.value, name, value).run()
}

/** Deletes a value, unless it was changed since it was read, in a transaction with other changes. */
export async function remove(
  db: D1Database,
  { name, value }: Entry,
  changes: readonly D1PreparedStatement[] = [],
): Promise<void> {
  const done = db.prepare('DELETE FROM key_values WHERE name = ? AND value = ?').bind(name, value)
  await db.batch([...changes, done])
}
