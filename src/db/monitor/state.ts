import { DAY_MS, MAX_AHEAD_MS } from '../../event/clock.ts'
import { readRecentEvents, selectRecentEvents, type RecentEvents } from './recent-events.ts'
import type { Period } from '../reports/totals.ts'

/** The counts of the state; each up to a limit, see `MAX_COUNTED`. */
export type StateCounts = {
  /** Events of the period. */
  recent: number
  /** Events of the last day that are dated further ahead than any time zone explains. */
  datedAhead: number
  /** Quarantined items. */
  quarantined: number
}

/** Whether events arrive, at a glance. */
export type State = RecentEvents & StateCounts

/** Limits of the counts: rows read are billed, too. */
export const MAX_COUNTED = { recent: 500, quarantined: 200, datedAhead: 100 } as const

/**
 * @param period the period in which events are counted; `until` is included, and is now
 * @param known counts that need not be made again
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
  const [recorded, newest, ...counted] = await db.batch<Record<string, number | null>>([
    ...selectRecentEvents(db, until),
    ...names.map((name) => counting[name]),
  ])
  const found = Object.fromEntries(
    names.map((name, index) => [name, counted[index]?.results[0]?.['found'] ?? 0]),
  )
  const {
    recent = 0,
    quarantined = 0,
    datedAhead = 0,
  }: Partial<StateCounts> = { ...known, ...found }
  return {
    ...readRecentEvents(recorded?.results ?? [], newest?.results ?? []),
    recent,
    quarantined,
    datedAhead,
  }
}
