import { HOUR_MS } from '../../event/clock.ts'
import { floorTo } from '../columns.ts'
import type { Position } from '../stored-activity.ts'

const GIVEN = '(SELECT value ->> 0, unhex(value ->> 1) FROM json_each(?1))'

const LOCK_TOTALS = `
  INSERT INTO frozen_hours (hour)
  SELECT DISTINCT ${floorTo('(value ->> 0)', HOUR_MS)} FROM json_each(?1) WHERE true
  ON CONFLICT (hour) DO NOTHING`

/** Has the totals of some events' hours stay as they are, whatever is taken out: a rebuild leaves them. */
export function lockTotals(db: D1Database, keys: readonly Position[]): D1PreparedStatement {
  return bindKeys(db, LOCK_TOTALS, keys)
}

/** Deletes events, and nothing of what they came to. Whether any was late is for `deleteLate`. */
export function deleteEvents(db: D1Database, keys: readonly Position[]): D1PreparedStatement {
  return bindKeys(db, `DELETE FROM activity WHERE (occurredAt, id) IN ${GIVEN}`, keys)
}

/** Ends the waiting of events that came in late. */
export function deleteLate(db: D1Database, keys: readonly Position[]): D1PreparedStatement {
  return bindKeys(db, `DELETE FROM late_arrivals WHERE (occurredAt, id) IN ${GIVEN}`, keys)
}

/** Deletes the names of contacts of whom nothing will be left but these events. */
export function deleteLastIdentifiers(
  db: D1Database,
  keys: readonly Position[],
): D1PreparedStatement {
  const sql = `
    DELETE FROM contact_identifiers WHERE contactId IN (
      SELECT contactId FROM (
        SELECT DISTINCT contactId FROM json_each(?1) AS given
        CROSS JOIN activity
          ON activity.occurredAt = given.value ->> 0 AND activity.id = unhex(given.value ->> 1)
        WHERE contactId IS NOT NULL
      ) AS gone
      WHERE NOT EXISTS (
        SELECT 1 FROM activity INDEXED BY activity_by_contact
        WHERE activity.contactId = gone.contactId AND (activity.occurredAt, activity.id) NOT IN ${GIVEN}
      )
    )`
  return bindKeys(db, sql, keys)
}

function bindKeys(db: D1Database, sql: string, keys: readonly Position[]): D1PreparedStatement {
  return db.prepare(sql).bind(JSON.stringify(keys.map(({ occurredAt, id }) => [occurredAt, id])))
}
