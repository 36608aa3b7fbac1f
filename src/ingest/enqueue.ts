import { Buffer } from 'node:buffer'
import { log } from '../platform/log.ts'
import { HttpError } from '../platform/http-error.ts'
import { chunkBySize } from '../platform/chunk-by-size.ts'
import { MAX_QUEUED_BYTES } from '../event/message.ts'
import { storeMessages } from '../db/write/batch-writer.ts'
import { withTimeout } from '../platform/timeout.ts'

// Together below ten seconds, which a sender that nobody knows the patience of may grant.
const QUEUE_LIMIT_MS = 3_000
const DATABASE_TIMEOUT_MS = 6_000

const BATCH_LIMIT = { bytes: 256_000 - 20_000, items: 100 } // with what the queue adds to each

const RETRY_AFTER_S = 60 // Yespo comes back by itself after one, two, four … minutes

/**
 * Makes messages durable: in the queue or, where that fails or hangs, in the database. Doing it
 * twice does no harm, so one that may have been sent is stored all the same.
 *
 * @throws HttpError 503 where neither takes them
 */
export async function enqueue(
  messages: readonly string[],
  queue: Queue,
  db: D1Database,
): Promise<void> {
  const queued = messages.filter(fits)
  const batches = queued.length > 1 ? chunkBySize(queued, Buffer.byteLength, BATCH_LIMIT) : [queued]
  const faults: string[] = []
  const unsent = await Promise.all(batches.map((batch) => send(batch, queue, faults)))
  const rest = [...messages.filter((text) => !fits(text)), ...unsent.flat()]
  if (rest.length === 0) return
  // What no queue takes would be in the way for ever if the database did not take it either.
  const items = rest.map((text) => ({ text, quarantineOnFailure: !fits(text) }))
  const report = await storeMessages(db, items, DATABASE_TIMEOUT_MS)
  faults.push(...report.errors)
  const facts = { messages: rest.length, faults: [...new Set(faults)] }
  if (!report.outcomes.includes('failed')) {
    if (faults.length > 0) log('error', 'fell_back', facts)
    return
  }
  throw new HttpError(
    503,
    'unavailable',
    'Neither the queue nor the database takes the events right now. Send them again later.',
    { headers: { 'Retry-After': String(RETRY_AFTER_S) }, log: facts },
  )
}

function fits(text: string): boolean {
  // Three bytes a character at the most: only what could be too large is measured.
  return text.length * 3 <= MAX_QUEUED_BYTES || Buffer.byteLength(text) <= MAX_QUEUED_BYTES
}

/** @returns the messages that the queue did not confirm; says in `faults` why */
async function send(
  batch: readonly string[],
  queue: Queue,
  faults: string[],
): Promise<readonly string[]> {
  try {
    const [first, ...others] = batch
    if (first === undefined) return []
    // A single one is sent as it is; a batch is encoded again on the way.
    const sending =
      others.length === 0
        ? queue.send(first, { contentType: 'text' })
        : queue.sendBatch(batch.map((body) => ({ body, contentType: 'text' })))
    await withTimeout('the queue', QUEUE_LIMIT_MS, sending)
    return []
  } catch (error) {
    faults.push(String(error).slice(0, 200))
    return batch
  }
}
