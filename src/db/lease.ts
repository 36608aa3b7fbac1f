/** The lease of whoever continues what is under way: the schedule, or a program that someone runs. */
export const MAINTENANCE_LEASE = 'maintenance.until'

/**
 * Acquires the right to do something that nobody else may do at the same time.
 *
 * @param until UTC milliseconds: the lease is free again by then, even if its holder was ended
 * @returns whether it was free
 */
export async function acquireLease(
  db: D1Database,
  name: string,
  now: number,
  until: number,
): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `INSERT INTO key_values (name, value) VALUES (?1, ?2)
       ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE CAST(value AS INTEGER) <= ?3`,
    )
    .bind(name, String(until), now)
    .run()
  return meta.changes > 0
}

/**
 * Releases a lease, unless someone else holds it by now.
 *
 * @param until as it was acquired
 * @param keys of the key-value store, to be deleted along with it
 */
export async function releaseLease(
  db: D1Database,
  name: string,
  until: number,
  keys: readonly string[] = [],
): Promise<void> {
  await db
    .prepare(
      'DELETE FROM key_values WHERE (name = ? AND value = ?) OR name IN (SELECT value FROM json_each(?))',
    )
    .bind(name, String(until), JSON.stringify(keys))
    .run()
}
