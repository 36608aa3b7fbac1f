import { readBacklog } from '../monitoring/queues.ts'

/** Messages that wait in queues; null where a queue does not tell. */
export async function countWaiting(queues: readonly Queue[]): Promise<number | null> {
  const backlogs = await Promise.all(queues.map(readBacklog))
  return backlogs.reduce<number | null>(
    (sum, backlog) => (sum === null || backlog === null ? null : sum + backlog.waiting),
    0,
  )
}
