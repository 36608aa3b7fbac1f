/** The lease for continuing what is under way: by a step of a task, or a command that a person runs. */
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
 * @param until as it was acquired
 */
export async function releaseLease(db: D1Database, name: string, until: number): Promise<void> {
  const sql = 'DELETE FROM key_values WHERE name = ? AND value = ?'
  await db.prepare(sql).bind(name, String(until)).run()
}
