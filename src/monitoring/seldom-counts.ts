import { MINUTE_MS } from '../event/clock.ts'
import { readCounts, type Counts } from '../db/monitor/health.ts'
import type { Counting } from './snapshot.ts'

/** What reads fewer rows is as cheap as the rest of a look, and is counted each time. */
const CHEAP_ROWS = 100

/** For each row that counting read. The free plan has five million a day, 58 a second. */
const KEPT_MS_PER_ROW = 100

/** Of each isolate: who looks into another may see other counts. */
const kept = new WeakMap<Env, { counts: Counts; from: number; until: number }>()

/**
 * Counts anew where that is cheap, and else once a minute, or more seldom where there is very much: a
 * monitor that asks every few seconds would use up the rows that a plan may read.
 */
export const countSeldom: Counting = async (env, expiringBy, now) => {
  const known = kept.get(env)
  if (known && now >= known.from && now < known.until) return known.counts
  const counts = await readCounts(env.DB, expiringBy)
  const { rowsRead } = counts
  const keptMs = rowsRead < CHEAP_ROWS ? 0 : Math.max(MINUTE_MS, rowsRead * KEPT_MS_PER_ROW)
  kept.set(env, { counts, from: now, until: now + keptMs })
  return counts
}
