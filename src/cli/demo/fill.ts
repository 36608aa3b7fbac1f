import { join } from 'node:path'
import { foldEngagement } from '../../db/engagement/fold.ts'
import { advanceRollups } from '../../db/rollups/advance.ts'
import { watchAnomalies } from '../../monitoring/anomalies/watch.ts'
import { Budget } from '../../platform/budget.ts'
import { storeArrivals, type Arrival } from '../../simulator/shop/store.ts'
import { showCount } from '../progress.ts'

const STEP_MS = 20_000
const EVENTS_PER_STEP = 10_000

/**
 * Stores bodies in a local database, and does everything that the schedule would have done by now.
 *
 * @param folder where wrangler keeps the database, which has the receiver's tables
 * @param settings a file with the receiver's settings
 * @param now UTC milliseconds
 */
export async function fillDatabase(
  folder: string,
  settings: string,
  arrivals: readonly Arrival[],
  now: number,
): Promise<void> {
  process.env['WRANGLER_LOG'] = 'error' // it would name the file of settings
  const { getPlatformProxy } = await import('wrangler') // takes seconds
  const { env, dispose } = await getPlatformProxy<{ DB: D1Database }>({
    persist: { path: join(folder, 'v3') }, // as wrangler itself names it
    envFiles: [settings],
  })
  const total = arrivals.reduce((sum, { elements }) => sum + elements.length, 0)
  await storeArrivals(env.DB, arrivals, (count) => showCount('events', count, total))
  const budget = () => new Budget('paid', 'task', STEP_MS)
  for (let isDue = true; isDue;) {
    isDue = await advanceRollups(env.DB, budget(), EVENTS_PER_STEP, now)
  }
  for (let isDue = true; isDue;) isDue = await foldEngagement(env.DB, budget(), now)
  await watchAnomalies(env.DB, 'UTC', now)
  await dispose()
}
