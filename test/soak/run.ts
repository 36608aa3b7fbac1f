import { Account, type Status, type Webhook } from '../yespo/account.ts'
import { PlainRecount } from '../plain-recount.ts'
import { showProgress } from '../yespo/progress.ts'
import { makeTraffic } from '../yespo/traffic.ts'
import { Fate } from './faults.ts'
import { Ledger } from './ledger.ts'
import type { Outcome } from './report.ts'
import { Server, type QueueState } from './server.ts'
import { faultyTransport, Lost } from './transport.ts'
import { Upkeep, type Clock } from './upkeep.ts'

/** What a soak is made of. */
export type SoakOptions = { events: number; seed: number; poison: number; faults: number }

type Traffic = ReturnType<typeof makeTraffic>

const PAUSES_MS = [200, 1_000, 5_000, 40_000] // between two things that Yespo has to report
/** When the first of it happens. */
const START = Date.UTC(2026, 0, 5, 7)

const MIN_BATCH_WAIT_MS = 1_000

const HOPELESS_FAILURES = 100 // days: longer than any outage here

/** The second webhook, which reports again what the first one does; it is off half of the time. */
const CHOSEN: Status[] = ['UNDELIVERED', 'CLICKED', 'UNSUBSCRIBED', 'SPAM']
const SWITCHING = 0.02

/**
 * Sends traffic through the receiver while everything around it fails, and compares what was sent
 * with what is stored. The same options fail in the same way.
 */
export async function soak(options: SoakOptions): Promise<Outcome> {
  const { events, seed, poison, faults } = options
  const server = await Server.start(seed, faults)
  try {
    const begun = performance.now()
    const run = new Run(server, options)
    await run.send(makeTraffic({ seed, events, poison, start: START }))
    const sentSeconds = (performance.now() - begun) / 1_000
    await run.verify()
    return { ...run.outcome(), seed, sentSeconds, seconds: (performance.now() - begun) / 1_000 }
  } finally {
    await server.close()
  }
}

class Run implements Clock {
  readonly #server: Server
  readonly #options: SoakOptions
  readonly #fate: Fate
  readonly #account: Account
  readonly #ledger = new Ledger({ 'X-Shop': 'крамниця' })
  #queue: QueueState = { nextDueAt: null, lateWrites: 0, counts: {} }
  #counts = {
    requests: 0,
    repeats: 0,
    blockedMs: 0,
    stuck: 0,
    surprises: 0,
    miscounted: 0,
    archived: 0,
    recounted: 0,
  }
  readonly #upkeep: Upkeep
  #taken = 0

  constructor(server: Server, options: SoakOptions) {
    this.#server = server
    this.#options = options
    this.#fate = new Fate(options.seed + 1, options.faults)
    const fate = new Fate(options.seed + 2, options.faults)
    this.#upkeep = new Upkeep(server, fate, this.#ledger, this)
    const onSurprise = () => this.#counts.surprises++
    const transport = faultyTransport(this.#fate, () => this.time, onSurprise)
    this.#account = new Account(transport, (error) => {
      // Going on would take hours of waiting for nothing.
      if (!(error instanceof Lost)) throw error
    })
  }

  get time(): number {
    return START + this.#account.now
  }

  advance(ms: number): void {
    this.#account.now += ms
  }

  /** Everything that has its moment happens in the order of time, until nothing is left to happen. */
  async send(traffic: Traffic): Promise<void> {
    const { webhookUrl: url, credentials: authentication, headers } = this.#server
    const form = { name: 'all', url, authentication, headers }
    await this.#account.create(form)
    const second = await this.#account.create({ ...form, name: 'chosen', statuses: CHOSEN })
    let nextBodyAt: number | undefined = 0
    for (;;) {
      const moments = [nextBodyAt, this.#account.nextDueAt(), this.#queue.nextDueAt ?? undefined]
      const next = Math.min(...moments.map((moment) => moment ?? Infinity))
      if (next === Infinity) break
      this.#account.now = Math.max(this.#account.now, next)
      if (nextBodyAt !== undefined && nextBodyAt <= this.#account.now) {
        if (this.#fate.random.chance(SWITCHING)) this.#switch(second)
        const pause = this.#fate.random.pick(PAUSES_MS)
        nextBodyAt = (await this.#emit(traffic)) ? this.#account.now + pause : undefined
        if (nextBodyAt === undefined) this.#account.reactivate(second) // for what it still has
      }
      for (const webhook of this.#account.due()) await this.#attempt(webhook)
      if ((this.#queue.nextDueAt ?? Infinity) <= this.#account.now) {
        this.#queue = await this.#server.control('deliver', this.#account.now)
      }
    }
  }

  #switch(webhook: Webhook): void {
    if (webhook.isActive) this.#account.deactivate(webhook)
    else this.#account.reactivate(webhook)
  }

  async #emit(traffic: Traffic): Promise<boolean> {
    const { value, done } = traffic.next()
    if (done) return false
    const elements = await this.#upkeep.plant(value)
    this.#ledger.expect(elements)
    this.advance(Math.max(0, this.#ledger.latest - this.time))
    for (const sent of this.#account.emit(elements)) this.#ledger.expectPoison(sent)
    await this.#upkeep.happen(elements)
    return true
  }

  async #attempt(webhook: Webhook): Promise<void> {
    const { isTaken, elements, blocked } = await this.#account.attempt(webhook)
    this.#counts.requests++
    if (isTaken) this.#counts.blockedMs += blocked
    else this.#counts.repeats++
    if (isTaken && !webhook.form.statuses) this.#taken += elements
    showProgress('taken', Math.min(this.#taken, this.#options.events), this.#options.events)
    if (webhook.stream.failures > HOPELESS_FAILURES) {
      this.#counts.stuck++
      this.#account.delete(webhook)
    }
    // Whether or not an answer came: something may wait in the queue now.
    const due = this.#account.now + MIN_BATCH_WAIT_MS
    this.#queue.nextDueAt = Math.min(this.#queue.nextDueAt ?? Infinity, due)
  }

  async verify(): Promise<void> {
    do this.#queue = await this.#server.control('calm', this.#account.now)
    while (this.#queue.lateWrites > 0)
    await this.#upkeep.finish(() => this.#empty())
    const [stored, counted] = [new PlainRecount(), new PlainRecount()]
    for await (const activity of this.#server.readAll()) {
      this.#ledger.find(activity)
      counted.add(activity)
      stored.add(activity)
      showProgress('compared', this.#ledger.stored, this.#ledger.events)
    }
    const kept = await this.#server.readKept()
    this.#counts.miscounted = stored.countNames(kept)
    for await (const activity of this.#server.readArchive()) {
      this.#ledger.find(activity)
      stored.add(activity)
      this.#counts.archived++
    }
    for await (const activity of this.#server.readDeleted()) counted.add(activity)
    const { events, contacts } = counted.countTotals(kept)
    this.#counts.miscounted += events + stored.countSuppressions(kept)
    this.#counts.recounted = contacts
    for (const setAside of await this.#server.readSetAside()) this.#ledger.findSetAside(setAside)
    await this.#server.control('calm', this.#account.now) // the log of the reading, too
  }

  /** Has the queue deliver all that it holds. */
  async #empty(): Promise<void> {
    do {
      this.#account.now = Math.max(this.#account.now, this.#queue.nextDueAt ?? 0)
      this.#queue = await this.#server.control('deliver', this.#account.now)
    } while (this.#queue.nextDueAt !== null)
  }

  outcome(): Omit<Outcome, 'seed' | 'seconds' | 'sentSeconds'> {
    const { events, poison, stored, forgotten } = this.#ledger
    const { leaks, logLines } = this.#server
    return {
      ...this.#counts,
      ...this.#upkeep.counts,
      ...{ events, poison, stored, forgotten, leaks, logLines },
      faults: { ...this.#queue.counts, ...this.#fate.counts },
      balance: this.#ledger.balance(),
    }
  }
}
