import { HOUR_MS, QUARTER_MS } from '../../event/clock.ts'
import { countEvents } from '../reports/event-series.ts'
import type { Period } from '../reports/totals.ts'

/** Quarters of an hour with events: fewer do not show what is normal. */
const MIN_QUARTERS = 20

/**
 * The longest normal silence in a period: its second longest, as the longest may be an outage. Milliseconds; null if
 * there were too few events to tell.
 */
export async function findNormalSilence(db: D1Database, period: Period): Promise<number | null> {
  const { counts } = await countEvents(db, {}, [{ ...period, offset: 0 }], QUARTER_MS)
  const busy = [...new Set(counts.map(({ bucket }) => bucket))].sort((a, b) => a - b)
  if (busy.length < MIN_QUARTERS) return null
  const silences = busy
    .slice(1)
    .map((quarter, index) => (quarter - (busy[index] ?? quarter) - 1) * QUARTER_MS)
  const [, second = 0] = silences.sort((a, b) => b - a)
  return Math.max(second, HOUR_MS)
}
