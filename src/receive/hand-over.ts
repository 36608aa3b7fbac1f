import { Buffer } from 'node:buffer'
import { log } from '../log.ts'
import { Refusal } from '../refusal.ts'
import { groupBySize } from '../store/group-by-size.ts'
import { storeMessages } from '../store/store.ts'
import { withTimeLimit } from '../time-limit.ts'

// Together below ten seconds, which a sender that nobody knows the patience of may grant.
const QUEUE_LIMIT_MS = 3_000
const DATABASE_LIMIT_MS = 6_000

const MAX_QUEUED_BYTES = 128_000 // of one message; a single larger row goes to the database directly
const BATCH_LIMIT = { bytes: 256_000, items: 100 }
const MESSAGE_METADATA_BYTES = 200 // the queue's own, about 100, and some to spare

const RETRY_AFTER_S = 60 // Yespo comes back by itself after one, two, four … minutes

/**
 * Makes messages durable: in the queue or, where that fails or hangs, in the database. Doing it
 * twice does no harm, so one that may have been sent is stored all the same.
 *
 * @throws Refusal 503 where neither takes them
 */
export async function handOver(
  messages: readonly string[],
  queue: Queue,
  db: D1Database,
): Promise<void> {
  const sizeOf = (text: string) => Buffer.byteLength(text) + MESSAGE_METADATA_BYTES
  const fits = (text: string) => sizeOf(text) <= MAX_QUEUED_BYTES
  const batches = groupBySize(messages.filter(fits), sizeOf, BATCH_LIMIT)
  const unsent = await Promise.all(batches.map((batch) => send(batch, queue)))
  const rest = [...messages.filter((text) => !fits(text)), ...unsent.flat()]
  if (rest.length === 0) return
  const items = rest.map((text) => ({ text, lastTry: true }))
  const { outcomes, faults } = await storeMessages(db, items, DATABASE_LIMIT_MS)
  if (faults.length > 0) log('error', 'database_failed', { faults })
  if (!outcomes.includes('failed')) return
  throw new Refusal(
    503,
    'unavailable',
    'Neither the queue nor the database takes the events right now. Send them again later.',
    { headers: { 'Retry-After': String(RETRY_AFTER_S) } },
  )
}

/** @returns the messages that the queue did not confirm */
async function send(batch: readonly string[], queue: Queue): Promise<readonly string[]> {
  try {
    const sending = queue.sendBatch(batch.map((body) => ({ body, contentType: 'text' })))
    await withTimeLimit('the queue', QUEUE_LIMIT_MS, sending)
    return []
  } catch (error) {
    log('error', 'queue_failed', { messages: batch.length, faults: [String(error).slice(0, 200)] })
    return batch
  }
}
