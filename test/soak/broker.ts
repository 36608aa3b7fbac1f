import type { Fate } from './faults.ts'
import { exceedTimeLimits } from './limits.ts'

/** A consumer as configured in wrangler.toml. */
export type ConsumerSettings = {
  queue: string
  max_batch_size?: number
  max_batch_timeout?: number
  max_retries?: number
  dead_letter_queue?: string
}

/** A message in the broker. */
type StoredMessage = {
  id: string
  body: string
  attempts: number
  sentAt: number
  dueAt: number
  queue: string
}

/** What the handler decided about a message. */
type Decision = { acknowledged: boolean; delaySeconds: number }

/** The limits of Cloudflare's queues, less their overhead for each message. */
const MAX_MESSAGE_BYTES = 128_000 - 100
const MAX_BATCH_BYTES = 256_000
const MAX_SENT_MESSAGES = 100

const RETRY_GRID_MS = 30_000
const OUTAGE_MINUTES = [5, 30, 240, 1_560] // the longest is over a day
const SETTLED = -1

/**
 * A queue in memory with the guarantees of Cloudflare's and no more: at least once, in no
 * order, with retries and dead letters. The caller advances its time.
 */
export class Broker {
  /** UTC milliseconds. */
  now = 0
  #messages: StoredMessage[] = []
  #lastId = 0
  #downUntil = 0
  readonly #fate: Fate
  readonly #consumers: ReadonlyMap<string, ConsumerSettings>
  readonly #producerQueue: string

  /** @param consumers the producer sends to the queue of the first */
  constructor(fate: Fate, consumers: readonly ConsumerSettings[]) {
    this.#fate = fate
    this.#consumers = new Map(consumers.map((consumer) => [consumer.queue, consumer]))
    this.#producerQueue = consumers[0]?.queue ?? ''
  }

  /** When the next message can be delivered; null if there is none. */
  get nextDueAt(): number | null {
    let earliest: number | null = null
    for (const { dueAt } of this.#messages) {
      if (earliest === null || dueAt < earliest) earliest = dueAt
    }
    return earliest
  }

  /** The binding of the receiver. @param queue to send to */
  toBinding(queue = this.#producerQueue): Queue {
    const fate = this.#fate
    const sendBatch = async (messages: Iterable<MessageSendRequest<string>>) => {
      const bodies = [...messages].map(({ body }) => body)
      checkSizes(bodies)
      if (fate.strikes('queue is down for a while')) this.#downUntil = this.now + drawOutage(fate)
      if (this.now < this.#downUntil || fate.strikes('queue rejects')) {
        throw new Error('Queue sendBatch failed: Service Unavailable')
      }
      if (fate.strikes('queue hangs')) {
        void exceedTimeLimits()
        return new Promise<never>(() => {})
      }
      for (const body of bodies) this.#keep(body, queue)
      if (fate.strikes('queue fails after it accepted')) {
        throw new Error('Queue sendBatch failed: timeout')
      }
    }
    const send = (body: string) => sendBatch([{ body }])
    return { send, sendBatch } as unknown as Queue
  }

  #keep(body: string, queue: string): void {
    const wait = (this.#consumers.get(queue)?.max_batch_timeout ?? 5) * 1_000
    this.#messages.push({
      id: String(++this.#lastId),
      body,
      attempts: 1,
      sentAt: this.now,
      dueAt: this.now + wait,
      queue,
    })
  }

  /** Delivers one batch of due messages. */
  async deliver(handle: (batch: MessageBatch<unknown>) => Promise<void>): Promise<void> {
    const due = this.#messages.filter(({ dueAt }) => dueAt <= this.now)
    const queue = due[0]?.queue
    if (queue === undefined) return
    const candidates = due.filter((message) => message.queue === queue)
    if (candidates.length > 1 && this.#fate.strikes('messages are out of order')) {
      shuffle(candidates, this.#fate)
    }
    const max = this.#consumers.get(queue)?.max_batch_size ?? 10
    const chosen = candidates.slice(0, this.#fate.random.between(1, max))
    const decisions = new Map<StoredMessage, Decision>()
    const hasThrown = await handle(toBatch(queue, chosen, decisions, this.now)).then(
      () => false,
      () => true,
    )
    const anyStored = [...decisions.values()].some(({ acknowledged }) => acknowledged)
    const died = anyStored && this.#fate.strikes('consumer dies before it acknowledges')
    // A handler that returns has acknowledged everything it did not retry; one that throws, only what it
    // acknowledged explicitly.
    const byDefault: Decision = { acknowledged: !died && !hasThrown, delaySeconds: 0 }
    for (const message of chosen)
      this.#settle(message, died ? byDefault : (decisions.get(message) ?? byDefault))
    this.#messages = this.#messages.filter(({ dueAt }) => dueAt !== SETTLED)
  }

  #settle(message: StoredMessage, { acknowledged, delaySeconds }: Decision): void {
    if (acknowledged) {
      const again = this.#fate.strikes('message is delivered twice')
      message.dueAt = again ? this.now + RETRY_GRID_MS : SETTLED
      return
    }
    // A delay is a minimum: messages retried together arrive in one batch.
    const earliest = this.now + delaySeconds * 1_000
    message.dueAt = Math.ceil(earliest / RETRY_GRID_MS) * RETRY_GRID_MS
    const { max_retries = 3, dead_letter_queue: deadLetters } =
      this.#consumers.get(message.queue) ?? {}
    if (++message.attempts <= max_retries + 1) return
    message.attempts = 1
    // Without a dead-letter queue, the message is gone.
    if (deadLetters === undefined) message.dueAt = SETTLED
    else message.queue = deadLetters
  }
}

/** How long an outage lasts, in milliseconds. */
export function drawOutage({ random }: Fate): number {
  return random.pick(OUTAGE_MINUTES) * 60_000
}

function checkSizes(bodies: readonly string[]): void {
  const sizes = bodies.map((body) => Buffer.byteLength(body))
  const total = sizes.reduce((sum, size) => sum + size + 100, 0)
  if (sizes.some((size) => size > MAX_MESSAGE_BYTES))
    throw new Error('Queue sendBatch failed: message too large')
  if (total > MAX_BATCH_BYTES || bodies.length > MAX_SENT_MESSAGES) {
    throw new Error('Queue sendBatch failed: Payload Too Large')
  }
}

/** @param now in the broker's time; messages have the receiver's */
function toBatch(
  queue: string,
  chosen: readonly StoredMessage[],
  decisions: Map<StoredMessage, Decision>,
  now: number,
) {
  const settle = (message: StoredMessage, decision: Decision) => {
    if (!decisions.has(message)) decisions.set(message, decision) // the first decision counts
  }
  const messages = chosen.map((message) => ({
    id: message.id,
    timestamp: new Date(Date.now() - (now - message.sentAt)),
    body: message.body,
    attempts: message.attempts,
    ack: () => settle(message, { acknowledged: true, delaySeconds: 0 }),
    retry: ({ delaySeconds = 0 }: QueueRetryOptions = {}) =>
      settle(message, { acknowledged: false, delaySeconds }),
  }))
  return { queue, messages } as unknown as MessageBatch<unknown>
}

function shuffle<T>(items: T[], { random }: Fate): void {
  for (let index = items.length - 1; index > 0; index--) {
    const other = random.between(0, index)
    const [a, b] = [items[index], items[other]]
    if (a !== undefined && b !== undefined) [items[index], items[other]] = [b, a]
  }
}
