import { Random } from '../../../src/simulator/random.ts'
import { MAX_LATE_MS } from '../../../src/simulator/shop/delivery.ts'
import type { Happening } from './ledger.ts'
import { Operator } from './operator.ts'
import { SECRETS, WRONG_ZONE, ZONE, type Simulation } from './simulation.ts'
import { FAIR, STORM, type Service } from './weather.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEAR = 365 * DAY
/** The queue of the free plan keeps a message for a day. */
const LONGER_THAN_RETENTION = 26 * HOUR

/** Something that happens to the receiver at a time: UTC milliseconds. */
type Moment = { at: number; name: string; act: () => void | Promise<void> }

/** How much happens in a year of an account. */
const A_YEAR = {
  storms: 20,
  strangeErrors: 4,
  erasures: 10,
  wrongZoneDays: 30,
  rotations: 2,
  replays: 6,
  rebuilds: 3,
  backfills: 4,
  brokenDeployments: 1,
  outages: [
    { services: ['D1'], hours: 7 },
    { services: ['D1', 'Queue'], hours: 2 },
    { services: ['D1'], hours: 60 },
    { services: ['R2'], hours: 50 },
    { services: ['api'], hours: 40 },
    { services: ['alerts'], hours: 5 },
  ] as { services: Service[]; hours: number }[],
}

/** What happens around the receiver, by the seed: weather, outages, people who operate it. */
export class Life {
  readonly operator: Operator
  readonly counts: Record<string, number> = {}
  readonly #simulation: Simulation
  readonly #random: Random
  readonly #moments: Moment[] = []
  /** Things that were begun: none of them may be forgotten. */
  readonly #begun: Promise<void>[] = []

  constructor(simulation: Simulation) {
    this.#simulation = simulation
    this.#random = new Random(simulation.options.seed + 9)
    this.operator = new Operator(simulation)
  }

  /** Lets all days go by. @param onDay is called with the days that are over */
  async run(onDay: (day: number) => void = () => {}): Promise<void> {
    const { scheduler, options, world } = this.#simulation
    const end = options.start + options.days * DAY
    world.weather = FAIR
    for (let from = options.start; from < end; from += YEAR) {
      this.#planYear(from, Math.min(YEAR, end - from))
    }
    for (let day = 1; day < options.days; day++) {
      this.#plan(options.start + day * DAY, '', () => onDay(day))
    }
    this.#moments.sort((a, b) => a.at - b.at)
    for (const { at, name, act } of this.#moments) {
      await scheduler.runUntil(at)
      if (name !== '') {
        this.counts[name] = (this.counts[name] ?? 0) + 1
        scheduler.note(name)
      }
      await act()
    }
    await scheduler.runUntil(end)
    world.weather = FAIR
    world.down.clear()
    await scheduler.runFor(Promise.all(this.#begun), 30 * DAY)
  }

  /** @param length of it: of a shorter one, everything happens in less time */
  #planYear(from: number, length: number): void {
    const scale = length / YEAR
    const times = (count: number) => Array.from({ length: count }, () => this.#draw(from, length))
    const few = (count: number) => times(Math.max(1, Math.round(count * Math.min(1, scale * 4))))
    for (const at of few(A_YEAR.storms)) {
      const hours = this.#random.between(4, 40)
      this.#planStorm(at, Math.min(hours * HOUR, length * 0.1))
    }
    for (const at of few(A_YEAR.strangeErrors)) {
      this.#begin(at, 'strange errors', () => this.#failStrangely())
    }
    if (scale < 0.2 && this.#simulation.options.seed % 8 === 0) {
      this.#planOutage(this.#draw(from, length * 0.5), ['D1'], LONGER_THAN_RETENTION)
    }
    for (const { services, hours } of A_YEAR.outages) {
      this.#planOutage(this.#draw(from, length), services, hours * HOUR * Math.max(scale, 0.02))
    }
    for (const at of times(A_YEAR.erasures)) this.#begin(at, 'erasure', () => this.#erase())
    for (const at of few(A_YEAR.replays)) {
      this.#begin(at, 'replay', () => this.#whenBusy(() => this.operator.replay()))
      if (this.#random.chance(0.5))
        this.#begin(at + 2_000, 'erasure during a replay', () => this.#erase())
    }
    for (const at of few(A_YEAR.rebuilds))
      this.#begin(at, 'rebuild', () => this.#whenBusy(() => this.operator.rebuild()))
    for (const at of few(A_YEAR.backfills)) {
      for (const delay of [0, this.#random.between(0, 60_000)]) {
        this.#begin(at + delay, 'backfill', () => this.#backfill())
      }
    }
    for (const at of few(A_YEAR.rotations)) this.#planRotation(at)
    for (const at of few(A_YEAR.brokenDeployments)) this.#planBroken(at)
    this.#planWrongZone(this.#draw(from, length * 0.6), A_YEAR.wrongZoneDays * DAY * scale)
    const refused = scale < 0.2 ? length * 0.6 : 40 * DAY
    this.#planRefusal(this.#draw(from, length * 0.3), refused)
    if (this.#simulation.options.plan === 'free') this.#planSpending(this.#draw(from, length))
    this.#planSilence(this.#draw(from, length * 0.8), 3 * DAY * Math.max(scale, 0.02))
  }

  #draw(from: number, length: number): number {
    return from + Math.floor((this.#random.between(50_000, 950_000) / 1_000_000) * length)
  }

  #plan(at: number, name: string, act: Moment['act']): void {
    this.#moments.push({ at: Math.floor(at), name, act })
  }

  /** Plans what takes a while, during which everything else goes on. */
  #begin(at: number, name: string, work: () => Promise<void>): void {
    this.#plan(at, name, () => {
      const { fail } = this.#simulation
      this.#begun.push(work().catch(fail))
    })
  }

  #planStorm(at: number, length: number): void {
    const { world } = this.#simulation
    this.#plan(at, 'storm', () => void (world.weather = STORM))
    this.#plan(at + length, '', () => void (world.weather = FAIR))
  }

  /** For a quarter of an hour, D1 takes no event, and says nothing that the receiver knows: no message is to blame. */
  async #failStrangely(): Promise<void> {
    const { world, scheduler } = this.#simulation
    await this.#simulation.nextEvents()
    const isPatient = world.broker.waiting.every(({ attempts }) => attempts <= 2)
    // Several may have waited for the same events.
    if (!isPatient || world.failsStrangely || this.#simulation.isTroubled()) return
    world.breakInserts(true)
    await scheduler.wait(15 * MINUTE, 'strange errors')
    world.breakInserts(false)
  }

  #planOutage(at: number, services: readonly Service[], length: number): void {
    const { down } = this.#simulation.world
    this.#plan(at, `outage of ${services.join(' and ')}`, () =>
      services.forEach((each) => down.add(each)),
    )
    this.#plan(at + length, '', () => services.forEach((each) => down.delete(each)))
  }

  /** Changes the password: with the previous one accepted for a while, or while Yespo still sends that. */
  #planRotation(at: number): void {
    const simulation = this.#simulation
    const isGentle = this.#random.chance(0.5)
    const password = `soak-password-${this.#random.hex(12)}`
    const before = () => simulation.settings['WEBHOOK_PASSWORD'] ?? ''
    this.#plan(at, 'new password', async () => {
      const previous = {
        WEBHOOK_LOGIN_PREVIOUS: SECRETS.WEBHOOK_LOGIN,
        WEBHOOK_PASSWORD_PREVIOUS: before(),
      }
      if (!isGentle) simulation.refusesUntil = Infinity
      await simulation.deploy({ WEBHOOK_PASSWORD: password, ...(isGentle && previous) })
    })
    this.#plan(at + 40 * MINUTE, '', () => {
      for (const { form, isRefused } of simulation.webhooks) {
        if (!isRefused) form.password = password
      }
      simulation.refusesUntil = simulation.now + MINUTE
    })
    this.#plan(at + 3 * HOUR, '', () =>
      simulation.deploy({ WEBHOOK_LOGIN_PREVIOUS: '', WEBHOOK_PASSWORD_PREVIOUS: '' }),
    )
  }

  /** Deploys a version that throws as it starts, and an hour later the right one again. */
  #planBroken(at: number): void {
    const { world } = this.#simulation
    this.#plan(at, 'broken deployment', () => world.breakDeployment(true))
    this.#plan(at + HOUR, '', () => world.breakDeployment(false))
  }

  /** Somebody sets the wrong zone, and notices a while later. */
  #planWrongZone(at: number, length: number): void {
    const simulation = this.#simulation
    const set = async (zone: string) => {
      // Also afterwards: what is on its way, and what is read again, has the other zone.
      simulation.ledger.hasOneZone = false
      await simulation.deploy({ YESPO_TIME_ZONE: zone })
    }
    simulation.wrongZoneSpans.push({ since: at, until: at + length })
    this.#plan(at, 'wrong time zone', () => set(WRONG_ZONE))
    this.#plan(at + length, '', () => set(ZONE))
  }

  /** The main webhook is off for a while; then the gap is filled from Yespo's API, with what would have come late. */
  #planSilence(at: number, length: number): void {
    const simulation = this.#simulation
    this.#plan(at, 'webhook off', () => simulation.webhooks[0]?.deactivate())
    this.#plan(at + length, '', () => simulation.webhooks[0]?.reactivate())
    this.#begin(at + length + 3 * HOUR, 'backfill', () =>
      this.operator.backfill(at - MAX_LATE_MS - HOUR, at + length + HOUR),
    )
  }

  /** The second webhook has a wrong password for so long that much of what it then sends is archived already. */
  #planRefusal(at: number, length: number): void {
    const { webhooks } = this.#simulation
    this.#plan(at, 'wrong password in a webhook', () => {
      const [, second] = webhooks
      if (!second) return
      second.isRefused = true
      second.form.password = 'soak-password-that-is-wrong'
    })
    this.#plan(at + length, '', () => {
      const [main, second] = webhooks
      if (!main || !second) return
      second.isRefused = false
      second.form.password = main.form.password
    })
  }

  /** Something else in the account uses up the quotas of a day. */
  #planSpending(at: number): void {
    const { account } = this.#simulation.world.runtime
    this.#plan(at, 'quotas used up', () =>
      account.add({ rowsWritten: 1_000_000, queueOperations: 1_000_000 }),
    )
  }

  /** Erases somebody, often at the very moment at which something of her comes in. */
  async #erase(): Promise<void> {
    const { ledger } = this.#simulation
    const next = await this.#untilBusy()
    const contacts = next.flatMap(({ entry }) => entry.contactId ?? [])
    const isBusy = contacts.length > 0 && this.#random.chance(0.7)
    const someone = ledger.pickContact(this.#random, isBusy ? contacts : undefined)
    if (!someone) return
    const byEmail = someone.email !== undefined && this.#random.chance(0.5)
    await this.operator.erase(someone.contactId, byEmail ? someone.email : undefined)
  }

  /** Waits for the next events, mostly, and a few milliseconds or seconds: when everything happens at once. */
  async #untilBusy(): Promise<readonly Happening[]> {
    if (this.#random.chance(0.2)) return []
    const { scheduler } = this.#simulation
    const happenings = await this.#simulation.nextEvents()
    await scheduler.wait(
      this.#random.between(0, this.#random.pick([20, 300, 4_000])),
      'operator waits',
    )
    return happenings
  }

  async #whenBusy(work: () => Promise<void>): Promise<void> {
    await this.#untilBusy()
    await work()
  }

  #backfill(): Promise<void> {
    const { now } = this.#simulation
    const until = now - this.#random.between(0, 24) * HOUR
    return this.operator.backfill(until - this.#random.between(1, 60) * HOUR, until)
  }
}
