import { log } from '../../log.ts'
import { withTimeLimit } from '../../time-limit.ts'

const TIME_LIMIT_MS = 1_000

/** Messages that wait in queues; null where a queue does not tell. */
export async function countWaiting(queues: readonly Queue[]): Promise<number | null> {
  try {
    const asking = Promise.all(queues.map((queue) => queue.metrics()))
    const metrics = await withTimeLimit('the queue', TIME_LIMIT_MS, asking)
    return metrics.reduce((sum, { backlogCount }) => sum + backlogCount, 0)
  } catch (error) {
    log('warn', 'backlog_unknown', { faults: [String(error).slice(0, 200)] })
    return null
  }
}
