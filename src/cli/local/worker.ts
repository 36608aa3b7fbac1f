import { createLocalQueue, deleteLocalMessages } from '../../db/local-queue.ts'
import receiver from '../../index.ts'
import { OpenedBatch } from './opened-batch.ts'
import { sendStored, StoredQueue } from './stored-queue.ts'

const handlers: Required<Pick<ExportedHandler<Env>, 'fetch' | 'queue' | 'scheduled'>> = receiver
const storedEnvs = new WeakMap<Env, Env>()
let isPrepared = false

/**
 * The receiver as `npm start` runs it. The local queue is in memory, so a message is stored on disk before it is sent
 * and deleted when it is acknowledged; whatever is still stored at the start is sent again.
 */
export default {
  async fetch(request, env, context) {
    await prepare(env)
    return handlers.fetch(request, withStoredQueues(env), context)
  },
  async scheduled(controller, env, context) {
    await prepare(env)
    await handlers.scheduled(controller, withStoredQueues(env), context)
  },
  async queue(batch, env, context) {
    const opened = new OpenedBatch(batch)
    await handlers.queue(opened, withStoredQueues(env), context)
    await deleteLocalMessages(env.DB, opened.listAcknowledged())
  },
} satisfies ExportedHandler<Env>

/** Requests that begin together may each send the same messages again, which does no harm. */
async function prepare(env: Env): Promise<void> {
  if (isPrepared) return
  await createLocalQueue(env.DB)
  await sendStored(new Map(listQueues(env)), env.DB)
  isPrepared = true
}

function withStoredQueues(env: Env): Env {
  const storedEnv = storedEnvs.get(env) ?? { ...env, ...storeQueues(env) }
  storedEnvs.set(env, storedEnv)
  return storedEnv
}

function storeQueues(env: Env): Record<string, Queue> {
  return Object.fromEntries(
    listQueues(env).map(([name, queue]) => [name, new StoredQueue(name, queue, env.DB)]),
  )
}

/** The queues that wrangler.toml binds, by the names of their bindings. */
function listQueues(env: Env): [string, Queue][] {
  return Object.entries(env).filter((entry): entry is [string, Queue] => {
    const value: unknown = entry[1]
    return typeof value === 'object' && value !== null && 'sendBatch' in value
  })
}
