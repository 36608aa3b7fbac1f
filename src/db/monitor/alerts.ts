/** Something that is not as it should be. Times in UTC milliseconds. */
export type Alert = {
  name: string
  message: string
  beganAt: number
  /** When the owner was told last; null while that did not succeed. */
  notifiedAt: number | null
}

/** Everything that is not as it should be, the oldest first. */
export const LIST_ALERTS =
  'SELECT name, message, beganAt, notifiedAt FROM alerts ORDER BY beganAt, name'

/** What a check changes, all or nothing. */
export type AlertChange = {
  /** Alerts as they are from now on. */
  saved: readonly Alert[]
  /** Names of alerts that are no more. */
  removed: readonly string[]
  /** Notes as they are from now on; null for one that goes. */
  notes: ReadonlyMap<string, string | null>
}

/** Changes alerts and notes in one transaction. */
export async function changeAlerts(db: D1Database, change: AlertChange): Promise<void> {
  const { saved, removed, notes } = change
  const kept = [...notes].filter(([, value]) => value !== null)
  const gone = [...notes].flatMap(([name, value]) => (value === null ? name : []))
  const alerts = saved.map(({ name, message, beganAt, notifiedAt }) => [
    name,
    message,
    beganAt,
    notifiedAt,
  ])
  const statements = [
    ...bindEach(
      db,
      alerts,
      `INSERT INTO alerts (name, message, beganAt, notifiedAt)
       SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?) WHERE true
       ON CONFLICT (name) DO UPDATE SET
         message = excluded.message, beganAt = excluded.beganAt, notifiedAt = excluded.notifiedAt`,
    ),
    ...bindEach(db, removed, 'DELETE FROM alerts WHERE name IN (SELECT value FROM json_each(?))'),
    ...bindEach(
      db,
      kept,
      `INSERT INTO key_values (name, value)
       SELECT value ->> 0, value ->> 1 FROM json_each(?) WHERE true
       ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    ),
    ...bindEach(db, gone, 'DELETE FROM key_values WHERE name IN (SELECT value FROM json_each(?))'),
  ]
  if (statements.length > 0) await db.batch(statements)
}

function bindEach(db: D1Database, rows: readonly unknown[], sql: string): D1PreparedStatement[] {
  return rows.length === 0 ? [] : [db.prepare(sql).bind(JSON.stringify(rows))]
}

/** How many things are not as they should be. */
export async function countAlerts(db: D1Database): Promise<number> {
  return (await db.prepare('SELECT count(*) AS alerts FROM alerts').first<number>('alerts')) ?? 0
}
