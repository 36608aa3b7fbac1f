import { consumeOutages, isOutage } from './operate/alerts/outage.ts'
import { consumeWindows } from './pull/consume-windows.ts'
import type { Surroundings } from './pull/take-on.ts'
import { isWindow } from './pull/window.ts'
import { consume } from './store/consume.ts'

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
  around?: Surroundings,
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
  if (windows) work.push(consumeWindows({ messages: windows }, env, around))
  if (outages) work.push(consumeOutages(outages, env.DB))
  // If one kind fails, the others are still finished, so that their messages do not come again for nothing.
  for (const outcome of await Promise.allSettled(work)) {
    if (outcome.status === 'rejected') throw outcome.reason
  }
}

function kindOf(body: unknown): Kind {
  return isWindow(body) ? 'windows' : isOutage(body) ? 'outages' : 'events'
}
