import {
  deleteLocalMessages,
  insertLocalMessages,
  listLocalMessages,
  type StoredMessage,
} from '../../db/local-queue.ts'
import { errorText, log } from '../../platform/log.ts'
import { seal, toStored, type Draft } from './sealed.ts'

/** A producer's queue whose messages are on disk before they are sent: the local queue itself is in memory. */
export class StoredQueue implements Queue {
  readonly #binding: string
  readonly #queue: Queue
  readonly #db: D1Database

  constructor(binding: string, queue: Queue, db: D1Database) {
    this.#binding = binding
    this.#queue = queue
    this.#db = db
  }

  metrics(): Promise<QueueMetrics> {
    return this.#queue.metrics()
  }

  send(body: unknown, options?: QueueSendOptions): Promise<QueueSendResponse> {
    return this.#store([{ ...options, body }], ([message]) =>
      this.#queue.send(message?.body, message),
    )
  }

  sendBatch(
    messages: Iterable<MessageSendRequest>,
    options?: QueueSendBatchOptions,
  ): Promise<QueueSendBatchResponse> {
    const drafts = Array.from(messages, (message) => ({ ...options, ...message }))
    return this.#store(drafts, (sealed) => this.#queue.sendBatch(sealed))
  }

  async #store<Response>(
    drafts: readonly Draft[],
    send: (sealed: ReturnType<typeof seal>[]) => Promise<Response>,
  ): Promise<Response> {
    const now = Date.now()
    const stored = drafts.map((draft) => toStored(this.#binding, draft, now))
    const ids = await insertLocalMessages(this.#db, stored)
    try {
      return await send(
        stored.map((message, index) => seal({ ...message, id: ids[index] ?? 0 }, now)),
      )
    } catch (error) {
      await deleteLocalMessages(this.#db, ids) // the producer knows that it was not sent
      throw error
    }
  }
}

/** Sends everything again that is still stored: what was sent, but not acknowledged, before the last end. */
export async function sendStored(
  queues: ReadonlyMap<string, Queue>,
  db: D1Database,
): Promise<void> {
  let messages = await listLocalMessages(db, 0)
  for (let last = messages.at(-1); last; last = messages.at(-1)) {
    await Promise.all(messages.map((message) => sendAgain(message, queues)))
    messages = await listLocalMessages(db, last.id)
  }
}

/** A failure leaves the message stored, for the next start. */
async function sendAgain(message: StoredMessage, queues: ReadonlyMap<string, Queue>) {
  // The content of a message tells its kind: if wrangler.toml has renamed its queue, any other one takes it.
  const queue = queues.get(message.binding) ?? queues.values().next().value
  const { body, ...options } = seal(message, Date.now())
  try {
    await queue?.send(body, options)
  } catch (error) {
    log('error', 'not_sent_again', { message: message.id, error: errorText(error) })
  }
}
