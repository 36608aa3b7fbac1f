import { open } from './sealed.ts'

/** A batch of sealed messages as the product's consumer gets it; knows afterwards which ones are acknowledged. */
export class OpenedBatch implements MessageBatch {
  readonly messages: readonly OpenedMessage[]
  readonly #batch: MessageBatch
  #isRetried = false

  constructor(batch: MessageBatch) {
    this.#batch = batch
    this.messages = batch.messages.map((message) => new OpenedMessage(message))
  }

  get queue(): string {
    return this.#batch.queue
  }

  get metadata(): MessageBatchMetadata {
    return this.#batch.metadata
  }

  ackAll(): void {
    this.#batch.ackAll()
  }

  retryAll(options?: QueueRetryOptions): void {
    this.#isRetried = true
    this.#batch.retryAll(options)
  }

  /** The stored messages that need not come again, after the consumer has returned. */
  listAcknowledged(): number[] {
    return this.messages
      .filter(({ outcome }) => outcome === 'ack' || (outcome === undefined && !this.#isRetried))
      .map(({ storedId }) => storedId)
  }
}

class OpenedMessage implements Message {
  readonly id: string
  readonly timestamp: Date
  readonly attempts: number
  readonly body: unknown
  readonly storedId: number
  /** The consumer's first verdict: later ones do not count. */
  outcome: 'ack' | 'retry' | undefined
  readonly #message: Message

  constructor(message: Message) {
    const { id, body } = open(message.body)
    this.#message = message
    this.id = message.id
    this.timestamp = message.timestamp
    this.attempts = message.attempts
    this.body = body
    this.storedId = id
  }

  ack(): void {
    this.outcome ??= 'ack'
    this.#message.ack()
  }

  retry(options?: QueueRetryOptions): void {
    this.outcome ??= 'retry'
    this.#message.retry(options)
  }
}
