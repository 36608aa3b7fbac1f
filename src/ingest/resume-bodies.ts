import { DAY_MS } from '../event/clock.ts'
import { finishBody, listStalled, pruneBodies } from '../db/write/large-bodies.ts'
import type { Budget } from '../platform/budget.ts'
import { advanceBody } from './advance-body.ts'
import type { Queues } from './enqueue.ts'

const STATEMENTS = 16 // of a step
const PARTS_MISSING = 'parts of the body are missing'
const MAX_AGE_MS = 5 * DAY_MS // by then, no queue has another part

/**
 * Goes on with large bodies whose message was lost; those that lack parts for good are quarantined.
 *
 * @returns whether a body advanced
 * @throws what D1 throws; HttpError 503
 */
export async function resumeBodies(
  db: D1Database,
  queues: Queues,
  budget: Budget,
  now: number,
): Promise<boolean> {
  await pruneBodies(db, now)
  let progressed = false
  for (const { body, receivedAt, isComplete } of await listStalled(db, now)) {
    // Finished long ago, it is forgotten by the next run: if it is sent again, it is taken as a new one.
    if (!isComplete && receivedAt < now - MAX_AGE_MS) await finishBody(db, body, 0, PARTS_MISSING)
    while (isComplete && budget.take(STATEMENTS)) {
      progressed = true
      if (!(await advanceBody(db, queues, body))) break
    }
  }
  return progressed
}
