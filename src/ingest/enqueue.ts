import { Buffer } from 'node:buffer'
import { errorText, log } from '../platform/log.ts'
import { HttpError } from '../platform/http-error.ts'
import { chunkBySize } from '../platform/chunk-by-size.ts'
import { MAX_QUEUED_BYTES } from '../event/message.ts'
import { withTimeout } from '../platform/timeout.ts'

// Together below ten seconds, as the sender's timeout is not documented.
const QUEUE_TIMEOUT_MS = 3_000
const DATABASE_TIMEOUT_MS = 6_000

const BATCH_LIMIT = { bytes: 256_000 - 20_000, items: 100 } // including what the queue adds to each

const RETRY_AFTER_S = 60 // Yespo retries after one, two, four … minutes anyway

/**
 * Makes messages durable: in the queue or, if that fails or hangs, in the database. Storing twice does no harm, so a
 * message that may have been sent is stored, too.
 *
 * @throws HttpError 503 if neither accepts them
 */
export async function enqueue(
  messages: readonly string[],
  queue: Queue,
  db: D1Database,
): Promise<void> {
  const queued = messages.filter(fits)
  const batches = queued.length > 1 ? chunkBySize(queued, Buffer.byteLength, BATCH_LIMIT) : [queued]
  const errors: string[] = []
  const unsent = await Promise.all(batches.map((batch) => send(batch, queue, errors)))
  const rest = [...messages.filter((text) => !fits(text)), ...unsent.flat()]
  if (rest.length === 0) return
  // A message that neither the queue (too large) nor the database accepts would block the stream forever.
  const items = rest.map((text) => ({ text, quarantineOnFailure: !fits(text) }))
  const { storeMessages } = await import('../db/write/batch-writer.ts')
  const report = await storeMessages(db, items, DATABASE_TIMEOUT_MS)
  errors.push(...report.errors)
  const fields = { messages: rest.length, errors: [...new Set(errors)] }
  if (!report.outcomes.includes('failed')) {
    if (errors.length > 0) log('error', 'fell_back', fields)
    return
  }
  throw new HttpError(
    503,
    'unavailable',
    'Neither the queue nor the database accepts events right now. Send them again later.',
    { headers: { 'Retry-After': String(RETRY_AFTER_S) }, log: fields },
  )
}

function fits(text: string): boolean {
  // At most three bytes per character: only a text that could be too large is measured.
  return text.length * 3 <= MAX_QUEUED_BYTES || Buffer.byteLength(text) <= MAX_QUEUED_BYTES
}

/** @returns the messages that the queue did not confirm, with the reason in `errors` */
async function send(
  batch: readonly string[],
  queue: Queue,
  errors: string[],
): Promise<readonly string[]> {
  try {
    const [first, ...others] = batch
    if (first === undefined) return []
    // A single message is sent as it is; a batch would be encoded again.
    const sending =
      others.length === 0
        ? queue.send(first, { contentType: 'text' })
        : queue.sendBatch(batch.map((body) => ({ body, contentType: 'text' })))
    await withTimeout('the queue', QUEUE_TIMEOUT_MS, sending)
    return []
  } catch (error) {
    errors.push(errorText(error))
    return batch
  }
}
