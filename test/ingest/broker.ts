import { env } from 'cloudflare:workers'
import { isAboutBody } from '../../src/event/body-part.ts'
import { consumeBodies } from '../../src/ingest/consume-bodies.ts'
import { countMessage } from '../../src/event/message.ts'

/** A call of the database or the queue that kills the invocation: before its work is done, or after. */
export type Kill = { call: number; isDone: boolean }

const forEver = () => new Promise<never>(() => {})

/** A queue of messages about large bodies, whose invocations can be killed. It keeps the messages of events. */
export class Broker {
  /** Messages about bodies that wait. */
  readonly waiting: (string | Uint8Array)[]
  /** Messages of events, as they were sent. */
  readonly events: string[] = []
  /** Calls of the database and the queue so far. */
  calls = 0
  readonly #killed = Promise.withResolvers<'killed'>()
  #kill: Kill | undefined

  constructor(waiting: readonly (string | Uint8Array)[], kill?: Kill) {
    this.waiting = [...waiting]
    this.#kill = kill
  }

  /** Delivers one message after the other; one whose invocation is killed comes again last. @returns how many were */
  async run(): Promise<number> {
    for (let kills = 0; ;) {
      const body = this.waiting.shift()
      if (body === undefined) return kills
      let isAcknowledged = false
      const ack = () => (isAcknowledged = true)
      const message = { body, attempts: 1, timestamp: new Date(), ack, retry: () => {} }
      const consuming = consumeBodies([message as unknown as Message<string>], {
        db: this.#db,
        queues: { small: this.#queue, large: this.#queue },
      })
      const outcome = await (this.#kill
        ? Promise.race([consuming, this.#killed.promise])
        : consuming)
      if (outcome === 'killed') {
        this.#kill = undefined
        kills++
      }
      if (!isAcknowledged) this.waiting.push(body)
    }
  }

  async #call<T>(work: () => Promise<T>): Promise<T> {
    const kill = this.#kill
    const isKilled = ++this.calls >= (kill?.call ?? Infinity)
    if (isKilled && kill?.isDone) await work()
    if (!isKilled) return work()
    this.#killed.resolve('killed')
    return forEver()
  }

  get #db(): D1Database {
    const wrap = (statement: D1PreparedStatement) =>
      Object.assign(Object.create(statement) as D1PreparedStatement, {
        bind: (...values: unknown[]) => wrap(statement.bind(...values)),
        first: (column: string) => this.#call(() => statement.first(column)),
        all: () => this.#call(() => statement.all()),
        run: () => this.#call(() => statement.run()),
        unwrapped: statement,
      })
    const batch = (statements: { unwrapped: D1PreparedStatement }[]) =>
      this.#call(() => env.DB.batch(statements.map(({ unwrapped }) => unwrapped)))
    return { prepare: (sql: string) => wrap(env.DB.prepare(sql)), batch } as unknown as D1Database
  }

  get #queue(): Queue {
    const sendBatch = (messages: Iterable<MessageSendRequest<string>>) =>
      this.#call(async () => {
        for (const { body } of messages) {
          if (isAboutBody(body)) this.waiting.push(body)
          else if (countMessage(body)) this.events.push(body)
          else throw new Error('a message of no known kind')
        }
      })
    return { sendBatch, send: (body: string) => sendBatch([{ body }]) } as unknown as Queue
  }
}
