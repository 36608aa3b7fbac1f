import type { Account } from '../account.ts'
import type { Clock } from '../clock.ts'
import { messageBytes } from '../limit-queue.ts'

/** A consumer as wrangler.toml describes it. */
export type ConsumerSettings = {
  queue: string
  max_batch_size?: number
  max_batch_timeout?: number
  max_retries?: number
  retry_delay?: number
  max_concurrency?: number
  dead_letter_queue?: string
}

/** A message that waits. Times are UTC milliseconds. */
export type Waiting = {
  id: string
  queue: string
  body: unknown
  bytes: number
  attempts: number
  sentAt: number
  /** When it came into this queue, which deletes it after the retention. */
  keptSince: number
  dueAt: number
}

export type BrokerOptions = {
  consumers: readonly ConsumerSettings[]
  clock: Clock
  /** After which a message is deleted; kept for ever by default. */
  retentionMs?: number
  /** Nothing is delivered while its operations of a day are used up. */
  account?: Account
  /** Picks what is delivered together, from messages of one queue; in order and as many as may be by default. */
  choose?: (due: Waiting[], max: number) => Waiting[]
  /** Whether a message that was acknowledged comes again all the same. */
  comesTwice?: (message: Waiting) => boolean
  /** Retries wait for the next multiple of it. */
  retryGridMs?: number
}

/** How a consumer wants a message treated. */
type Verdict = 'ack' | QueueRetryOptions

/** A message that no longer waits, and why. */
export type Deleted = Waiting & { why: 'retries' | 'retention' }

const DEFAULTS = { max_batch_size: 10, max_batch_timeout: 5, max_retries: 3, retry_delay: 0 }

/** Queues in memory that behave as Cloudflare's promise to, and no better. Time is the clock's. */
export class Broker {
  /** What is gone without a consumer's consent. */
  readonly deleted: Deleted[] = []
  readonly clock: Clock
  readonly #options: BrokerOptions
  readonly #consumers: ReadonlyMap<string, ConsumerSettings>
  #waiting: Waiting[] = []
  readonly #delivered = new Set<Waiting>()
  readonly #running = new Map<string, number>()
  #lastId = 0

  constructor(options: BrokerOptions) {
    this.clock = options.clock
    this.#options = options
    this.#consumers = new Map(options.consumers.map((consumer) => [consumer.queue, consumer]))
  }

  get waiting(): readonly Waiting[] {
    return this.#waiting
  }

  /** How many of them a consumer has at the moment. */
  get delivered(): number {
    return this.#delivered.size
  }

  /** Lets these messages wait, as they did, instead of its own. */
  restore(waiting: readonly Waiting[]): void {
    this.#waiting = waiting.map((message) => ({ ...message }))
    const ids = waiting.map(({ id }) => Number(id))
    this.#lastId = Math.max(this.#lastId, ...ids)
  }

  /**
   * When the next message can be delivered; null if none will be: no queue with a consumer that is free has any.
   */
  get nextDueAt(): number | null {
    let earliest: number | null = null
    for (const message of this.#waiting) {
      if (!this.#isFree(message)) continue
      if (earliest === null || message.dueAt < earliest) earliest = message.dueAt
    }
    const { account } = this.#options
    if (earliest === null || !account?.isSpent('queueOperations')) return earliest
    return Math.max(earliest, account.resetAt)
  }

  /** The binding of a queue. */
  toBinding(queue: string): Queue {
    const send = async (messages: readonly MessageSendRequest[], options?: QueueSendOptions) => {
      for (const message of messages) this.#keep(queue, { ...options, ...message })
      return { metadata: { metrics: this.#measure(queue) } }
    }
    return {
      send: (body: unknown, options?: QueueSendOptions) => send([{ body, ...options }]),
      sendBatch: (messages: Iterable<MessageSendRequest>, options?: QueueSendBatchOptions) =>
        send([...messages], options),
      metrics: async () => this.#measure(queue),
    } as unknown as Queue
  }

  #measure(queue: string): { backlogCount: number; backlogBytes: number } {
    const sizes = this.#waiting.filter((each) => each.queue === queue).map(({ bytes }) => bytes)
    return { backlogCount: sizes.length, backlogBytes: sizes.reduce((sum, each) => sum + each, 0) }
  }

  #keep(queue: string, { body, contentType, delaySeconds }: MessageSendRequest): void {
    const { max_batch_timeout: wait } = { ...DEFAULTS, ...this.#consumers.get(queue) }
    const now = this.clock.now()
    this.#waiting.push({
      id: String(++this.#lastId),
      queue,
      body: copy(body, contentType),
      bytes: messageBytes(body, contentType),
      attempts: 1,
      sentAt: now,
      keptSince: now,
      dueAt: now + Math.max(wait, delaySeconds ?? 0) * 1_000,
    })
  }

  /** Whether no consumer has a message, and another one of its queue may begin. */
  #isFree(message: Waiting): boolean {
    const { queue } = message
    const consumer = this.#consumers.get(queue)
    if (!consumer || this.#delivered.has(message)) return false
    return (this.#running.get(queue) ?? 0) < (consumer.max_concurrency ?? Infinity)
  }

  /**
   * Delivers one batch of what is due, if anything is. It may be called again before that consumer is done: others of
   * the same queue then run at once, up to its `max_concurrency`.
   *
   * @param handle tells whether the consumer returned; false if it threw or was killed
   * @returns whether there was a batch
   */
  async deliver(handle: (batch: MessageBatch<unknown>) => Promise<boolean>): Promise<boolean> {
    this.#expire()
    if (this.#options.account?.isSpent('queueOperations')) return false
    const now = this.clock.now()
    const due = this.#waiting.filter((message) => message.dueAt <= now && this.#isFree(message))
    const queue = due[0]?.queue
    if (queue === undefined) return false
    const { max_batch_size: max } = { ...DEFAULTS, ...this.#consumers.get(queue) }
    const candidates = due.filter((message) => message.queue === queue)
    const chosen = this.#options.choose?.(candidates, max) ?? candidates.slice(0, max)
    const verdicts = new Map<Waiting, Verdict>()
    this.#running.set(queue, (this.#running.get(queue) ?? 0) + 1)
    for (const message of chosen) this.#delivered.add(message)
    const hasReturned = await handle(this.#toBatch(queue, chosen, verdicts))
    this.#running.set(queue, (this.#running.get(queue) ?? 1) - 1)
    for (const message of chosen) {
      this.#delivered.delete(message)
      this.#settle(message, verdicts.get(message) ?? (hasReturned ? 'ack' : {}))
    }
    return true
  }

  #toBatch(
    queue: string,
    chosen: readonly Waiting[],
    verdicts: Map<Waiting, Verdict>,
  ): MessageBatch<unknown> {
    const give = (message: Waiting, verdict: Verdict) => {
      if (!verdicts.has(message)) verdicts.set(message, verdict)
    }
    const messages = chosen.map((message) => ({
      id: message.id,
      timestamp: new Date(message.sentAt),
      body: message.body,
      attempts: message.attempts,
      ack: () => give(message, 'ack'),
      retry: (options: QueueRetryOptions = {}) => give(message, options),
    }))
    return {
      queue,
      messages,
      metadata: { metrics: this.#measure(queue) },
      ackAll: () => chosen.forEach((message) => give(message, 'ack')),
      retryAll: (options: QueueRetryOptions = {}) =>
        chosen.forEach((message) => give(message, options)),
    } as MessageBatch<unknown>
  }

  #settle(message: Waiting, verdict: Verdict): void {
    const { retryGridMs = 1, comesTwice } = this.#options
    const now = this.clock.now()
    if (verdict === 'ack') {
      if (comesTwice?.(message)) message.dueAt = now + retryGridMs
      else this.#remove(message)
      return
    }
    const settings = { ...DEFAULTS, ...this.#consumers.get(message.queue) }
    // A delay is a minimum: messages that are retried together come in a batch together.
    const earliest = now + (verdict.delaySeconds ?? settings.retry_delay) * 1_000
    message.dueAt = Math.ceil(earliest / retryGridMs) * retryGridMs
    if (++message.attempts <= settings.max_retries + 1) return
    message.attempts = 1
    message.keptSince = now
    if (settings.dead_letter_queue === undefined) this.#delete(message, 'retries')
    else message.queue = settings.dead_letter_queue
  }

  #expire(): void {
    const { retentionMs = Infinity } = this.#options
    const oldest = this.clock.now() - retentionMs
    const expired = this.#waiting.filter(
      (message) => message.keptSince <= oldest && !this.#delivered.has(message),
    )
    for (const message of expired) this.#delete(message, 'retention')
  }

  #delete(message: Waiting, why: Deleted['why']): void {
    this.deleted.push({ ...message, why })
    this.#remove(message)
  }

  #remove(message: Waiting): void {
    this.#waiting = this.#waiting.filter((each) => each !== message)
  }
}

/** A message as it arrives. */
function copy(body: unknown, contentType = 'json'): unknown {
  if (contentType === 'text') return String(body)
  if (contentType === 'json') return JSON.parse(JSON.stringify(body)) as unknown
  return ArrayBuffer.isView(body)
    ? new Uint8Array(body as Uint8Array).buffer
    : structuredClone(body)
}
