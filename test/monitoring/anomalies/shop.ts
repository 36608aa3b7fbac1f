import { HOUR_MS } from '../../../src/event/clock.ts'
import { offsetAt } from '../../../src/event/time-zone.ts'
import { Pulse } from '../../../src/db/rollups/pulse.ts'
import type { HourPulse } from '../../../src/db/rollups/read-pulse.ts'

/** What goes wrong in a shop, from one hour to before another. */
export type Incident = {
  kind: IncidentKind
  /** Null for the whole channel. */
  provider: string | null
  channel: string
  first: number
  end: number
  /** The share that bounces, or what is left of reads or clicks, or how many times as many complain. */
  strength: number
  cause: string
  /** What it changed in each hour: bounces more, reads fewer. */
  effects: Map<number, number>
}

const INCIDENT_KINDS = [
  'reject',
  'rejectAll',
  'smsFails',
  'pushExpires',
  'spamFolder',
  'noReads',
  'noClicks',
  'complaints',
  'unsubscribes',
  'noDeliveries',
] as const
export type IncidentKind = (typeof INCIDENT_KINDS)[number]

export const ZONE = 'Europe/Kyiv'

const PROVIDERS = [
  { name: 'gmail', share: 0.46, bounces: 0.008, opens: 1 },
  { name: 'ukr.net', share: 0.17, bounces: 0.012, opens: 0.8 },
  { name: 'outlook', share: 0.08, bounces: 0.015, opens: 0.7 },
  { name: 'icloud', share: 0.07, bounces: 0.006, opens: 1.8 },
  { name: 'yahoo', share: 0.05, bounces: 0.02, opens: 1.1 },
  { name: 'i.ua', share: 0.04, bounces: 0.03, opens: 0.6 },
  { name: 'meta.ua', share: 0.03, bounces: 0.03, opens: 0.6 },
  { name: 'other', share: 0.1, bounces: 0.025, opens: 0.8 },
] as const

const CAUSES = ['mailbox_unknown', 'mailbox_full', 'greylisted', 'unknown'] as const

// Of the reads of a message, the share in each hour after the delivery: not as the detector assumes.
const DELAYS = normalize(
  Array.from({ length: 96 }, (_, hour) => logNormal(hour + 0.5, Math.log(2.2), 1.5)),
)

/** Of a day's mail or reading, relative to its mean. */
const SENDS = [
  0.15, 0.1, 0.08, 0.06, 0.06, 0.1, 0.3, 0.6, 1, 1.4, 1.7, 1.8, 1.8, 1.7, 1.7, 1.6, 1.6, 1.6, 1.6,
  1.6, 1.5, 1.2, 0.8, 0.4,
]
const AWAKE = [
  0.25, 0.12, 0.08, 0.06, 0.08, 0.2, 0.6, 1, 1.2, 1.3, 1.3, 1.3, 1.4, 1.3, 1.2, 1.2, 1.3, 1.4, 1.5,
  1.6, 1.7, 1.6, 1.2, 0.6,
]

/** A random generator (mulberry32). */
function makeRandom(seed: number) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  const spread = (sigma: number) => Math.exp(sigma * normal() - (sigma * sigma) / 2)
  const poisson = (mean: number) => {
    if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()))
    const limit = Math.exp(-mean)
    let [count, product] = [0, next()]
    while (product > limit) {
      count++
      product *= next()
    }
    return count
  }
  const binomial = (tries: number, chance: number) =>
    Math.min(tries, poisson(tries * Math.min(1, chance)))
  const int = (below: number) => Math.floor(next() * below)
  return { next, normal, spread, poisson, binomial, int }
}

/** What a campaign's contacts do at one provider. */
type Cohort = {
  channel: string
  provider: string
  opens: number
  clicks: number
  complaints: number
  unsubscribes: number
  /** Deliveries by hour. */
  delivered: Float64Array
  first: number
  end: number
}

/** A shop, whose counts are made hour by hour. */
export class Shop {
  readonly start: number
  readonly hours: number
  readonly #random: ReturnType<typeof makeRandom>
  readonly #pulses: readonly Pulse[]
  readonly #clocks: number[]
  readonly #incidents: readonly Incident[]
  /** Everything is so many times as large. */
  readonly #size: number

  constructor(
    seed: number,
    { start, days, size }: { start: number; days: number; size: number },
    incidents: readonly Incident[] = [],
  ) {
    this.start = start
    this.hours = days * 24
    this.#size = size
    this.#random = makeRandom(seed)
    this.#incidents = incidents
    this.#pulses = Array.from({ length: this.hours }, () => new Pulse())
    this.#clocks = Array.from({ length: this.hours }, (_, hour) => {
      const time = start + hour * HOUR_MS
      return time + offsetAt(time, ZONE)
    })
    this.#runTransactional()
    this.#runBroadcasts()
    this.#runOthers()
  }

  pulses(): HourPulse[] {
    return this.#pulses.map((pulse, index) => ({
      hour: this.start + index * HOUR_MS,
      rows: pulse.list(),
    }))
  }

  #clock(hour: number) {
    const local = new Date(this.#clocks[hour] ?? 0)
    const day = local.getUTCDay()
    const [month, date] = [local.getUTCMonth() + 1, local.getUTCDate()]
    return {
      hour: local.getUTCHours(),
      day,
      isWeekend: day === 0 || day === 6,
      isHoliday: (month === 12 && date >= 24) || (month === 1 && date <= 8),
      // The week of Black Friday.
      isSale: month === 11 && date >= 20 && date <= 30,
      isBlackFriday: month === 11 && day === 5 && date >= 23 && date <= 29,
    }
  }

  #add(hour: number, channel: string, provider: string, status: string, cause: string, n: number) {
    const pulse = this.#pulses[hour]
    if (n <= 0 || !pulse) return
    if (status !== 'UNDELIVERED') {
      pulse.add(channel, provider, status, cause, 0, n)
      return
    }
    for (let quarter = 0; quarter < 4; quarter++) {
      pulse.add(channel, provider, status, cause, quarter, Math.floor((n + quarter) / 4))
    }
  }

  #active(hour: number, channel: string, provider: string, ...kinds: IncidentKind[]) {
    return this.#incidents.filter(
      (each) =>
        each.first <= hour &&
        hour < each.end &&
        each.channel === channel &&
        kinds.includes(each.kind) &&
        (each.provider === null || each.provider === provider),
    )
  }

  /** Sends; returns how many were delivered. */
  #send(hour: number, channel: string, provider: string, attempts: number, bounces: number) {
    const random = this.#random
    const bounced = random.binomial(attempts, bounces)
    let delivered = attempts - bounced
    for (let index = 0; index < bounced; index++) {
      const cause = CAUSES[random.int(CAUSES.length)] ?? 'unknown'
      this.#add(hour, channel, provider, 'UNDELIVERED', cause, 1)
    }
    const failing = ['reject', 'rejectAll', 'smsFails', 'pushExpires'] as const
    for (const incident of this.#active(hour, channel, provider, ...failing)) {
      const more = random.binomial(delivered, incident.strength)
      this.#add(hour, channel, provider, 'UNDELIVERED', incident.cause, more)
      delivered -= more
      note(incident, hour, more)
    }
    const lost = this.#active(hour, channel, provider, 'noDeliveries')
    if (lost.length === 0) this.#add(hour, channel, provider, 'DELIVERED', '', delivered)
    for (const incident of lost) note(incident, hour, delivered)
    return delivered
  }

  #cohort(channel: string, provider: string, first: number, length: number): Cohort {
    return {
      channel,
      provider,
      opens: 0,
      clicks: 0,
      complaints: 0,
      unsubscribes: 0,
      delivered: new Float64Array(length),
      first,
      end: first + length,
    }
  }

  /** What contacts do with what was delivered to them. */
  #react(cohort: Cohort): void {
    const { channel, provider, opens, clicks, complaints, unsubscribes, delivered } = cohort
    const random = this.#random
    const last = Math.min(this.hours, cohort.end + DELAYS.length)
    for (let hour = cohort.first; hour < last; hour++) {
      let exposed = 0
      for (let ago = 0; ago < DELAYS.length; ago++) {
        const index = hour - ago - cohort.first
        if (index < 0) break
        exposed += (delivered[index] ?? 0) * (DELAYS[ago] ?? 0)
      }
      if (exposed === 0) continue
      const { hour: clock, isWeekend } = this.#clock(hour)
      const awake = (AWAKE[clock] ?? 1) * (isWeekend ? 0.9 : 1)
      const expected = exposed * opens * awake
      let left = 1
      for (const each of this.#active(hour, channel, provider, 'spamFolder', 'noReads')) {
        left *= each.strength
      }
      const reads = random.poisson(expected * left)
      for (const each of this.#active(hour, channel, provider, 'spamFolder', 'noReads')) {
        note(each, hour, expected * (1 - left))
      }
      this.#add(hour, channel, provider, 'READ', '', reads)
      let clicking = 1
      for (const each of this.#active(hour, channel, provider, 'noClicks')) {
        clicking *= each.strength
        note(each, hour, reads * clicks * (1 - each.strength))
      }
      this.#add(hour, channel, provider, 'CLICKED', '', random.poisson(reads * clicks * clicking))
      const rises = [
        ['complaints', 'SPAM', complaints],
        ['unsubscribes', 'UNSUBSCRIBED', unsubscribes],
      ] as const
      for (const [kind, status, chance] of rises) {
        let times = 1
        for (const each of this.#active(hour, channel, provider, kind)) {
          times *= each.strength
          note(each, hour, exposed * awake * chance * (times - 1))
        }
        const count = random.poisson(exposed * awake * chance * times)
        this.#add(hour, channel, provider, status, '', count)
      }
    }
  }

  #runTransactional(): void {
    const random = this.#random
    for (const { name, share, bounces, opens } of PROVIDERS) {
      const cohort = this.#cohort('email', name, 0, this.hours)
      cohort.opens = Math.min(0.95, 0.45 * opens)
      cohort.clicks = 0.25
      cohort.complaints = 0.000_1
      cohort.unsubscribes = 0.000_5
      let drift = 0
      for (let hour = 0; hour < this.hours; hour++) {
        if (hour % 24 === 0) drift = 0.8 * drift + 0.2 * random.normal()
        const clock = this.#clock(hour)
        const season = clock.isSale ? (clock.isBlackFriday ? 5 : 2.5) : clock.isHoliday ? 0.4 : 1
        const week = clock.isWeekend ? 0.7 : 1
        const mean = 150 * this.#size * share * (SENDS[clock.hour] ?? 1) * season * week
        const attempts = random.poisson(mean * random.spread(0.15))
        const rate = bounces * Math.exp(0.3 * drift)
        cohort.delivered[hour] = this.#send(hour, 'email', name, attempts, rate)
      }
      this.#react(cohort)
    }
  }

  #runBroadcasts(): void {
    const random = this.#random
    for (let hour = 0; hour < this.hours; hour++) {
      const clock = this.#clock(hour)
      const isUsual = (clock.day === 2 || clock.day === 4) && clock.hour === 10
      const isSale = clock.isSale && clock.hour === 9 && clock.day !== 0
      const isEvening = clock.isBlackFriday && clock.hour === 18
      if (!isUsual && !isSale && !isEvening) continue
      if (random.next() < 0.05) continue // nobody had time
      const delay = random.int(3)
      this.#broadcast(hour + delay, clock.isSale)
    }
  }

  #broadcast(hour: number, isSale: boolean): void {
    const random = this.#random
    const size = 30_000 * this.#size * random.spread(0.4) * (isSale ? 1.6 : 1)
    const opens = 0.18 * random.spread(0.25) * (isSale ? 0.7 : 1)
    const clicks = 0.12 * random.spread(0.35)
    const complaints = 0.000_3 * random.spread(0.5) * (isSale ? 1.4 : 1)
    const unsubscribes = 0.002 * random.spread(0.5) * (isSale ? 1.6 : 1)
    // Now and then, to those who have been silent.
    const isOld = random.next() < 0.04
    const bounces = random.spread(0.35) * (isOld ? 2 : 1)
    const length = 1 + random.int(4)
    for (const provider of PROVIDERS) {
      const cohort = this.#cohort('email', provider.name, hour, length)
      cohort.opens = opens * provider.opens * random.spread(0.12)
      cohort.clicks = clicks * random.spread(0.1)
      cohort.complaints = complaints
      cohort.unsubscribes = unsubscribes * (isOld ? 2 : 1)
      const rate = provider.bounces * bounces * random.spread(0.25)
      for (let index = 0; index < length; index++) {
        if (hour + index >= this.hours) break
        const attempts = random.poisson((size * provider.share) / length)
        cohort.delivered[index] = this.#send(hour + index, 'email', provider.name, attempts, rate)
      }
      this.#react(cohort)
    }
  }

  /** Text messages and pushes. */
  #runOthers(): void {
    const random = this.#random
    const channels = [
      { channel: 'sms', mean: 25, bounces: 0.04, opens: 0, burst: 4_000 },
      { channel: 'mobilepush', mean: 60, bounces: 0.03, opens: 0.08, burst: 15_000 },
    ]
    for (const { channel, mean, bounces, opens, burst } of channels) {
      const cohort = this.#cohort(channel, '', 0, this.hours)
      cohort.opens = opens
      cohort.unsubscribes = 0.000_3
      for (let hour = 0; hour < this.hours; hour++) {
        const clock = this.#clock(hour)
        const week = clock.isWeekend ? 0.7 : 1
        let attempts = random.poisson(
          mean * this.#size * (SENDS[clock.hour] ?? 1) * week * random.spread(0.15),
        )
        let rate = bounces * random.spread(0.2)
        const isBurst = clock.day === (channel === 'sms' ? 5 : 3) && clock.hour === 12
        if (isBurst && random.next() < 0.6) {
          attempts += random.poisson(burst * this.#size * random.spread(0.3))
          rate *= random.spread(0.3)
        }
        cohort.delivered[hour] = this.#send(hour, channel, '', attempts, rate)
      }
      this.#react(cohort)
    }
  }
}

/** Incidents at random times, one after the other. */
export function plantIncidents(
  seed: number,
  { days, from = 35, every = 5 }: { days: number; from?: number; every?: number },
): Incident[] {
  const random = makeRandom(seed ^ 0x5eed)
  const incidents: Incident[] = []
  for (let day = from; day < days - 3; day += every) {
    const kind = INCIDENT_KINDS[(seed + incidents.length) % INCIDENT_KINDS.length] ?? 'reject'
    const first = day * 24 + random.int(24)
    const length = 6 + random.int(20)
    const provider = PROVIDERS[random.int(6)]?.name ?? 'gmail'
    const common = { kind, first, end: first + length, cause: '', effects: new Map() }
    const email = { ...common, channel: 'email', provider: null }
    const between = (low: number, high: number) => low + (high - low) * random.next()
    switch (kind) {
      case 'reject':
        incidents.push({ ...email, provider, strength: between(0.15, 0.9), cause: 'reputation' })
        break
      case 'rejectAll':
        incidents.push({ ...email, strength: between(0.1, 0.6), cause: 'authentication' })
        break
      case 'smsFails':
        incidents.push({
          ...email,
          channel: 'sms',
          strength: between(0.3, 1),
          cause: 'smsBarred',
        })
        break
      case 'pushExpires':
        incidents.push({
          ...email,
          channel: 'mobilepush',
          strength: between(0.2, 0.8),
          cause: 'push_expired',
        })
        break
      case 'spamFolder':
        incidents.push({ ...email, provider, strength: between(0.02, 0.3) })
        break
      case 'noReads':
        incidents.push({ ...email, strength: 0 })
        break
      case 'noClicks':
        incidents.push({ ...email, strength: between(0, 0.03) })
        break
      case 'complaints':
        incidents.push({ ...email, strength: between(10, 30) })
        break
      case 'unsubscribes':
        incidents.push({ ...email, strength: between(8, 20) })
        break
      case 'noDeliveries':
        incidents.push({ ...email, strength: 1 })
    }
  }
  return incidents
}

function note({ effects }: Incident, hour: number, count: number): void {
  effects.set(hour, (effects.get(hour) ?? 0) + count)
}

function logNormal(value: number, mean: number, sigma: number): number {
  return Math.exp(-(((Math.log(value) - mean) / sigma) ** 2) / 2) / value
}

function normalize(values: number[]): number[] {
  const sum = values.reduce((before, value) => before + value, 0)
  return values.map((value) => value / sum)
}

/** The start of a year, by a day. */
export const YEAR_START = Date.UTC(2025, 0, 1)
