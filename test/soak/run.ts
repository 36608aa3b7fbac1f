import { Account, type Status, type Webhook } from '../../src/simulator/account.ts'
import { PlainRebuild } from '../plain-rebuild.ts'
import { showCount } from '../../src/cli/progress.ts'
import { makeTraffic } from '../../src/simulator/traffic.ts'
import { Api } from './api.ts'
import { compareCoverage } from './compare-coverage.ts'
import { Fate } from './faults.ts'
import { Ledger } from './ledger.ts'
import type { Plan } from '../strict/index.ts'
import type { Outcome } from './report.ts'
import { START } from './start.ts'
import { Server, type QueueState } from './server.ts'
import { faultyTransport, RequestLost } from './transport.ts'
import { Operator, type Clock } from './operator.ts'

/** The options of a soak. */
export type SoakOptions = {
  events: number
  seed: number
  poison: number
  faults: number
  plan: Plan
}

type Traffic = ReturnType<typeof makeTraffic>

const PAUSES_MS = [200, 1_000, 5_000, 40_000] // between two bodies that Yespo sends
const MIN_BATCH_WAIT_MS = 1_000

const MAX_FAILURES = 100 // takes days: longer than any outage here

/** The statuses of the second webhook; the first one reports them, too. It is off half of the time. */
const SECOND_STATUSES: Status[] = ['UNDELIVERED', 'CLICKED', 'UNSUBSCRIBED', 'SPAM']
const SWITCH_RATE = 0.02

/** The share of events that happen while the main webhook is deactivated, at least. */
const UNNOTIFIED_SHARE = 0.02

const HOUR = 3_600_000

/** What happens once such a share of the events is sent. Only the free plan has daily quotas. */
const MISFORTUNES = [
  { share: 0.15, spends: ['rowsWritten'] },
  { share: 0.3, spends: ['queueOperations'] },
  { share: 0.75, spends: ['rowsWritten', 'queueOperations'] },
  { share: 0.85, deploysBroken: true },
] as const

/** How far before the gap the comparison starts, to include events that the webhook confirmed. */
const LOOKBACK = 12 * HOUR

/**
 * Sends traffic through the receiver while everything around it fails, and compares sent and
 * stored events. The same options fail in the same way.
 *
 * @param inspect looks at the receiver afterwards
 */
export async function soak(
  options: SoakOptions,
  inspect: (server: Server, ledger: Ledger) => Promise<void> = async () => {},
): Promise<Outcome> {
  const { events, seed, poison, faults, plan } = options
  const api = await Api.start(seed, new Fate(seed + 3, faults))
  const server = await Server.start(options, api.url)
  try {
    const started = performance.now()
    const run = new Run(server, api, options)
    await run.send(makeTraffic({ seed, events, poison, start: START }))
    await run.archive()
    const sentSeconds = (performance.now() - started) / 1_000
    await run.verify()
    await inspect(server, run.ledger)
    const seconds = (performance.now() - started) / 1_000
    return { ...run.outcome(), seed, plan, sentSeconds, seconds }
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
  readonly ledger = new Ledger({ 'X-Shop': 'крамниця' })
  #queue: QueueState = { nextDueAt: null, time: 0, deleted: {}, counts: {} }
  readonly #misfortunes = [...MISFORTUNES]
  #brokenUntil = 0
  #counts = {
    requests: 0,
    repeats: 0,
    blockedMs: 0,
    blockedForever: 0,
    unexpectedResponses: 0,
    miscounted: 0,
    archived: 0,
    countedTwice: 0,
    deactivatedMs: 0,
    covered: 0,
    wrongCoverage: 0,
    quotasSpent: 0,
  }
  readonly #operator: Operator
  #accepted = 0
  /** When the main webhook was deactivated; undefined before and after. */
  #deactivatedAt: number | undefined

  constructor(server: Server, api: Api, options: SoakOptions) {
    this.#server = server
    this.#api = api
    this.#options = options
    this.#fate = new Fate(options.seed + 1, options.faults)
    const fate = new Fate(options.seed + 2, options.faults)
    this.#operator = new Operator(server, fate, this.ledger, this)
    const onUnexpectedResponse = (status: number) => {
      // Cloudflare's own, while the deployed version does not start.
      if (status !== 500 || this.time > this.#brokenUntil) this.#counts.unexpectedResponses++
    }
    const transport = faultyTransport(this.#fate, () => this.time, onUnexpectedResponse)
    this.#account = new Account(transport, (error) => {
      // Continuing would only wait for hours.
      if (!(error instanceof RequestLost)) throw error
    })
  }

  get time(): number {
    return START + this.#account.now
  }

  advance(ms: number): void {
    this.#account.now += ms
  }

  /** Does everything in order of time, until nothing is left to do. */
  async send(traffic: Traffic): Promise<void> {
    const { webhookUrl: url, credentials: authentication, headers } = this.#server
    const form = { name: 'all', url, authentication, headers }
    const main = await this.#account.create(form)
    const second = await this.#account.create({
      ...form,
      name: 'chosen',
      statuses: SECOND_STATUSES,
    })
    let nextBodyAt: number | undefined = 0
    while (this.#advanceToNext(nextBodyAt)) {
      if (nextBodyAt !== undefined && nextBodyAt <= this.#account.now) {
        if (this.#fate.random.chance(SWITCH_RATE)) this.#switch(second)
        const pause = this.#fate.random.pick(PAUSES_MS)
        nextBodyAt = (await this.#emit(traffic)) ? this.#account.now + pause : undefined
        await this.#suffer()
        await this.#deactivateForAWhile(main, second, nextBodyAt === undefined)
        if (nextBodyAt === undefined) this.#account.reactivate(second) // sends its pending requests
      }
      await this.#work(nextBodyAt)
    }
  }

  /** Advances to the next thing to do. @returns whether there is one */
  #advanceToNext(nextBodyAt?: number): boolean {
    const moments = [nextBodyAt, this.#account.nextDueAt(), this.#queue.nextDueAt ?? undefined]
    const next = Math.min(...moments.map((moment) => moment ?? Infinity))
    if (next === Infinity) return false
    this.#account.now = Math.max(this.#account.now, next)
    return true
  }

  /** Does everything that is due by then. @param time UTC milliseconds */
  async #passUntil(time: number): Promise<void> {
    const until = time - START
    while (this.#account.now < until) {
      this.#advanceToNext(until)
      await this.#work(until)
    }
  }

  async #work(nextBodyAt?: number): Promise<void> {
    for (const webhook of this.#account.due()) await this.#attempt(webhook)
    if ((this.#queue.nextDueAt ?? Infinity) > this.#account.now) return
    await this.#deliver(Math.min(nextBodyAt ?? Infinity, this.#account.nextDueAt() ?? Infinity))
  }

  /** @param until also delivers what is due by then: milliseconds of the account */
  async #deliver(until = Infinity): Promise<void> {
    this.#catchUp(await this.#server.deliver(this.time, START + until))
  }

  async #control(mode: 'calm' | 'storm'): Promise<void> {
    this.#catchUp(await this.#server.control(mode, this.time))
  }

  #catchUp(queue: QueueState): void {
    this.#queue = queue
    // Reading from the API takes time.
    this.#account.now = Math.max(this.#account.now, queue.time - START)
  }

  async #setCalm(isCalm: boolean): Promise<void> {
    this.#fate.isCalm = this.#api.fate.isCalm = isCalm
    await this.#control(isCalm ? 'calm' : 'storm')
  }

  /** Uses up a quota of the day, or deploys a broken version for an hour. */
  async #suffer(): Promise<void> {
    const [next] = this.#misfortunes
    if (next === undefined || this.ledger.events < this.#options.events * next.share) return
    this.#misfortunes.shift()
    if ('spends' in next) {
      this.#counts.quotasSpent += next.spends.length
      await this.#server.spend(next.spends, this.time)
    } else {
      this.#brokenUntil = this.time + HOUR
      await this.#server.deployBroken(this.time, this.#brokenUntil)
    }
  }

  /** Halfway through, deactivates the main webhook for an hour or more; then fills the gap. */
  async #deactivateForAWhile(main: Webhook, second: Webhook, isOver: boolean): Promise<void> {
    const { events } = this.#options
    if (this.#deactivatedAt === undefined) {
      if (isOver || this.ledger.unnotified > 0 || this.ledger.events < events / 2) return
      this.#deactivatedAt = this.time
      this.#account.deactivate(main)
    } else if (isOver || this.ledger.unnotified >= events * UNNOTIFIED_SHARE) {
      this.advance(Math.max(0, this.#deactivatedAt + HOUR - this.time))
      this.#counts.deactivatedMs = this.time - this.#deactivatedAt
      this.#deactivatedAt = undefined
      for (const webhook of [main, second]) this.#account.reactivate(webhook)
      await this.#backfill()
    }
  }

  /**
   * Backfills while everything fails, and once more without faults, when all that the webhook accepted is stored: then
   * nothing may be missing. Days move to the archive afterwards.
   */
  async #backfill(): Promise<void> {
    const [since, until] = [this.ledger.unnotifiedSince - LOOKBACK, this.ledger.latest + 1_000]
    for (const isCalm of [false, true]) {
      if (isCalm) await this.#setCalm(true)
      while (this.#advanceToNext()) await this.#work()
      if (isCalm) await this.#operator.finish(() => this.#drainQueue())
      this.advance(2 * HOUR) // late events are visible by then, and the last hour is over
      await this.#operator.backfill(since, until)
      await this.#deliver()
      while (this.#advanceToNext()) await this.#work()
    }
    const compared = await compareCoverage(this.#server, this.ledger, since, until)
    Object.assign(this.#counts, compared)
    // From here on, events, erasures and replays meet archived days.
    await this.#operator.archiveFirstDay(() => this.#drainQueue())
    await this.#setCalm(false)
  }

  #switch(webhook: Webhook): void {
    if (webhook.isActive) this.#account.deactivate(webhook)
    else this.#account.reactivate(webhook)
  }

  async #emit(traffic: Traffic): Promise<boolean> {
    const { value, done } = traffic.next()
    if (done) return false
    const elements = await this.#operator.plantOldItem(value)
    this.ledger.expect(elements)
    this.#api.record(value, this.time) // before time passes: it must have them as they happen
    await this.#passUntil(this.ledger.latest)
    const bodies = this.#account.emit(elements)
    for (const sent of bodies) this.ledger.expectPoison(sent)
    const notified = new Set(bodies.flat())
    this.ledger.expectUnnotified(elements.filter((element) => !notified.has(element)))
    await this.#operator.runAtRandom(elements)
    return true
  }

  async #attempt(webhook: Webhook): Promise<void> {
    const { isAccepted, elements, blocked } = await this.#account.attempt(webhook)
    this.#counts.requests++
    if (isAccepted) this.#counts.blockedMs += blocked
    else this.#counts.repeats++
    if (isAccepted && !webhook.form.statuses) this.#accepted += elements
    showCount('accepted', Math.min(this.#accepted, this.#options.events), this.#options.events)
    if (webhook.stream.failures > MAX_FAILURES) {
      this.#counts.blockedForever++
      this.#account.delete(webhook)
    }
    // With or without a response, a message may be waiting in the queue now.
    const due = this.#account.now + MIN_BATCH_WAIT_MS
    this.#queue.nextDueAt = Math.min(this.#queue.nextDueAt ?? Infinity, due)
  }

  /** Lets three days go by, so that events move to the archive while everything fails. */
  archive(): Promise<void> {
    return this.#operator.archive(() => this.#deliver())
  }

  async verify(): Promise<void> {
    await this.#setCalm(true)
    await this.#operator.finish(() => this.#drainQueue())
    const [stored, counted] = [new PlainRebuild(), new PlainRebuild()]
    for await (const activity of this.#server.readAll()) {
      this.ledger.find(activity)
      stored.add(activity)
      showCount('compared', this.ledger.stored, this.ledger.events)
    }
    const derived = await this.#server.readDerived()
    const identifiers = stored.countIdentifiers(derived)
    const archived = new Set<unknown>()
    for await (const activity of this.#server.readArchive()) {
      // The API would drop a duplicate in another file.
      if (archived.has(activity.id)) this.ledger.find(activity)
      archived.add(activity.id)
    }
    this.#counts.archived = archived.size
    for (const table of ['activity', 'deleted'] as const) {
      for await (const activity of this.#server.readTable(table)) counted.add(activity)
    }
    const { events, contacts } = counted.countTotals(derived)
    const suppressions = stored.countSuppressions(derived)
    this.#counts.miscounted = identifiers + events + suppressions
    if (this.#counts.miscounted > 0)
      console.error('miscounted', { identifiers, events, suppressions })
    this.#counts.countedTwice = contacts
    for (const quarantined of await this.#server.readQuarantine()) this.ledger.findItem(quarantined)
    await this.#control('calm') // searches the log of the reads, too
  }

  /** Delivers everything in the queue. */
  async #drainQueue(): Promise<void> {
    do {
      this.#account.now = Math.max(this.#account.now, this.#queue.nextDueAt ?? 0)
      await this.#deliver()
    } while (this.#queue.nextDueAt !== null)
  }

  outcome(): Omit<Outcome, 'seed' | 'plan' | 'seconds' | 'sentSeconds'> {
    const { events, poison, stored, erased, unnotified, filled, cameByApiFirst } = this.ledger
    const { calls, callsTooSoon } = this.#api
    const { leaks, logLines } = this.#server
    return {
      ...this.#counts,
      ...this.#operator.counts,
      events,
      poison,
      stored,
      erased,
      leaks,
      logLines,
      unnotified,
      filled,
      cameByApiFirst,
      deleted: this.#queue.deleted,
      calls,
      callsTooSoon,
      faults: { ...this.#queue.counts, ...this.#api.fate.counts, ...this.#fate.counts },
      balance: this.ledger.balance(),
    }
  }
}
