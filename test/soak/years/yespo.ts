import type { Element } from '../../../src/simulator/traffic.ts'
import { joinBody } from '../../../src/simulator/traffic.ts'
import { digest128 } from '../../../src/event/identity.ts'
import { Violation, type Happening, type Item, type Ledger } from './ledger.ts'
import { toText, type Scheduler } from './scheduler.ts'
import type { Reply, World } from './world.ts'

const ORIGIN = 'https://receiver.example.com'
const MINUTE = 60_000
const LONGEST_DELAY = 60 * MINUTE
/** A body of so many has so many blanks between two that it comes to the consumer in parts on the free plan. */
const MANY = 120
const BLANKS = Buffer.alloc(600, ' ')

export type Form = {
  name: string
  login: string
  password: string
  headers: Readonly<Record<string, string>>
  /** All if it is empty. */
  statuses: readonly string[]
  /** How many bodies it makes of those that others send as one. */
  pieces: number
}

type Body = { content: Buffer; happenings: readonly Happening[]; items: readonly Item[] }

/** A webhook of Yespo: sends what happened, one body after the other, each until it gets 200. */
export class Webhook {
  form: Form
  isActive = true
  /** Whether its password is wrong at the moment. */
  isRefused = false
  failures = 0
  requests = 0
  blockedMs = 0
  /** Is told what is wrong. */
  fail: (error: unknown) => void = () => {}
  readonly #world: World
  readonly #ledger: Ledger
  readonly #pending: Body[] = []
  /** Whether a request is under way or planned. */
  #isBusy = false
  #failingSince = 0
  /** Whether a refusal is right at the moment. */
  readonly mayRefuse: (reply: Reply) => boolean
  /** Whether a password is accepted at the moment. */
  readonly accepts: (password: string) => boolean

  constructor(
    world: World,
    ledger: Ledger,
    form: Form,
    { mayRefuse, accepts }: Pick<Webhook, 'mayRefuse' | 'accepts'>,
  ) {
    this.#world = world
    this.#ledger = ledger
    this.form = form
    this.mayRefuse = mayRefuse
    this.accepts = accepts
  }

  get length(): number {
    return this.#pending.length
  }

  reports({ status }: Element): boolean {
    const { statuses } = this.form
    return status === undefined || statuses.length === 0 || statuses.includes(status)
  }

  /** Queues what happened. Equal events stay in one body, as nothing else tells them apart. */
  push(happened: readonly (Happening | Element)[]): void {
    const pieces = Map.groupBy(happened, (each) => {
      const bytes = 'entry' in each ? each.element.bytes : each.bytes
      return Number.parseInt(digestOf(bytes), 16) % this.form.pieces
    })
    for (const piece of pieces.values()) {
      const happenings = piece.filter((each) => 'entry' in each)
      const elements = piece.map((each) => ('entry' in each ? each.element : each))
      this.#pending.push({
        content: elements.length < MANY ? joinBody(elements) : joinSpaced(elements),
        happenings,
        items: this.#ledger.expectItems(elements),
      })
    }
    this.continue()
  }

  deactivate(): void {
    this.isActive = false
  }

  reactivate(): void {
    this.isActive = true
    this.continue()
  }

  continue(): void {
    if (this.#isBusy || !this.isActive || this.#pending.length === 0) return
    this.#isBusy = true
    const delay =
      this.failures === 0 ? 0 : Math.min(MINUTE * 2 ** (this.failures - 1), LONGEST_DELAY)
    const { scheduler } = this.#world
    scheduler.at(scheduler.now() + delay, `webhook ${this.form.name}`, () => {
      void this.#attempt(scheduler)
        .catch((error: unknown) => this.fail(error))
        .finally(() => {
          this.#isBusy = false
          this.continue()
        })
    })
  }

  async #attempt(scheduler: Scheduler): Promise<void> {
    const [body] = this.#pending
    if (!body || !this.isActive) return
    this.requests++
    const { login, password, headers } = this.form
    const wasAccepted = this.accepts(password)
    this.#ledger.send(body.happenings)
    const reply = await this.#world.send(
      new Request(`${ORIGIN}/webhooks/yespo`, {
        method: 'POST',
        body: new Uint8Array(body.content),
        headers: {
          ...headers,
          'Content-Type': 'application/json',
          Authorization: `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`,
          'CF-Connecting-IP': '192.0.2.1',
        },
      }),
    )
    this.#ledger.send(body.happenings)
    if (reply.status === 200) {
      if (!wasAccepted && !this.accepts(password))
        throw new Violation(`a wrong password got 200 at ${toText(scheduler.now())}`)
      if (this.failures > 0) this.blockedMs += scheduler.now() - this.#failingSince
      this.failures = 0
      this.#pending.shift()
      this.#ledger.accept(body.happenings)
      this.#ledger.acceptItems(body.items)
      return
    }
    if (!this.isRefused && !this.mayRefuse(reply)) {
      throw new Violation(
        `the webhook got ${reply.status} at ${toText(scheduler.now())}: ${reply.body}`,
      )
    }
    if (this.failures === 0) this.#failingSince = scheduler.now()
    this.failures++
  }
}

function joinSpaced(elements: readonly Element[]): Buffer {
  const spaced = elements.map((each) => ({ ...each, bytes: Buffer.concat([BLANKS, each.bytes]) }))
  return joinBody(spaced)
}

function digestOf(bytes: Buffer): string {
  return Buffer.from(digest128(bytes)).toString('hex').slice(0, 8)
}
