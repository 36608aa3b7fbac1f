import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { consume } from '../../src/ingest/consume.ts'
import { buildEvent } from '../event.ts'
import { D1_ERRORS, faultyDatabase } from '../faulty.ts'
import { messagesOf } from '../messages-of.ts'
import { clearTables, count } from '../receiver.ts'
import { Broker, PLANS, Runtime, VirtualClock } from '../strict/index.ts'

const HOUR = 3_600_000
const MIDNIGHT = Date.UTC(2026, 10, 28)
const QUEUE = 'yespo-activity'
const CONSUMER = { queue: QUEUE, max_batch_size: 100, max_retries: 100, retry_delay: 900 }

beforeEach(clearTables)
afterEach(() => void vi.useRealTimers())

type Bindings = { DB: D1Database; QUEUE: Queue }

/** The free plan's queue and consumer, whose database is down until a moment. */
class FreePlan {
  readonly #clock = new VirtualClock()
  readonly #runtime = new Runtime({ plan: 'free', clock: this.#clock })
  readonly #broker = new Broker({
    consumers: [CONSUMER],
    clock: this.#clock,
    account: this.#runtime.account,
    retentionMs: PLANS.free.queue.retentionMs,
  })
  readonly #bindings: Bindings
  readonly #worker: ExportedHandler<Bindings> = {
    queue: (batch, { DB, QUEUE: queue }) =>
      consume(batch, { db: DB, queues: { small: queue, large: queue }, plan: 'free' }),
  }

  constructor(error: () => Error, downUntil: number) {
    const isDown = () => this.#clock.now() < downUntil
    const db = faultyDatabase(env.DB, () => (isDown() ? error() : undefined))
    this.#bindings = { DB: db, QUEUE: this.#broker.toBinding(QUEUE) }
  }

  get deleted(): number {
    return this.#broker.deleted.length
  }

  /** Sends a message. */
  send(text: string): Promise<unknown> {
    return this.#broker.toBinding(QUEUE).send(text, { contentType: 'text' })
  }

  /** Uses up the queue's operations of the day. */
  spendOperations(): void {
    this.#runtime.account.add({ queueOperations: PLANS.free.queue.operationsADay ?? 0 })
  }

  /** Delivers what is due until then: UTC milliseconds. */
  async passUntil(time: number): Promise<void> {
    for (;;) {
      const next = this.#broker.nextDueAt ?? Infinity
      this.#moveTo(Math.min(next, time))
      if (next > time) return
      await this.#broker.deliver(async (batch) => {
        const { outcome } = await this.#runtime.queue(this.#worker, batch, this.#bindings)
        return outcome === 'ok'
      })
    }
  }

  #moveTo(time: number): void {
    this.#clock.moveTo(time)
    vi.setSystemTime(this.#clock.now())
  }
}

it.each([
  { spentAt: 2, error: D1_ERRORS.lost },
  { spentAt: 5, error: D1_ERRORS.lost },
  { spentAt: 14, error: D1_ERRORS.lost },
  { spentAt: 14, error: D1_ERRORS.writesSpent },
  { spentAt: 23, error: D1_ERRORS.lost },
])(
  'loses nothing if the operations of a day are used up at $spentAt:00, after a night without the database',
  async ({ spentAt, error }) => {
    const texts = await Promise.all(
      Array.from({ length: 24 }, (_, contactId) => messagesOf(buildEvent({ contactId }))),
    )
    vi.useFakeTimers({ toFake: ['Date'] })
    const plan = new FreePlan(error, MIDNIGHT + 24 * HOUR)
    for (const [index, [text = '']] of texts.entries()) {
      await plan.passUntil(MIDNIGHT - 4 * HOUR + index * 600_000)
      await plan.send(text)
    }
    await plan.passUntil(MIDNIGHT + spentAt * HOUR)
    plan.spendOperations()
    await plan.passUntil(MIDNIGHT + 36 * HOUR)
    expect(plan.deleted).toBe(0)
    expect(await count('activity')).toBe(24)
  },
)
