import { HOUR_MS } from '../../event/clock.ts'
import { floorTo } from '../columns.ts'
import { encodeKeys, type EventKey } from '../stored-event.ts'

const KEYS = '(SELECT value ->> 0, unhex(value ->> 1) FROM json_each(?1))'

const LOCK_TOTALS = `
  INSERT INTO frozen_hours (hour)
  SELECT DISTINCT ${floorTo('(value ->> 0)', HOUR_MS)} FROM json_each(?1) WHERE true
  ON CONFLICT (hour) DO NOTHING`

/** Locks the totals of the hours of deleted events: a rebuild keeps them. */
export function lockTotals(db: D1Database, keys: readonly EventKey[]): D1PreparedStatement {
  return bindKeys(db, LOCK_TOTALS, keys)
}

/** Deletes events, but not their share of derived tables. For late arrivals, see `deleteLate`. */
export function deleteEvents(db: D1Database, keys: readonly EventKey[]): D1PreparedStatement {
  return bindKeys(db, `DELETE FROM activity WHERE (occurredAt, id) IN ${KEYS}`, keys)
}

/** Deletes entries for late arrivals: from then on they count like any other event. */
export function deleteLate(db: D1Database, keys: readonly EventKey[]): D1PreparedStatement {
  return bindKeys(db, `DELETE FROM late_arrivals WHERE (occurredAt, id) IN ${KEYS}`, keys)
}

function bindKeys(db: D1Database, sql: string, keys: readonly EventKey[]): D1PreparedStatement {
  return db.prepare(sql).bind(encodeKeys(keys))
}
