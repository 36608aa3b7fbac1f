import { HOUR_MS } from '../../event/clock.ts'

/** How often a body came in that was refused, this time included, and when first: UTC milliseconds. */
export type Repeats = { times: number; firstAt: number }

// Notes, whose values are times, first and last.
const PREFIX = 'broken.'
const AFTER_PREFIX = PREFIX.replace(/.$/, '/') // the character after the dot

// Yespo repeats a request at least once an hour. Whoever tries by hand begins anew on another day.
const MAX_PAUSE_MS = 6 * HOUR_MS
const MAX_BODIES = 100

const ERASE_PATH = `
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
 * Counts that a body came in which was refused. Those are forgotten that did not come again for hours, or
 * after which many others came.
 *
 * @param digest by what it is known again
 * @param now UTC milliseconds
 * @throws what D1 throws
 */
export async function countRepeat(db: D1Database, digest: string, now: number): Promise<Repeats> {
  const [, counted] = await db.batch<Repeats>([
    db.prepare(ERASE_PATH).bind(PREFIX, AFTER_PREFIX, now - MAX_PAUSE_MS),
    db.prepare(COUNT).bind(PREFIX + digest, now),
  ])
  return counted?.results[0] ?? { times: 1, firstAt: now }
}
