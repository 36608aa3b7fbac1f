import { Buffer } from 'node:buffer'
import { errorText, log } from '../platform/log.ts'
import { HttpError } from '../platform/http-error.ts'
import { chunkBySize } from '../platform/chunk-by-size.ts'
import { countMessage, fitsQueue } from '../event/message.ts'
import { withTimeout } from '../platform/timeout.ts'

// Together below ten seconds, as the sender's timeout is not documented.
const QUEUE_TIMEOUT_MS = 3_000

const BATCH_LIMIT = { bytes: 256_000 - 20_000, items: 100 } // including what the queue adds to each

const RETRY_AFTER_S = 60 // Yespo retries after one, two, four … minutes anyway

/** A message: its text or, of a part of a body, its bytes. */
export type Content = string | Uint8Array

/** Where messages go: those that take the consumer long to `large`, whose consumer gets one at a time. */
export type Queues = { small: Queue; large: Queue }

const MAX_SMALL_EVENTS = 10

/** The queues for a plan: only on the free one, the consumer's processor time is short. */
export function chooseQueues(env: Env, plan: 'free' | 'paid'): Queues {
  const { ACTIVITY_QUEUE: small, LARGE_QUEUE } = env
  return { small, large: plan === 'free' ? LARGE_QUEUE : small }
}

/**
 * Makes messages durable: in a queue or, if that fails or hangs, in the database. Storing twice does no harm, so a
 * message that may have been sent is stored, too.
 *
 * @throws HttpError 503 if neither accepts them
 */
export async function enqueue(
  messages: readonly Content[],
  { small, large }: Queues,
  db: D1Database,
): Promise<void> {
  const errors: string[] = []
  const sendAll = (sent: readonly Content[], queue: Queue) => {
    const batches = sent.length > 1 ? chunkBySize(sent, Buffer.byteLength, BATCH_LIMIT) : [sent]
    return batches.map((batch) => send(batch, queue, errors))
  }
  const queued = messages.filter(fitsQueue)
  const unsent = await Promise.all([
    ...sendAll(queued.filter(isSmall), small),
    ...sendAll(
      queued.filter((message) => !isSmall(message)),
      large,
    ),
  ])
  const rest = [...messages.filter((message) => !fitsQueue(message)), ...unsent.flat()]
  if (rest.length === 0) return
  const { storeInstead } = await import('./store-instead.ts')
  const isDurable = await storeInstead(rest, db, errors)
  const fields = { messages: rest.length, errors: [...new Set(errors)] }
  if (isDurable) {
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

/** The queue for a message that is sent again. */
export function queueFor(text: string, { small, large }: Queues): Queue {
  return isSmall(text) ? small : large
}

/** Acknowledges a message once other messages are sent in its place. If that fails, it comes again after a delay. */
export async function replaceMessage(
  message: Message,
  delaySeconds: number,
  send: () => Promise<unknown>,
): Promise<void> {
  try {
    await send()
    message.ack()
  } catch (error) {
    log('error', 'not_replaced', { attempts: message.attempts, errors: [errorText(error)] })
    message.retry({ delaySeconds })
  }
}

/** Whether the consumer can take many of them at once. */
function isSmall(message: Content): boolean {
  if (typeof message !== 'string') return false
  const { accepted = Infinity, rejected = 0 } = countMessage(message) ?? {}
  return accepted + rejected <= MAX_SMALL_EVENTS
}

/** @returns the messages that the queue did not confirm, with the reason in `errors` */
async function send(
  batch: readonly Content[],
  queue: Queue,
  errors: string[],
): Promise<readonly Content[]> {
  try {
    const [first, ...others] = batch
    if (first === undefined) return []
    // A single message is sent as it is; a batch would be encoded again.
    const sending =
      others.length === 0
        ? queue.send(first, { contentType: typeOf(first) })
        : queue.sendBatch(batch.map((body) => ({ body, contentType: typeOf(body) })))
    await withTimeout('the queue', QUEUE_TIMEOUT_MS, sending)
    return []
  } catch (error) {
    errors.push(errorText(error))
    return batch
  }
}

function typeOf(message: Content): QueueContentType {
  return typeof message === 'string' ? 'text' : 'bytes'
}
