/** The lease for work in progress: the schedule holds it, or a command that someone runs. */
export const MAINTENANCE_LEASE = 'maintenance.until'

/**
 * Acquires the right to do something that must not be done twice at the same time.
 *
 * @param until UTC milliseconds: the lease is free again then, even if its holder was killed
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
 * Releases a lease, unless it has another holder by now.
 *
 * @param until the value with which it was acquired
 * @param keys names in the key-value store to delete with it
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
