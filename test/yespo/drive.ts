import { setTimeout as wait } from 'node:timers/promises'
import { Account, type Request, type Webhook, type WebhookForm } from './account.ts'
import { showProgress } from './progress.ts'
import { Random } from './random.ts'
import { readTaken } from './taken.ts'
import { makeTraffic, type Element } from './traffic.ts'
import { send } from './transport.ts'

/** What to send, and how. */
export type DriveOptions = {
  events: number
  /** Events a second. */
  rate: number
  /** Share of elements on top that can be no event. */
  poison: number
  /** Share of requests that are sent again though they were taken. */
  repeat: number
  seed: number
  /** When the first of them happened: UTC milliseconds. */
  start: number
}

/** What came of it. */
export type DriveCounts = {
  requests: number
  repeats: number
  failures: number
  events: number
  poison: number
  /** As the receiver said; others than ours do not. */
  accepted: number
  quarantined: number
}

/** A minute of Yespo's waiting lasts a second. */
const HASTE = 60

/** Waits of 1, 2, 4 and 8 minutes: who has not taken a request by then will not. */
const MAX_FAILURES = 5

/** Sends simulated traffic to a receiver, at its pace and in Yespo's order. */
export class Drive {
  readonly counts: DriveCounts = {
    requests: 0,
    repeats: 0,
    failures: 0,
    events: 0,
    poison: 0,
    accepted: 0,
    quarantined: 0,
  }
  readonly #options: DriveOptions
  readonly #account = new Account((request) => this.#send(request))
  readonly #random: Random
  readonly #begun = performance.now()
  #lastAnswer = ''

  constructor(options: DriveOptions) {
    this.#options = options
    this.#random = new Random(options.seed + 1)
  }

  get seconds(): number {
    return (performance.now() - this.#begun) / 1_000
  }

  /** @returns undefined where everything was taken; otherwise the answer that it gave up at */
  async run(form: WebhookForm): Promise<string | undefined> {
    const { events, rate } = this.#options
    const webhook = await this.#account.create(form)
    for (const elements of makeTraffic(this.#options)) {
      this.#account.emit(elements)
      if (!(await this.#deliver(webhook))) return this.#lastAnswer
      this.#count(elements)
      showProgress('sent', this.counts.events, events)
      await wait(Math.max(0, (this.counts.events / rate - this.seconds) * 1_000))
    }
    return undefined
  }

  /** Sends what is due; once more where it was taken and the answer is to get lost. */
  async #deliver(webhook: Webhook): Promise<boolean> {
    const again = this.#random.chance(this.#options.repeat) ? webhook.stream.head : undefined
    for (;;) {
      await wait(Math.max(0, webhook.stream.nextAttemptAt / HASTE - this.seconds * 1_000))
      this.#account.now = this.seconds * 1_000 * HASTE
      const { isTaken } = await this.#account.attempt(webhook)
      this.counts.requests++
      if (isTaken && again) {
        await this.#account.sendTest(webhook.form, again)
        this.counts.requests++
        this.counts.repeats++
      }
      if (isTaken) return true
      this.counts.failures++
      if (webhook.stream.failures === MAX_FAILURES) return false
    }
  }

  #count(elements: readonly Element[]): void {
    const poison = elements.filter(({ isPoison }) => isPoison).length
    this.counts.poison += poison
    this.counts.events += elements.length - poison
    const { accepted, quarantined } = readTaken(this.#lastAnswer)
    this.counts.accepted += accepted
    this.counts.quarantined += quarantined
  }

  async #send(request: Request): Promise<{ status: number; body: string }> {
    const answer = await send(request).catch((error: Error) => {
      this.#lastAnswer = String(error.cause ?? error)
      throw error
    })
    if (request.method === 'GET') return answer
    this.#lastAnswer = answer.status === 200 ? answer.body : `${answer.status} ${answer.body}`
    return answer
  }
}
