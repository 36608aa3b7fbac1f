import { consumeOutages, isOutage } from './monitoring/alerts/outage.ts'
import type { SyncDeps } from './sync/process-slice.ts'
import { isSlice } from './sync/slice.ts'
import { isTask } from './platform/tasks.ts'
import { consumeTasks } from './schedule.ts'
import { consume } from './ingest/consume.ts'

/**
 * Consumes a batch of any queue. The content of a message tells its kind, not its queue: wrangler.toml may name
 * queues as it likes, and one may carry several kinds.
 *
 * @param deps for reading time slices from Yespo's API
 */
export async function consumeBatch(
  { queue, messages }: MessageBatch<unknown>,
  env: Env,
  deps?: SyncDeps,
): Promise<void> {
  const kinds = Map.groupBy(messages, ({ body }) => kindOf(body))
  const events = kinds.get('events')
  const slices = kinds.get('slices')
  const tasks = kinds.get('tasks')
  const outages = kinds.get('outages')
  const work: Promise<void>[] = []
  if (events) {
    work.push(consume({ queue, messages: events }, { db: env.DB, queue: env.ACTIVITY_QUEUE }))
  }
  if (slices) work.push(readSlices(slices, env, deps))
  if (outages) work.push(consumeOutages(outages, env.DB))
  // If one kind fails, the others still finish, so that their messages need not come again.
  for (const outcome of await Promise.allSettled(work)) {
    if (outcome.status === 'rejected') throw outcome.reason
  }
}

/** Loads what only the sync needs, such as Temporal. */
async function readSlices(
  messages: readonly Message<unknown>[],
  env: Env,
  deps?: SyncDeps,
): Promise<void> {
  const { consumeSlices } = await import('./sync/consume-slices.ts')
  await consumeSlices({ messages }, env, deps)
}

function kindOf(body: unknown): 'events' | 'slices' | 'outages' {
  return isSlice(body) ? 'slices' : isOutage(body) ? 'outages' : 'events'
}
