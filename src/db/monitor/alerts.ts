import type { Phrase } from '../../language/messages.ts'
import { bindList, runAll } from '../statements.ts'

/** A problem of the receiver. Times in UTC milliseconds. */
export type Alert = {
  name: string
  message: readonly Phrase[]
  beganAt: number
  /** When the operator was last notified; null if that failed so far. */
  notifiedAt: number | null
}

/** All problems, oldest first. */
export const LIST_ALERTS =
  'SELECT name, message, beganAt, notifiedAt FROM alerts ORDER BY beganAt, name'

/** An alert as it is stored. */
export type AlertRow = Omit<Alert, 'message'> & { message: string }

export function toAlert({ message, ...alert }: AlertRow): Alert {
  // One reasoned cast: `changeAlerts` wrote it.
  return { ...alert, message: JSON.parse(message) as Phrase[] }
}

/** The changes of a check, all or nothing. */
export type AlertChange = {
  /** New and changed alerts. */
  saved: readonly Alert[]
  /** Names of alerts that ended. */
  removed: readonly string[]
  /** Values of the key-value store; null deletes one. */
  values: ReadonlyMap<string, string | null>
}

/** The key of an alert's memory for its next check, in the key-value store. */
export function memoryKey(name: string): string {
  return `alert.${name}`
}

/** Changes alerts and values in one transaction. */
export async function changeAlerts(db: D1Database, change: AlertChange): Promise<void> {
  const { saved, removed, values } = change
  const kept = [...values].filter(([, value]) => value !== null)
  const gone = [...values].flatMap(([name, value]) => (value === null ? name : []))
  const alerts = saved.map(({ name, message, beganAt, notifiedAt }) => [
    name,
    JSON.stringify(message),
    beganAt,
    notifiedAt,
  ])
  await runAll(db, [
    ...bindList(
      db,
      `INSERT INTO alerts (name, message, beganAt, notifiedAt)
       SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?) WHERE true
       ON CONFLICT (name) DO UPDATE SET
         message = excluded.message, beganAt = excluded.beganAt, notifiedAt = excluded.notifiedAt`,
      alerts,
    ),
    ...bindList(db, 'DELETE FROM alerts WHERE name IN (SELECT value FROM json_each(?))', removed),
    ...bindList(
      db,
      `INSERT INTO key_values (name, value)
       SELECT value ->> 0, value ->> 1 FROM json_each(?) WHERE true
       ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
      kept,
    ),
    ...bindList(db, 'DELETE FROM key_values WHERE name IN (SELECT value FROM json_each(?))', gone),
  ])
}

/** The number of problems. */
export async function countAlerts(db: D1Database): Promise<number> {
  return (await db.prepare('SELECT count(*) AS alerts FROM alerts').first<number>('alerts')) ?? 0
}
