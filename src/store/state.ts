import { LAST_STORED } from './deliveries.ts'
import type { Period } from './totals.ts'

/** What tells at a glance whether events arrive. */
export type State = {
  /** When a new event was stored last: UTC milliseconds; null where nothing is stored. */
  lastStoredAt: number | null
  /** When the newest of that had come in at the door; null where that is not known. */
  lastReceivedAt: number | null
  /** When the newest event happened; ahead of now where a time zone is set wrong. */
  newestAt: number | null
  /** Events that happened in the period, counted up to `MAX_RECENT`. */
  recent: number
  /** Elements that are set aside, counted up to `MAX_SET_ASIDE`. */
  setAside: number
}

/** Counting ends here: a page that is open asks four times a minute, and rows read are counted, too. */
export const MAX_RECENT = 500
export const MAX_SET_ASIDE = 200

/** @param period in which events are counted; `until` is included */
export async function readState(db: D1Database, { since, until }: Period): Promise<State> {
  const [stored, newest, recent, setAside] = await db.batch<Record<string, number | null>>([
    db.prepare(LAST_STORED),
    // Where a recount was the last to write, when the newest event came in.
    db.prepare(
      'SELECT receivedAt, occurredAt FROM activity ORDER BY occurredAt DESC, id DESC LIMIT 1',
    ),
    db
      .prepare(
        `SELECT count(*) AS events
         FROM (SELECT 1 FROM activity WHERE occurredAt BETWEEN ? AND ? LIMIT ${MAX_RECENT})`,
      )
      .bind(since, until),
    db.prepare(
      `SELECT count(*) AS elements FROM (SELECT 1 FROM quarantine WHERE part = 0 LIMIT ${MAX_SET_ASIDE})`,
    ),
  ])
  const newestReceivedAt = newest?.results[0]?.['receivedAt'] ?? null
  return {
    lastStoredAt: newestReceivedAt && (stored?.results[0]?.['lastStoredAt'] ?? newestReceivedAt),
    lastReceivedAt: stored?.results[0]?.['lastReceivedAt'] ?? newestReceivedAt,
    newestAt: newest?.results[0]?.['occurredAt'] ?? null,
    recent: recent?.results[0]?.['events'] ?? 0,
    setAside: setAside?.results[0]?.['elements'] ?? 0,
  }
}
