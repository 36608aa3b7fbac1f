import { DAY_MS } from '../event/clock.ts'
import { finishBody, listUnfinished, pruneBodies } from '../db/write/large-bodies.ts'
import type { Budget } from '../platform/budget.ts'
import { advanceBody } from './advance-body.ts'
import type { Queues } from './enqueue.ts'

const STATEMENTS = 16 // of a step
const MAX_AGE_MS = 5 * DAY_MS // by then, no queue has another part

/**
 * Goes on with large bodies, whether or not a message asks for it; those that lack parts for good are quarantined.
 *
 * @throws what D1 throws; HttpError 503
 */
export async function resumeBodies(
  db: D1Database,
  queues: Queues,
  budget: Budget,
  now: number,
): Promise<void> {
  await pruneBodies(db, now)
  for (const { body, receivedAt, isComplete } of await listUnfinished(db)) {
    if (!isComplete) {
      if (receivedAt < now - MAX_AGE_MS)
        await finishBody(db, body, now, 'parts of the body are missing')
      continue
    }
    while (budget.take(STATEMENTS) && (await advanceBody(db, queues, body)));
  }
}
