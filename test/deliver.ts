import { env } from 'cloudflare:workers'
import { consume } from '../src/ingest/consume.ts'
import { faultyQueue } from './faulty.ts'

/** What became of a message; undefined while nothing did. */
export type Settled = 'ack' | { delaySeconds?: number } | undefined

/** What a delivery is like: `age` in milliseconds since the messages were sent. */
export type Delivery = {
  db?: D1Database
  queue?: Queue
  plan?: 'free' | 'paid'
  attempts?: number
  age?: number
  /** Messages that wait in the queue. */
  backlog?: number
}

/** A batch as the platform hands it over, and what becomes of its messages. */
export function buildBatch(
  bodies: readonly unknown[],
  { attempts = 1, age = 0, backlog = 0 }: Delivery = {},
) {
  const settled: Settled[] = bodies.map(() => undefined)
  const messages = bodies.map((body, place) => ({
    id: String(place),
    timestamp: new Date(Date.now() - age),
    body,
    attempts,
    ack: () => (settled[place] ??= 'ack'),
    retry: (options: QueueRetryOptions = {}) => (settled[place] ??= options as Settled),
  }))
  const metadata = { metrics: { backlogCount: backlog, backlogBytes: 0 } }
  const batch = { queue: 'yespo-activity', messages, metadata } as unknown as MessageBatch<unknown>
  return { batch, settled }
}

/** Has a batch consumed; tells what became of each message. */
export async function deliver(
  bodies: readonly unknown[],
  delivery: Delivery = {},
): Promise<Settled[]> {
  const { db = env.DB, queue = faultyQueue(new Error('no queue')), plan = 'paid' } = delivery
  const { batch, settled } = buildBatch(bodies, delivery)
  await consume(batch, { db, queues: { small: queue, large: queue }, plan })
  return settled
}
