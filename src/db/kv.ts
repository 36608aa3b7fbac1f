/** A single value that outlives a request; null where there is none. */
export async function readValue(db: D1Database, name: string): Promise<string | null> {
  return db.prepare('SELECT value FROM key_values WHERE name = ?').bind(name).first<string>('value')
}

/** Keeps a value, or with null none; costs nothing where it is kept already. */
export async function writeValue(
  db: D1Database,
  name: string,
  value: string | null,
): Promise<void> {
  await setValue(db, name, value).run()
}

/** Keeps the earliest of some times. @param time UTC milliseconds */
export async function keepEarliest(db: D1Database, name: string, time: number): Promise<void> {
  await db
    .prepare(
      `INSERT INTO key_values (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE
       SET value = excluded.value WHERE CAST(excluded.value AS INTEGER) < CAST(value AS INTEGER)`,
    )
    .bind(name, String(time))
    .run()
}

/** `writeValue` as a statement of a batch. */
export function setValue(db: D1Database, name: string, value: string | null): D1PreparedStatement {
  if (value === null) return db.prepare('DELETE FROM key_values WHERE name = ?').bind(name)
  return db
    .prepare(
      `INSERT INTO key_values (name, value) VALUES (?, ?)
       ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value <> excluded.value`,
    )
    .bind(name, value)
}

/**
 * Takes on work that nobody else may do at the same time.
 *
 * @param until UTC milliseconds: where the one who took it on is not heard of again, it is free by then
 * @returns whether it was free
 */
export async function acquireLease(
  db: D1Database,
  work: string,
  now: number,
  until: number,
): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `INSERT INTO key_values (name, value) VALUES (?1, ?2)
       ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE CAST(value AS INTEGER) <= ?3`,
    )
    .bind(work, String(until), now)
    .run()
  return meta.changes > 0
}

/**
 * Ends work that was taken on, unless someone else has it by now.
 *
 * @param until as it was taken on
 * @param others notes that go with it
 */
export async function leave(
  db: D1Database,
  work: string,
  until: number,
  others: readonly string[] = [],
): Promise<void> {
  await db
    .prepare(
      'DELETE FROM key_values WHERE (name = ? AND value = ?) OR name IN (SELECT value FROM json_each(?))',
    )
    .bind(work, String(until), JSON.stringify(others))
    .run()
}
