import { HOUR_MS } from '../../event/clock.ts'
import { ROLLED_UP_KEY } from '../keys.ts'
import { MAX_TIME } from '../stored-event.ts'
import type { PulseRow } from './pulse.ts'

/** A part of the pulse of an hour. */
export type HourPulse = {
  /** The beginning of the hour: UTC milliseconds. */
  hour: number
  rows: readonly PulseRow[]
}

/**
 * The pulse of the hours of a period; hours without events have none.
 *
 * @param since,until UTC milliseconds, at an hour
 */
export async function readPulse(
  db: D1Database,
  { since, until }: { since: number; until: number },
): Promise<HourPulse[]> {
  const { results } = await db
    .prepare(
      `SELECT hour, counts FROM rollups WHERE kind = 'pulse' AND hour >= ? AND hour < ? ORDER BY hour`,
    )
    .bind(since, until)
    .all<{ hour: number; counts: string }>()
  // One reasoned cast: `storeRollup` wrote it.
  return results.map(({ hour, counts }) => ({ hour, rows: JSON.parse(counts) as PulseRow[] }))
}

/** So long an hour that is not rolled up delays those after it. */
const WAIT_MS = 6 * HOUR_MS

/**
 * The end of the last hour that is rolled up, as are those before it, in SQL; binds ?1, the time now. An hour that waits
 * to be rolled up again counts as it was.
 */
export const ROLLED_UP_UNTIL = `min(
  (SELECT CAST(value AS INTEGER) FROM key_values WHERE name = '${ROLLED_UP_KEY}'),
  coalesce((
    SELECT min(hour) FROM rollup_hours
    WHERE state <> 'done' AND state <> 'stale' AND hour >= ?1 - ${WAIT_MS}
  ), ${MAX_TIME})
)`

/** @returns UTC milliseconds; null before the first */
export async function findRolledUp(db: D1Database, now: number): Promise<number | null> {
  const row = await db
    .prepare(`SELECT ${ROLLED_UP_UNTIL} AS until`)
    .bind(now)
    .first<{ until: number | null }>()
  return row?.until ?? null
}
