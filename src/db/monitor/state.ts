import { DAY_MS, MAX_AHEAD_MS } from '../../event/clock.ts'
import { readRecentEvents, selectRecentEvents, type RecentEvents } from './arrivals.ts'
import type { Period } from '../reports/totals.ts'

/** What is counted to tell the state; each up to a limit, see `MAX_COUNTED`. */
export type StateCounts = {
  /** Events that happened in the period. */
  recent: number
  /** Events of the last day that are dated further ahead than any time zone. */
  datedAhead: number
  /** Elements that are set aside. */
  quarantined: number
}

/** What tells at a glance whether events arrive. */
export type State = RecentEvents & StateCounts

/** Where counting ends: rows read are billed, too. */
export const MAX_COUNTED = { recent: 500, quarantined: 200, datedAhead: 100 } as const

/**
 * @param period in which events are counted; `until` is included, and now
 * @param known what need not be counted again
 */
export async function readState(
  db: D1Database,
  { since, until }: Period,
  known: Partial<StateCounts> = {},
): Promise<State> {
  const counting = {
    recent: db
      .prepare(
        `SELECT count(*) AS found
         FROM (SELECT 1 FROM activity WHERE occurredAt BETWEEN ? AND ? LIMIT ${MAX_COUNTED.recent})`,
      )
      .bind(since, until),
    quarantined: db.prepare(
      `SELECT count(*) AS found
       FROM (SELECT 1 FROM quarantine WHERE part = 0 LIMIT ${MAX_COUNTED.quarantined})`,
    ),
    datedAhead: db
      .prepare(
        `SELECT count(*) AS found
         FROM (SELECT receivedAt FROM activity WHERE occurredAt >= ? LIMIT ${MAX_COUNTED.datedAhead})
         WHERE receivedAt > ?`,
      )
      .bind(until + MAX_AHEAD_MS, until - DAY_MS),
  }
  const names = (['recent', 'quarantined', 'datedAhead'] as const).filter(
    (name) => known[name] === undefined,
  )
  const [noted, newest, ...counted] = await db.batch<Record<string, number | null>>([
    ...selectRecentEvents(db, until),
    ...names.map((name) => counting[name]),
  ])
  const found = Object.fromEntries(
    names.map((name, place) => [name, counted[place]?.results[0]?.['found'] ?? 0]),
  )
  const {
    recent = 0,
    quarantined = 0,
    datedAhead = 0,
  }: Partial<StateCounts> = { ...known, ...found }
  return {
    ...readRecentEvents(noted?.results ?? [], newest?.results ?? []),
    recent,
    quarantined,
    datedAhead,
  }
}
