import type { Fate } from './faults.ts'

/** A message as the broker keeps it. */
type Kept = { id: string; body: string; attempts: number; dueAt: number; queue: string }

/** How the handler wants a message treated. */
type Verdict = { acknowledged: boolean; delaySeconds: number }

const MAX_BATCH_SIZE = 100
const BATCH_TIMEOUT_MS = 1_000
const MAX_RETRIES = 100
const RETRY_GRID_MS = 30_000
const ACTIVITY = 'yespo-activity'
const DEAD_LETTERS = 'yespo-dead-letters'
const MOMENTS = [5, 30, 240, 1_560] // minutes that an outage lasts: the longest is over a day

/**
 * A queue in memory that behaves as Cloudflare's promises to, and no better: at least once, in no
 * order, with retries and dead letters. Time is the caller's to move.
 */
export class Broker {
  /** UTC milliseconds. */
  now = 0
  #messages: Kept[] = []
  #lastId = 0
  #downUntil = 0
  readonly #fate: Fate

  constructor(fate: Fate) {
    this.#fate = fate
  }

  get size(): number {
    return this.#messages.length
  }

  /** When the next message can be delivered; null where there is none. */
  get nextDueAt(): number | null {
    let earliest: number | null = null
    for (const { dueAt } of this.#messages)
      if (earliest === null || dueAt < earliest) earliest = dueAt
    return earliest
  }

  /** The binding that the product sees. */
  toBinding(): Queue {
    const sendBatch = async (messages: Iterable<MessageSendRequest<string>>) => {
      if (this.#fate.strikes('queue is down for a while'))
        this.#downUntil = this.now + drawOutage(this.#fate)
      if (this.now < this.#downUntil || this.#fate.strikes('queue refuses')) {
        throw new Error('Queue sendBatch failed: Service Unavailable')
      }
      if (this.#fate.strikes('queue hangs')) return new Promise<never>(() => {})
      for (const { body } of messages) this.#keep(body)
      if (this.#fate.strikes('queue fails after it accepted'))
        throw new Error('Queue sendBatch failed: timeout')
    }
    return { sendBatch } as unknown as Queue
  }

  #keep(body: string): void {
    this.#messages.push({
      id: String(++this.#lastId),
      body,
      attempts: 1,
      dueAt: this.now + BATCH_TIMEOUT_MS,
      queue: ACTIVITY,
    })
  }

  /** Delivers one batch of what is due. */
  async deliver(handle: (batch: MessageBatch<unknown>) => Promise<void>): Promise<void> {
    const due = this.#messages.filter(({ dueAt }) => dueAt <= this.now)
    const queue = due[0]?.queue
    if (queue === undefined) return
    const candidates = due.filter((message) => message.queue === queue)
    if (this.#fate.strikes('messages are out of order')) shuffle(candidates, this.#fate)
    const chosen = candidates.slice(0, this.#fate.random.between(1, MAX_BATCH_SIZE))
    const verdicts = new Map<Kept, Verdict>()
    await handle(toBatch(queue, chosen, verdicts))
    const died = this.#fate.strikes('consumer dies before it acknowledges')
    for (const message of chosen) this.#settle(message, died ? undefined : verdicts.get(message))
    this.#messages = this.#messages.filter(({ dueAt }) => dueAt >= 0)
  }

  #settle(message: Kept, verdict: Verdict | undefined): void {
    if (verdict?.acknowledged) {
      if (this.#fate.strikes('message is delivered twice')) message.dueAt = this.now + 30_000
      else message.dueAt = -1
      return
    }
    message.dueAt = roundUp(this.now + (verdict?.delaySeconds ?? 0) * 1_000)
    if (++message.attempts <= MAX_RETRIES + 1) return
    if (message.queue === DEAD_LETTERS) throw new Error('a dead letter was given up')
    message.queue = DEAD_LETTERS
    message.attempts = 1
  }
}

/** A delay is at least what was asked for: what is retried together comes in a batch together. */
function roundUp(time: number): number {
  return Math.ceil(time / RETRY_GRID_MS) * RETRY_GRID_MS
}

/** How long an outage lasts, in milliseconds. */
export function drawOutage(fate: Fate): number {
  return fate.random.pick(MOMENTS) * 60_000
}

function toBatch(queue: string, chosen: readonly Kept[], verdicts: Map<Kept, Verdict>) {
  const settle = (message: Kept, verdict: Verdict) => {
    if (!verdicts.has(message)) verdicts.set(message, verdict) // the first word counts
  }
  const messages = chosen.map((message) => ({
    id: message.id,
    timestamp: new Date(message.dueAt),
    body: message.body,
    attempts: message.attempts,
    ack: () => settle(message, { acknowledged: true, delaySeconds: 0 }),
    retry: ({ delaySeconds = 0 }: QueueRetryOptions = {}) =>
      settle(message, { acknowledged: false, delaySeconds }),
  }))
  return { queue, messages } as unknown as MessageBatch<unknown>
}

function shuffle<T>(items: T[], { random }: Fate): void {
  for (let place = items.length - 1; place > 0; place--) {
    const other = random.between(0, place)
    const [a, b] = [items[place], items[other]]
    if (a !== undefined && b !== undefined) [items[place], items[other]] = [b, a]
  }
}
