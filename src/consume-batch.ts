import { consumeOutages, isOutage } from './monitoring/alerts/outage.ts'
import { consumeSlices } from './sync/consume-slices.ts'
import type { SyncDeps } from './sync/process-slice.ts'
import { isSlice } from './sync/slice.ts'
import { consume } from './ingest/consume.ts'
import { consumeBodies, isAboutBody } from './ingest/consume-bodies.ts'
import { chooseQueues } from './ingest/enqueue.ts'
import { operateSettings } from './settings/settings.ts'

/**
 * Consumes a batch of any queue. The content of a message tells its kind, not its queue: wrangler.toml may name
 * queues as it likes, and one may carry several kinds.
 *
 * @param syncDeps for reading time slices from Yespo's API
 */
export async function consumeBatch(
  { queue, messages }: MessageBatch<unknown>,
  env: Env,
  syncDeps?: SyncDeps,
): Promise<void> {
  const kinds = Map.groupBy(messages, ({ body }) => kindOf(body))
  const events = kinds.get('events')
  const slices = kinds.get('slices')
  const outages = kinds.get('outages')
  const bodies = messages.filter((message): message is Message<string> => isAboutBody(message.body))
  const { plan } = operateSettings(env)
  const deps = { db: env.DB, queues: chooseQueues(env, plan), plan }
  const work: Promise<void>[] = []
  if (events) work.push(consume({ queue, messages: events }, deps))
  if (bodies.length > 0) work.push(consumeBodies(bodies, deps))
  if (slices) work.push(consumeSlices({ messages: slices }, env, syncDeps))
  if (outages) work.push(consumeOutages(outages, env.DB))
  // If one kind fails, the others still finish, so that their messages need not come again.
  for (const outcome of await Promise.allSettled(work)) {
    if (outcome.status === 'rejected') throw outcome.reason
  }
}

function kindOf(body: unknown): 'events' | 'bodies' | 'slices' | 'outages' {
  if (isAboutBody(body)) return 'bodies'
  return isSlice(body) ? 'slices' : isOutage(body) ? 'outages' : 'events'
}
