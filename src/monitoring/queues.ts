import { errorText, log } from '../platform/log.ts'
import { withTimeout } from '../platform/timeout.ts'

const TIME_LIMIT_MS = 1_000

/** The messages that wait in a queue; `oldestAt` in UTC milliseconds, null if none wait or it is unknown. */
export type Backlog = { waiting: number; oldestAt: number | null }

/** Reads the backlog of a queue; null if the queue does not report it. */
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
