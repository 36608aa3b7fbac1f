import { HOUR_MS } from '../../event/clock.ts'
import { endOf } from '../kv.ts'

/** How often a rejected body has come in, this time included, and when it first did: UTC milliseconds. */
export type Repeats = { times: number; firstAt: number }

// Values of the key-value store: how often it came in, and when first and last.
const PREFIX = 'broken.'

// Yespo repeats a request at least once an hour. If someone tries by hand on another day, counting starts again.
const MAX_PAUSE_MS = 6 * HOUR_MS
const MAX_BODIES = 100

const PRUNE = `
  DELETE FROM key_values WHERE name >= ?1 AND name < ?2 AND (
    value ->> 2 < ?3 OR name NOT IN (
      SELECT name FROM key_values WHERE name >= ?1 AND name < ?2 ORDER BY value ->> 2 DESC LIMIT ${MAX_BODIES}
    )
  )`

const COUNT = `
  INSERT INTO key_values (name, value) VALUES (?1, json_array(1, ?2, ?2))
  ON CONFLICT (name) DO UPDATE
    SET value = json_array((key_values.value ->> 0) + 1, key_values.value ->> 1, excluded.value ->> 2)
  RETURNING value ->> 0 AS times, value ->> 1 AS firstAt`

/**
 * Counts a rejected body. Forgets bodies that have not come again for hours, or that many others have followed.
 *
 * @param digest of the body
 * @param now UTC milliseconds
 * @throws what D1 throws
 */
export async function countRepeat(db: D1Database, digest: string, now: number): Promise<Repeats> {
  const [, counted] = await db.batch<Repeats>([
    db.prepare(PRUNE).bind(PREFIX, endOf(PREFIX), now - MAX_PAUSE_MS),
    db.prepare(COUNT).bind(PREFIX + digest, now),
  ])
  return counted?.results[0] ?? { times: 1, firstAt: now }
}
