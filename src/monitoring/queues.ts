import { errorText, log } from '../platform/log.ts'
import { withTimeout } from '../platform/timeout.ts'

const TIME_LIMIT_MS = 1_000

/** What waits in a queue; `oldestAt` in UTC milliseconds, null where nothing waits or nobody knows. */
export type Backlog = { waiting: number; oldestAt: number | null }

/** What waits in a queue; null where it does not tell right now. */
export async function readBacklog(queue: Queue): Promise<Backlog | null> {
  try {
    const metrics = await withTimeout('the queue', TIME_LIMIT_MS, queue.metrics())
    const oldestAt = metrics.oldestMessageTimestamp?.getTime() ?? 0
    const waiting = metrics.backlogCount
    return { waiting, oldestAt: waiting > 0 && oldestAt > 0 ? oldestAt : null }
  } catch (error) {
    log('warn', 'backlog_unknown', { errors: [errorText(error)] })
    return null
  }
}
