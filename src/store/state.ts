import { ARRIVALS, readArrivals, type Arrivals } from './arrivals.ts'
import type { Period } from './totals.ts'

/** What tells at a glance whether events arrive. */
export type State = Arrivals & {
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
  const [stamps, newest, recent, setAside] = await db.batch<Record<string, number | null>>([
    ...ARRIVALS.map((sql) => db.prepare(sql)),
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
  return {
    ...readArrivals(stamps?.results ?? [], newest?.results ?? []),
    recent: recent?.results[0]?.['events'] ?? 0,
    setAside: setAside?.results[0]?.['elements'] ?? 0,
  }
}
