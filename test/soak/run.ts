import { Account, type Status, type Webhook } from '../../src/simulator/account.ts'
import { PlainRebuild } from '../plain-rebuild.ts'
import { showCount } from '../../src/cli/progress.ts'
import { makeTraffic } from '../../src/simulator/traffic.ts'
import { Api } from './api.ts'
import { compareCoverage } from './compare-coverage.ts'
import { Fate } from './faults.ts'
import { Ledger } from './ledger.ts'
import type { Outcome } from './report.ts'
import { START } from './start.ts'
import { Server, type QueueState } from './server.ts'
import { faultyTransport, Lost } from './transport.ts'
import { Upkeep, type Clock } from './upkeep.ts'

/** What a soak is made of. */
export type SoakOptions = { events: number; seed: number; poison: number; faults: number }

type Traffic = ReturnType<typeof makeTraffic>

const PAUSES_MS = [200, 1_000, 5_000, 40_000] // between two things that Yespo has to report
const MIN_BATCH_WAIT_MS = 1_000

const HOPELESS_FAILURES = 100 // days: longer than any outage here

/** The second webhook, which reports again what the first one does; it is off half of the time. */
const CHOSEN: Status[] = ['UNDELIVERED', 'CLICKED', 'UNSUBSCRIBED', 'SPAM']
const SWITCHING = 0.02

/** Of all events, those that happen at least while the main webhook is deactivated. */
const UNNOTIFIED = 0.02

const HOUR = 3_600_000

/** What else is compared: some that the webhook confirmed. */
const LOOK_BACK = 12 * HOUR

/**
 * Sends traffic through the receiver while everything around it fails, and compares what was sent
 * with what is stored. The same options fail in the same way.
 */
export async function soak(options: SoakOptions): Promise<Outcome> {
  const { events, seed, poison, faults } = options
  const api = await Api.start(seed, new Fate(seed + 3, faults))
  const server = await Server.start(seed, faults, api.url)
  try {
    const begun = performance.now()
    const run = new Run(server, api, options)
    await run.send(makeTraffic({ seed, events, poison, start: START }))
    const sentSeconds = (performance.now() - begun) / 1_000
    await run.verify()
    return { ...run.outcome(), seed, sentSeconds, seconds: (performance.now() - begun) / 1_000 }
  } finally {
    await server.close()
    await api.close()
  }
}

class Run implements Clock {
  readonly #server: Server
  readonly #api: Api
  readonly #options: SoakOptions
  readonly #fate: Fate
  readonly #account: Account
  readonly #ledger = new Ledger({ 'X-Shop': 'крамниця' })
  #queue: QueueState = { nextDueAt: null, time: 0, lateWrites: 0, counts: {} }
  #counts = {
    requests: 0,
    repeats: 0,
    blockedMs: 0,
    stuck: 0,
    surprises: 0,
    miscounted: 0,
    archived: 0,
    recounted: 0,
    deactivatedMs: 0,
    covered: 0,
    coverageWrong: 0,
  }
  readonly #upkeep: Upkeep
  #taken = 0
  /** When the main webhook was deactivated; undefined before and after. */
  #deactivatedAt: number | undefined

  constructor(server: Server, api: Api, options: SoakOptions) {
    this.#server = server
    this.#api = api
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
    const main = await this.#account.create(form)
    const second = await this.#account.create({ ...form, name: 'chosen', statuses: CHOSEN })
    let nextBodyAt: number | undefined = 0
    while (this.#reachNext(nextBodyAt)) {
      if (nextBodyAt !== undefined && nextBodyAt <= this.#account.now) {
        if (this.#fate.random.chance(SWITCHING)) this.#switch(second)
        const pause = this.#fate.random.pick(PAUSES_MS)
        nextBodyAt = (await this.#emit(traffic)) ? this.#account.now + pause : undefined
        await this.#miss(main, second, nextBodyAt === undefined)
        if (nextBodyAt === undefined) this.#account.reactivate(second) // for what it still has
      }
      await this.#work(nextBodyAt)
    }
  }

  /** @returns whether there is something left to happen */
  #reachNext(nextBodyAt?: number): boolean {
    const moments = [nextBodyAt, this.#account.nextDueAt(), this.#queue.nextDueAt ?? undefined]
    const next = Math.min(...moments.map((moment) => moment ?? Infinity))
    if (next === Infinity) return false
    this.#account.now = Math.max(this.#account.now, next)
    return true
  }

  async #work(nextBodyAt?: number): Promise<void> {
    for (const webhook of this.#account.due()) await this.#attempt(webhook)
    if ((this.#queue.nextDueAt ?? Infinity) > this.#account.now) return
    await this.#deliver(Math.min(nextBodyAt ?? Infinity, this.#account.nextDueAt() ?? Infinity))
  }

  /** @param until what the queue holds until then, too: milliseconds of the account */
  async #deliver(until = Infinity): Promise<void> {
    this.#catchUp(await this.#server.deliver(this.time, START + until))
  }

  async #control(what: 'calm' | 'storm'): Promise<void> {
    this.#catchUp(await this.#server.control(what, this.time))
  }

  #catchUp(queue: QueueState): void {
    this.#queue = queue
    // What it reads from the API takes its time.
    this.#account.now = Math.max(this.#account.now, queue.time - START)
  }

  async #setCalm(isCalm: boolean): Promise<void> {
    this.#fate.isCalm = this.#api.fate.isCalm = isCalm
    do await this.#control(isCalm ? 'calm' : 'storm')
    while (this.#queue.lateWrites > 0)
  }

  /** In the middle of it all the main webhook is deactivated for an hour or more; then that is filled. */
  async #miss(main: Webhook, second: Webhook, isOver: boolean): Promise<void> {
    const { events } = this.#options
    if (this.#deactivatedAt === undefined) {
      if (isOver || this.#ledger.untold > 0 || this.#ledger.events < events / 2) return
      this.#deactivatedAt = this.time
      this.#account.deactivate(main)
    } else if (isOver || this.#ledger.untold >= events * UNNOTIFIED) {
      this.advance(Math.max(0, this.#deactivatedAt + HOUR - this.time))
      this.#counts.deactivatedMs = this.time - this.#deactivatedAt
      this.#deactivatedAt = undefined
      for (const webhook of [main, second]) this.#account.reactivate(webhook)
      await this.#fill()
    }
  }

  /** Has the API read while all goes wrong, and once more in peace: then nothing may be missing. */
  async #fill(): Promise<void> {
    const [since, until] = [this.#ledger.untoldSince - LOOK_BACK, this.#ledger.latest + 1_000]
    for (const isCalm of [false, true]) {
      if (isCalm) await this.#setCalm(true)
      while (this.#reachNext()) await this.#work()
      this.advance(2 * HOUR) // what shows late does, and the last hour is over
      await this.#upkeep.backfill(since, until)
      await this.#deliver()
      while (this.#reachNext()) await this.#work()
    }
    await this.#upkeep.replay()
    const compared = await compareCoverage(this.#server, this.#ledger, since, until)
    Object.assign(this.#counts, compared)
    await this.#setCalm(false)
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
    this.#api.record(value, this.time)
    const bodies = this.#account.emit(elements)
    for (const sent of bodies) this.#ledger.expectPoison(sent)
    const told = new Set(bodies.flat())
    this.#ledger.missByWebhook(elements.filter((element) => !told.has(element)))
    await this.#upkeep.happen(elements)
    return true
  }

  async #attempt(webhook: Webhook): Promise<void> {
    const { isAccepted, elements, blocked } = await this.#account.attempt(webhook)
    this.#counts.requests++
    if (isAccepted) this.#counts.blockedMs += blocked
    else this.#counts.repeats++
    if (isAccepted && !webhook.form.statuses) this.#taken += elements
    showCount('taken', Math.min(this.#taken, this.#options.events), this.#options.events)
    if (webhook.stream.failures > HOPELESS_FAILURES) {
      this.#counts.stuck++
      this.#account.delete(webhook)
    }
    // Whether or not an answer came: something may wait in the queue now.
    const due = this.#account.now + MIN_BATCH_WAIT_MS
    this.#queue.nextDueAt = Math.min(this.#queue.nextDueAt ?? Infinity, due)
  }

  async verify(): Promise<void> {
    await this.#setCalm(true)
    await this.#upkeep.finish(() => this.#empty())
    const [stored, counted] = [new PlainRebuild(), new PlainRebuild()]
    for await (const activity of this.#server.readAll()) {
      this.#ledger.find(activity)
      counted.add(activity)
      stored.add(activity)
      showCount('compared', this.#ledger.stored, this.#ledger.events)
    }
    const kept = await this.#server.readKept()
    const names = stored.countNames(kept)
    for await (const activity of this.#server.readArchive()) {
      this.#ledger.find(activity)
      stored.add(activity)
      this.#counts.archived++
    }
    for await (const activity of this.#server.readDeleted()) counted.add(activity)
    const { events, contacts } = counted.countTotals(kept)
    const suppressions = stored.countSuppressions(kept)
    this.#counts.miscounted = names + events + suppressions
    if (this.#counts.miscounted > 0) console.error('miscounted', { names, events, suppressions })
    this.#counts.recounted = contacts
    for (const quarantined of await this.#server.readSetAside()) this.#ledger.findItem(quarantined)
    await this.#control('calm') // the log of the reading, too
  }

  /** Has the queue deliver all that it holds. */
  async #empty(): Promise<void> {
    do {
      this.#account.now = Math.max(this.#account.now, this.#queue.nextDueAt ?? 0)
      await this.#deliver()
    } while (this.#queue.nextDueAt !== null)
  }

  outcome(): Omit<Outcome, 'seed' | 'seconds' | 'sentSeconds'> {
    const { events, poison, stored, forgotten, untold, filled, cameByApiFirst } = this.#ledger
    const { calls, hasty } = this.#api
    const { leaks, logLines } = this.#server
    return {
      ...this.#counts,
      ...this.#upkeep.counts,
      events,
      poison,
      stored,
      forgotten,
      leaks,
      logLines,
      untold,
      filled,
      cameByApiFirst,
      calls,
      hasty,
      faults: { ...this.#queue.counts, ...this.#api.fate.counts, ...this.#fate.counts },
      balance: this.#ledger.balance(),
    }
  }
}
