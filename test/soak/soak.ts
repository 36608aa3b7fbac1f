import { parseArgs, styleText } from 'node:util'
import { Account, type Status } from '../yespo/account.ts'
import { parseCount, parseShare } from '../yespo/numbers.ts'
import { explain } from '../yespo/target.ts'
import { showProgress } from '../yespo/progress.ts'
import { makeTraffic } from '../yespo/traffic.ts'
import { Fate } from './faults.ts'
import { Ledger } from './ledger.ts'
import { printReport, type Outcome } from './report.ts'
import { Server, type QueueState } from './server.ts'
import { faultyTransport } from './transport.ts'

const PAUSES_MS = [200, 1_000, 5_000, 40_000] // between two things that Yespo has to report

const BATCH_TIMEOUT_MS = 1_000 // the queue waits so long for a batch to fill

const HOPELESS_FAILURES = 100 // days: longer than any outage here

/** The second webhook, which reports again what the first one does. */
const CHOSEN: Status[] = ['UNDELIVERED', 'CLICKED', 'UNSUBSCRIBED', 'SPAM']

type Options = { events: number; seed: number; poison: number; faults: number }

/**
 * Sends traffic through the receiver while everything around it fails, and compares what was sent
 * with what is stored. The same options fail in the same way.
 */
export async function soak({ events, seed, poison, faults }: Options): Promise<Outcome> {
  const server = await Server.start(seed, faults)
  try {
    const begun = performance.now()
    const run = new Run(server, new Fate(seed + 1, faults))
    await run.send(makeTraffic({ seed, events, poison }), events)
    const sentSeconds = (performance.now() - begun) / 1_000
    await run.verify()
    return { ...run.outcome(), seed, sentSeconds, seconds: (performance.now() - begun) / 1_000 }
  } finally {
    await server.close()
  }
}

class Run {
  readonly #server: Server
  readonly #fate: Fate
  readonly #account: Account
  readonly #ledger = new Ledger()
  #queue: QueueState = { size: 0, nextDueAt: null, counts: {} }
  #requests = 0
  #repeats = 0
  #blockedMs = 0
  #taken = 0
  #surprises = 0
  #stuck = 0

  constructor(server: Server, fate: Fate) {
    this.#server = server
    this.#fate = fate
    this.#account = new Account(faultyTransport(fate, () => this.#surprises++))
  }

  /** Everything that has its moment happens in the order of time, until nothing is left to happen. */
  async send(traffic: ReturnType<typeof makeTraffic>, events: number): Promise<void> {
    const form = {
      name: 'all',
      url: this.#server.webhookUrl,
      authentication: this.#server.credentials,
    }
    await this.#account.create(form)
    await this.#account.create({ ...form, name: 'chosen', statuses: CHOSEN })
    let nextBodyAt: number | undefined = 0
    for (;;) {
      const moments = [nextBodyAt, this.#account.nextDueAt(), this.#queue.nextDueAt ?? undefined]
      const next = Math.min(...moments.map((moment) => moment ?? Infinity))
      if (next === Infinity) break
      this.#account.now = Math.max(this.#account.now, next)
      if (nextBodyAt !== undefined && nextBodyAt <= this.#account.now) {
        nextBodyAt = this.#emit(traffic)
          ? this.#account.now + this.#fate.random.pick(PAUSES_MS)
          : undefined
      }
      await this.#attempt(events)
      if ((this.#queue.nextDueAt ?? Infinity) <= this.#account.now) {
        this.#queue = await this.#server.control('deliver', this.#account.now)
      }
    }
  }

  #emit(traffic: ReturnType<typeof makeTraffic>): boolean {
    const { value: elements, done } = traffic.next()
    if (done) return false
    this.#ledger.expect(elements)
    for (const sent of this.#account.emit(elements)) this.#ledger.expectPoison(sent)
    return true
  }

  async #attempt(events: number): Promise<void> {
    for (const webhook of this.#account.due()) {
      const { isTaken, elements, blocked } = await this.#account.attempt(webhook)
      this.#requests++
      if (isTaken && !webhook.form.statuses) this.#taken += elements
      showProgress('taken', Math.min(this.#taken, events), events)
      if (isTaken) this.#blockedMs += blocked
      else this.#repeats++
      if (webhook.stream.failures > HOPELESS_FAILURES) {
        this.#stuck++
        this.#account.delete(webhook)
      }
      // Whether or not an answer came: something may wait in the queue now.
      const { now } = this.#account
      this.#queue.nextDueAt = Math.min(this.#queue.nextDueAt ?? Infinity, now + BATCH_TIMEOUT_MS)
    }
  }

  async verify(): Promise<void> {
    await this.#server.control('calm', this.#account.now)
    for await (const activity of this.#server.readAll()) {
      this.#ledger.find(activity)
      showProgress('compared', this.#ledger.stored, this.#ledger.events)
    }
    for (const sent of await this.#server.readSetAside()) this.#ledger.findSetAside(sent)
  }

  outcome(): Omit<Outcome, 'seed' | 'seconds' | 'sentSeconds'> {
    const { events, poison, stored } = this.#ledger
    return {
      requests: this.#requests,
      repeats: this.#repeats,
      blockedMs: this.#blockedMs,
      surprises: this.#surprises,
      stuck: this.#stuck,
      events,
      poison,
      stored,
      faults: { ...this.#queue.counts, ...this.#fate.counts },
      leaks: this.#server.leaks,
      balance: this.#ledger.balance(),
    }
  }
}

const USAGE = `Sends simulated traffic through the receiver while everything around it fails, and compares.

  npm run soak -- [options]

  --events N       how many events (100000)
  --seed S         the same seed sends the same and fails the same (1)
  --poison 0.5%    elements on top that can be no event
  --faults F       how often things fail: 0 never, 1 as usual, 3 three times as often (1)`

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
      poison: { type: 'string', default: '0.5%' },
      faults: { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return true
  }
  const outcome = await soak({
    events: parseCount(values.events),
    seed: parseCount(values.seed),
    poison: parseShare(values.poison),
    faults: Number(values.faults),
  })
  return printReport(outcome)
}

if (import.meta.main) {
  try {
    process.exitCode = (await main()) ? 0 : 1
  } catch (error) {
    console.error(styleText('red', `✘ the soak did not come to its end: ${explain(error)}`))
    process.exitCode = 1
  }
}
