import { MINUTE_MS } from '../event/clock.ts'
import { readCounts, type Counts } from '../db/monitor/health.ts'
import type { Counting } from './snapshot.ts'

/** Counts that read fewer rows are as cheap as the rest of a snapshot, and are made each time. */
const CHEAP_ROWS = 100

/**
 * How long counts are reused, in milliseconds for each row that was read. The free plan has five million a day, 58 a
 * second.
 */
const KEPT_MS_PER_ROW = 100

/** Each isolate has its own: another may show other counts. */
const kept = new WeakMap<Env, { counts: Counts; from: number; until: number }>()

/**
 * Counts each time if that is cheap, and otherwise once a minute, or less often if there is a great deal to count:
 * otherwise a monitor that asks every few seconds would use up the daily quota of rows.
 */
export const countSeldom: Counting = async (env, expiringBy, now) => {
  const cached = kept.get(env)
  if (cached && now >= cached.from && now < cached.until) return cached.counts
  const counts = await readCounts(env.DB, expiringBy)
  const { rowsRead } = counts
  const keptMs = rowsRead < CHEAP_ROWS ? 0 : Math.max(MINUTE_MS, rowsRead * KEPT_MS_PER_ROW)
  kept.set(env, { counts, from: now, until: now + keptMs })
  return counts
}
