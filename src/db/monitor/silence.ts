import { HOUR_MS, QUARTER_MS } from '../../event/clock.ts'
import { countEvents } from '../reports/event-series.ts'
import type { Period } from '../reports/totals.ts'

/** Fewer quarters of an hour with events say nothing of what is usual. */
const MIN_QUARTERS = 20

/**
 * How long nothing happens in a period from time to time: its second longest silence, as the longest
 * may be an outage of its own. Milliseconds; null where too little happened to tell.
 */
export async function findNormalSilence(db: D1Database, period: Period): Promise<number | null> {
  const { counts } = await countEvents(db, {}, [{ ...period, offset: 0 }], QUARTER_MS)
  const busy = [...new Set(counts.map(({ bucket }) => bucket))].sort((a, b) => a - b)
  if (busy.length < MIN_QUARTERS) return null
  const silences = busy
    .slice(1)
    .map((quarter, place) => (quarter - (busy[place] ?? quarter) - 1) * QUARTER_MS)
  const [, second = 0] = silences.sort((a, b) => b - a)
  return Math.max(second, HOUR_MS)
}
