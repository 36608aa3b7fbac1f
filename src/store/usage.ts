import { DAY_MS, MINUTE_MS } from '../activity/clock.ts'
import { withTimeLimit } from '../time-limit.ts'

/** What one day (UTC) cost: rows written, and how large the database was at the last look. */
export type DayUsage = { day: number; rowsWritten: number; databaseBytes: number }

const KEPT_DAYS = 400
const FLUSH_LIMIT_MS = 2_000 // the queue learns what is acknowledged once this is over

const ADD = `
  INSERT INTO usage (day, rowsWritten, databaseBytes) VALUES (?, ?, ?)
  ON CONFLICT (day) DO UPDATE SET
    rowsWritten = rowsWritten + excluded.rowsWritten, databaseBytes = excluded.databaseBytes`

/** Adds up rows written in memory, and writes them down at most once a minute. */
export class UsageMeter {
  #rows = 0
  #flushedAt = -Infinity

  /** See `noteRowsWritten`. */
  async note(db: D1Database, rows: number, now: number): Promise<string | undefined> {
    this.#rows += rows
    if (this.#rows === 0 || now - this.#flushedAt < MINUTE_MS) return undefined
    const flushed = this.#rows
    this.#rows = 0
    this.#flushedAt = now
    try {
      await withTimeLimit('the usage', FLUSH_LIMIT_MS, flush(db, flushed, now))
      return undefined
    } catch (error) {
      // Where it did get through they count twice: rather too many than too few.
      this.#rows += flushed
      return String(error).slice(0, 200)
    }
  }
}

const meter = new UsageMeter()

/**
 * Counts rows written towards the day. They are written down with the first call of an isolate and from
 * then on once a minute at the most; the row which that writes counts, too. Never throws: what could
 * not be written down is added to the next.
 *
 * @param now UTC milliseconds
 * @returns the fault, where it could not be written down
 */
export function noteRowsWritten(
  db: D1Database,
  rows: number,
  now: number,
): Promise<string | undefined> {
  return meter.note(db, rows, now)
}

async function flush(db: D1Database, rows: number, now: number): Promise<void> {
  const today = startOfDay(now)
  const latest = await db.prepare('SELECT max(day) AS day FROM usage').all<{ day: number | null }>()
  await db
    .prepare(ADD)
    .bind(today, rows + 1, latest.meta.size_after)
    .run()
  if (latest.results[0]?.day === today) return
  await db
    .prepare('DELETE FROM usage WHERE day < ?')
    .bind(today - KEPT_DAYS * DAY_MS)
    .run()
}

/** The beginning of the day (UTC) that a moment is in: that is when the free plan's day begins. */
export function startOfDay(time: number): number {
  return Math.floor(time / DAY_MS) * DAY_MS
}
