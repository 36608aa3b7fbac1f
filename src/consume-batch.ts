import { isAboutBody } from './event/body-part.ts'
import { consume, type ConsumedBatch, type ConsumeDeps } from './ingest/consume.ts'
import { chooseQueues } from './ingest/enqueue.ts'
import { consumeOutages, isOutage } from './monitoring/alerts/outage.ts'
import { isTask } from './platform/tasks.ts'
import { operateSettings } from './settings/settings.ts'
import type { SyncDeps } from './sync/process-slice.ts'
import { isSlice } from './sync/slice.ts'

/**
 * Consumes a batch of any queue. The content of a message tells its kind, not its queue: wrangler.toml may name
 * queues as it likes, and one may carry several kinds.
 *
 * @param syncDeps for reading time slices from Yespo's API
 */
export async function consumeBatch(
  { queue, messages, metadata }: ConsumedBatch,
  env: Env,
  syncDeps?: SyncDeps,
): Promise<void> {
  const kinds = Map.groupBy(messages, ({ body }) => kindOf(body))
  const events = kinds.get('events')
  const bodies = kinds.get('bodies')
  const slices = kinds.get('slices')
  const tasks = kinds.get('tasks')
  const outages = kinds.get('outages')
  const { plan } = operateSettings(env)
  const deps = { db: env.DB, queues: chooseQueues(env, plan), plan }
  const work: Promise<void>[] = []
  if (events) work.push(consume({ queue, messages: events, metadata }, deps))
  if (bodies) work.push(takeBodies(bodies, deps))
  if (slices) work.push(readSlices(slices, env, syncDeps))
  if (tasks) work.push(runTasks(tasks, env))
  if (outages) work.push(consumeOutages(outages, env.DB))
  // If one kind fails, the others still finish, so that their messages need not come again.
  for (const outcome of await Promise.allSettled(work)) {
    if (outcome.status === 'rejected') throw outcome.reason
  }
}

async function takeBodies(messages: readonly Message<unknown>[], deps: ConsumeDeps): Promise<void> {
  const { consumeBodies } = await import('./ingest/consume-bodies.ts')
  await consumeBodies(messages, deps)
}

/** Loads what only the sync needs. */
async function readSlices(
  messages: readonly Message<unknown>[],
  env: Env,
  deps?: SyncDeps,
): Promise<void> {
  const { consumeSlices } = await import('./sync/consume-slices.ts')
  await consumeSlices({ messages }, env, deps)
}

async function runTasks(messages: readonly Message<unknown>[], env: Env): Promise<void> {
  const { consumeTasks } = await import('./schedule.ts')
  await consumeTasks(messages, env)
}

function kindOf(body: unknown): 'events' | 'bodies' | 'slices' | 'tasks' | 'outages' {
  if (isAboutBody(body)) return 'bodies'
  if (isSlice(body)) return 'slices'
  if (isTask(body)) return 'tasks'
  return isOutage(body) ? 'outages' : 'events'
}
