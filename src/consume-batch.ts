import { consumeWindows } from './pull/consume-windows.ts'
import type { Surroundings } from './pull/take-on.ts'
import { isWindow } from './pull/window.ts'
import { consume } from './store/consume.ts'

/**
 * Consumes a batch of any queue. A message is told by its content, not by its queue: queues go by whatever
 * names wrangler.toml gives them, and one may carry both kinds.
 *
 * @param around what windows are read with
 */
export async function consumeBatch(
  { queue, messages }: MessageBatch<unknown>,
  env: Env,
  around?: Surroundings,
): Promise<void> {
  const windows = messages.filter(({ body }) => isWindow(body))
  const events = windows.length > 0 ? messages.filter(({ body }) => !isWindow(body)) : messages
  const work: Promise<void>[] = []
  if (events.length > 0) {
    work.push(consume({ queue, messages: events }, { db: env.DB, queue: env.ACTIVITY_QUEUE }))
  }
  if (windows.length > 0) work.push(consumeWindows({ messages: windows }, env, around))
  // If one kind fails, the other is still finished, so that its messages do not come again for nothing.
  for (const outcome of await Promise.allSettled(work)) {
    if (outcome.status === 'rejected') throw outcome.reason
  }
}
