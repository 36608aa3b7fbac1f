import { HOUR_MS, QUARTER_MS } from '../activity/clock.ts'
import { inPeriod, MAX_TOTALS, type Period } from './totals.ts'

/** Fewer quarters of an hour with events say nothing of what is usual. */
const MIN_QUARTERS = 20

/**
 * How long nothing happens in a period from time to time: its second longest silence, as the longest
 * may be an outage of its own. Milliseconds; null where too little happened to tell.
 */
export async function findUsualSilence(db: D1Database, period: Period): Promise<number | null> {
  const { results } = await db
    .prepare(
      `SELECT hour, sum(events0) AS events0, sum(events1) AS events1, sum(events2) AS events2, sum(events3) AS events3
       FROM (
         SELECT totals.* FROM campaigns CROSS JOIN totals ON ${inPeriod(period)}
         WHERE hardBounce = -1 ORDER BY campaigns.campaign DESC LIMIT ${MAX_TOTALS}
       )
       GROUP BY hour ORDER BY hour`,
    )
    .all<Record<string, number>>()
  const busy = results.flatMap((row) =>
    [0, 1, 2, 3].flatMap((quarter) =>
      row[`events${quarter}`] ? [(row['hour'] ?? 0) + quarter * QUARTER_MS] : [],
    ),
  )
  if (busy.length < MIN_QUARTERS) return null
  const silences = busy.slice(1).map((time, place) => time - (busy[place] ?? time) - QUARTER_MS)
  const [, second = 0] = silences.sort((a, b) => b - a)
  return Math.max(second, HOUR_MS)
}
