import { DAY_MS, MAX_AHEAD_MS } from '../activity/clock.ts'
import { readArrivals, selectArrivals, type Arrivals } from './arrivals.ts'
import type { Period } from './totals.ts'

/** What tells at a glance whether events arrive. */
export type State = Arrivals & {
  /** Events that happened in the period, counted up to `MAX_RECENT`. */
  recent: number
  /** Events of the last day that are dated further ahead than any time zone, counted up to `MAX_DATED_AHEAD`. */
  datedAhead: number
  /** Elements that are set aside, counted up to `MAX_SET_ASIDE`. */
  setAside: number
}

/** Counting ends here: a page that is open asks four times a minute, and rows read are counted, too. */
export const MAX_RECENT = 500
export const MAX_SET_ASIDE = 200
export const MAX_DATED_AHEAD = 100

/** @param period in which events are counted; `until` is included, and now */
export async function readState(db: D1Database, { since, until }: Period): Promise<State> {
  const [noted, newest, recent, setAside, datedAhead] = await db.batch<
    Record<string, number | null>
  >([
    ...selectArrivals(db, until),
    db
      .prepare(
        `SELECT count(*) AS events
         FROM (SELECT 1 FROM activity WHERE occurredAt BETWEEN ? AND ? LIMIT ${MAX_RECENT})`,
      )
      .bind(since, until),
    db.prepare(
      `SELECT count(*) AS elements FROM (SELECT 1 FROM quarantine WHERE part = 0 LIMIT ${MAX_SET_ASIDE})`,
    ),
    db
      .prepare(
        `SELECT count(*) AS events
         FROM (SELECT receivedAt FROM activity WHERE occurredAt >= ? LIMIT ${MAX_DATED_AHEAD})
         WHERE receivedAt > ?`,
      )
      .bind(until + MAX_AHEAD_MS, until - DAY_MS),
  ])
  return {
    ...readArrivals(noted?.results ?? [], newest?.results ?? []),
    recent: recent?.results[0]?.['events'] ?? 0,
    setAside: setAside?.results[0]?.['elements'] ?? 0,
    datedAhead: datedAhead?.results[0]?.['events'] ?? 0,
  }
}
