import { env } from 'cloudflare:workers'
import { advanceRollups } from '../src/db/rollups/advance.ts'
import { DAY_MS } from '../src/event/clock.ts'
import { Budget } from '../src/platform/budget.ts'

const MAX_STEPS = 500

/** Rolls up all hours that are over. @param now UTC milliseconds; by default late enough for stale hours, too */
export async function rollUpAll(now = Date.now() + DAY_MS, maxEvents = 10_000): Promise<void> {
  for (let step = 0; step < MAX_STEPS; step++) {
    const budget = new Budget('paid', 'task', 20_000)
    if (!(await advanceRollups(env.DB, budget, maxEvents, now))) return
  }
  throw new Error('The rollups never end.')
}
