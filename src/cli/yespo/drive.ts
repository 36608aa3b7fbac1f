import { setTimeout as wait } from 'node:timers/promises'
import { Account, type Request, type Webhook, type WebhookForm } from '../../simulator/account.ts'
import { showCount } from '../progress.ts'
import { Random } from '../../simulator/random.ts'
import { makeTraffic, type Element } from '../../simulator/traffic.ts'
import { readCounts, send } from '../../simulator/transport.ts'

export type DriveOptions = {
  events: number
  /** Events per second. */
  rate: number
  /** Invalid items per event. */
  poison: number
  /** Share of requests that are sent again although they were accepted. */
  repeat: number
  seed: number
  /** When the first of them happened: UTC milliseconds. */
  start: number
}

export type DriveCounts = {
  requests: number
  repeats: number
  failures: number
  events: number
  poison: number
  accepted: number
  quarantined: number
  deferred: number
}

/** Yespo's retry waits run so many times faster. */
const SPEED_UP = 60

/** After waits of 1, 2, 4 and 8 minutes. */
const MAX_FAILURES = 5

/** Sends simulated traffic to a receiver, at the given rate and in Yespo's order. */
export class Drive {
  readonly counts: DriveCounts = {
    requests: 0,
    repeats: 0,
    failures: 0,
    events: 0,
    poison: 0,
    accepted: 0,
    quarantined: 0,
    deferred: 0,
  }
  readonly #options: DriveOptions
  readonly #account = new Account((request) => this.#send(request))
  readonly #random: Random
  readonly #startedAt = performance.now()
  #lastResponse = ''

  constructor(options: DriveOptions) {
    this.#options = options
    this.#random = new Random(options.seed + 1)
  }

  get seconds(): number {
    return (performance.now() - this.#startedAt) / 1_000
  }

  /** @returns undefined if everything was accepted; otherwise the response after which it gave up */
  async run(form: WebhookForm): Promise<string | undefined> {
    const { events, rate } = this.#options
    const webhook = await this.#account.create(form)
    for (const elements of makeTraffic(this.#options)) {
      this.#account.emit(elements)
      if (!(await this.#deliver(webhook))) return this.#lastResponse
      this.#count(elements)
      showCount('sent', this.counts.events, events)
      await wait(Math.max(0, (this.counts.events / rate - this.seconds) * 1_000))
    }
    return undefined
  }

  /** Sends the next request until it is accepted; sometimes once more, as if the response got lost. */
  async #deliver(webhook: Webhook): Promise<boolean> {
    const repeated = this.#random.chance(this.#options.repeat) ? webhook.stream.head : undefined
    for (;;) {
      await wait(Math.max(0, webhook.stream.nextAttemptAt / SPEED_UP - this.seconds * 1_000))
      this.#account.now = this.seconds * 1_000 * SPEED_UP
      const { isAccepted } = await this.#account.attempt(webhook)
      this.counts.requests++
      if (isAccepted && repeated) {
        await this.#account.sendTest(webhook.form, repeated)
        this.counts.requests++
        this.counts.repeats++
      }
      if (isAccepted) return true
      this.counts.failures++
      if (webhook.stream.failures === MAX_FAILURES) return false
    }
  }

  #count(elements: readonly Element[]): void {
    const poison = elements.filter(({ isPoison }) => isPoison).length
    this.counts.poison += poison
    this.counts.events += elements.length - poison
    const { accepted, quarantined, deferred } = readCounts(this.#lastResponse)
    this.counts.accepted += accepted
    this.counts.quarantined += quarantined
    this.counts.deferred += deferred ?? elements.length
  }

  async #send(request: Request): Promise<{ status: number; body: string }> {
    const response = await send(request).catch((error: Error) => {
      this.#lastResponse = error.cause instanceof Error ? String(error.cause) : String(error)
      throw error
    })
    if (request.method === 'GET') return response
    const { status, body } = response
    this.#lastResponse = status === 200 ? body : `${status} ${body}`
    return response
  }
}
