import { consumeOutages, isOutage } from './monitoring/alerts/outage.ts'
import { consumeSlices } from './sync/consume-slices.ts'
import type { SyncDeps } from './sync/process-slice.ts'
import { isSlice } from './sync/slice.ts'
import { consume } from './ingest/consume.ts'

type Kind = 'events' | 'windows' | 'outages'

/**
 * Consumes a batch of any queue. A message is told by its content, not by its queue: queues go by whatever
 * names wrangler.toml gives them, and one may carry several kinds.
 *
 * @param around what windows are read with
 */
export async function consumeBatch(
  { queue, messages }: MessageBatch<unknown>,
  env: Env,
  around?: SyncDeps,
): Promise<void> {
  const kinds = Map.groupBy(messages, ({ body }) => kindOf(body))
  const [events, windows, outages] = [
    kinds.get('events'),
    kinds.get('windows'),
    kinds.get('outages'),
  ]
  const work: Promise<void>[] = []
  if (events) {
    work.push(consume({ queue, messages: events }, { db: env.DB, queue: env.ACTIVITY_QUEUE }))
  }
  if (windows) work.push(consumeSlices({ messages: windows }, env, around))
  if (outages) work.push(consumeOutages(outages, env.DB))
  // If one kind fails, the others are still finished, so that their messages do not come again for nothing.
  for (const outcome of await Promise.allSettled(work)) {
    if (outcome.status === 'rejected') throw outcome.reason
  }
}

function kindOf(body: unknown): Kind {
  return isSlice(body) ? 'windows' : isOutage(body) ? 'outages' : 'events'
}
