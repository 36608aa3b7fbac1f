import { env } from 'cloudflare:workers'
import { consume } from '../src/ingest/consume.ts'
import { faultyQueue } from './faulty.ts'

/** What the consumer did with a message; undefined until then. */
export type Settled = 'ack' | { delaySeconds?: number } | undefined

/** The options of a delivery; `age` is the time since the messages were sent, in milliseconds. */
export type Delivery = { db?: D1Database; queue?: Queue; attempts?: number; age?: number }

/** A batch as Cloudflare delivers it, and what the consumer does with each message. */
export function buildBatch(bodies: readonly unknown[], { attempts = 1, age = 0 }: Delivery = {}) {
  const settled: Settled[] = bodies.map(() => undefined)
  const messages = bodies.map((body, index) => ({
    id: String(index),
    timestamp: new Date(Date.now() - age),
    body,
    attempts,
    ack: () => (settled[index] ??= 'ack'),
    retry: (options: QueueRetryOptions = {}) => (settled[index] ??= options as Settled),
  }))
  const batch = { queue: 'yespo-activity', messages } as unknown as MessageBatch<unknown>
  return { batch, settled }
}

/** Delivers a batch to the consumer. @returns what it did with each message */
export async function deliver(
  bodies: readonly unknown[],
  delivery: Delivery = {},
): Promise<Settled[]> {
  const { db = env.DB, queue = faultyQueue(new Error('no queue')) } = delivery
  const { batch, settled } = buildBatch(bodies, delivery)
  await consume(batch, { db, queue })
  return settled
}
