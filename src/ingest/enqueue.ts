import { Buffer } from 'node:buffer'
import { errorText, log } from '../platform/log.ts'
import { HttpError } from '../platform/http-error.ts'
import { chunkBySize } from '../platform/chunk-by-size.ts'
import { countMessage, fitsQueue } from '../event/message.ts'
import { withTimeout } from '../platform/timeout.ts'

// Together below ten seconds, as the sender's timeout is not documented.
const QUEUE_TIMEOUT_MS = 3_000

/** For sending a message again, which nobody waits for. */
export const SEND_TIMEOUT_MS = 10_000

const BATCH_LIMIT = { bytes: 256_000 - 20_000, items: 100 } // including what the queue adds to each

const RETRY_AFTER_S = 60 // Yespo retries after one, two, four … minutes anyway

/** A message: its text or, of a part of a body, its bytes. */
export type Content = string | Uint8Array

/** Where messages go: those that take the consumer long to `large`, whose consumer gets one at a time. */
export type Queues = {
  small: Queue
  large: Queue
  /** Messages that may wait in each; any number if undefined. */
  maxBacklog?: number | undefined
}

/**
 * Messages that may wait in a queue of the free plan. One that cannot be stored is sent again some five times a day, of
 * three operations each (see `isLastTry`): if more messages waited, the 10,000 operations of a day might not suffice.
 */
const MAX_BACKLOG = 300

const BACKLOG_TIMEOUT_MS = 500

/** The messages that waited in each queue when it was last asked. */
const backlogs = new WeakMap<Queue, number>()

const MAX_SMALL_EVENTS = 10

/** The queues for a plan: only on the free one, the consumer's processor time is short. */
export function chooseQueues(env: Env, plan: 'free' | 'paid'): Queues {
  const { ACTIVITY_QUEUE: small, LARGE_QUEUE } = env
  return plan === 'free'
    ? { small, large: LARGE_QUEUE, maxBacklog: MAX_BACKLOG }
    : { small, large: small }
}

/**
 * Makes messages durable: in a queue or, if that fails, hangs or has too many messages already, in the database. Storing
 * twice does no harm, so a message that may have been sent is stored, too.
 *
 * @throws HttpError 503 if neither accepts them
 */
export async function enqueue(
  messages: readonly Content[],
  { small, large, maxBacklog = Infinity }: Queues,
  db: D1Database,
): Promise<void> {
  const errors: string[] = []
  const sendAll = async (contents: readonly Content[], queue: Queue) => {
    if (contents.length === 0) return []
    if (await isFull(queue, maxBacklog)) {
      errors.push(`more than ${maxBacklog} messages wait in the queue`)
      return contents
    }
    const batches =
      contents.length > 1 ? chunkBySize(contents, Buffer.byteLength, BATCH_LIMIT) : [contents]
    const unsent = await Promise.all(batches.map((batch) => send(batch, queue, errors)))
    return unsent.flat()
  }
  const queued = messages.filter(fitsQueue)
  const unsent = await Promise.all([
    sendAll(queued.filter(isSmall), small),
    sendAll(
      queued.filter((content) => !isSmall(content)),
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
    await withTimeout('the queue', SEND_TIMEOUT_MS, send())
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

/** Whether too many messages wait in a queue, as far as is known: only when they did, it is asked again. */
async function isFull(queue: Queue, maxBacklog: number): Promise<boolean> {
  if ((backlogs.get(queue) ?? 0) <= maxBacklog) return false
  try {
    const metrics = await withTimeout('the queue', BACKLOG_TIMEOUT_MS, queue.metrics())
    backlogs.set(queue, metrics.backlogCount)
    return metrics.backlogCount > maxBacklog
  } catch {
    return true
  }
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
    const { metadata } = (await withTimeout('the queue', QUEUE_TIMEOUT_MS, sending)) ?? {}
    backlogs.set(queue, metadata?.metrics?.backlogCount ?? 0)
    return []
  } catch (error) {
    errors.push(errorText(error))
    return batch
  }
}

function typeOf(message: Content): QueueContentType {
  return typeof message === 'string' ? 'text' : 'bytes'
}
