import { DAY_MS, HOUR_MS, QUARTER_MS } from '../../../src/event/clock.ts'
import { PROVIDERS } from '../../../src/event/mailbox-provider.ts'
import { OTHER, Pulse } from '../../../src/db/rollups/pulse.ts'
import type { HourPulse } from '../../../src/db/rollups/read-pulse.ts'
import { findAnomalies, LEARNED_HOURS } from '../../../src/monitoring/anomalies/detect.ts'
import type { Anomaly } from '../../../src/monitoring/anomalies/detect.ts'
import type { Kind } from '../../../src/monitoring/anomalies/rules.ts'
import { toTimeline } from '../../../src/monitoring/anomalies/series.ts'
import type { ShopEvent } from '../../../src/simulator/shop/delivery.ts'
import type { Incident } from '../../../src/simulator/shop/incidents.ts'
import { Shop, type ShopOptions } from '../../../src/simulator/shop/shop.ts'
import { Truth } from '../../../src/simulator/shop/truth.ts'
import { Random } from '../../../src/simulator/random.ts'
import { ZONE } from './shop.ts'

const DAYS = 365 + 35 // a year, and what is learned from before it
const START = Date.UTC(2025, 0, 1)
const END = START + DAYS * DAY_MS
const EVERY_DAYS = 9

/** Reported by the week, as people ask for it, from as many days as the receiver reads. */
const WEEK_HOURS = 7 * 24
const READ_HOURS = LEARNED_HOURS + 25

const PLANTED_KINDS = [
  'reject',
  'rejectAll',
  'unread',
  'noReads',
  'noClicks',
  'complaints',
  'noDeliveries',
] as const
type PlantedKind = (typeof PLANTED_KINDS)[number]

/** What an incident is found as; and so much has to be changed within a day for it to be visible. */
const SHOWN: Readonly<Record<PlantedKind, { kinds: readonly Kind[]; enough: number }>> = {
  reject: { kinds: ['bounces'], enough: 12 },
  rejectAll: { kinds: ['bounces'], enough: 12 },
  unread: { kinds: ['reads'], enough: 60 },
  noReads: { kinds: ['reads'], enough: 50 },
  noClicks: { kinds: ['clicks'], enough: 40 },
  complaints: { kinds: ['complaints'], enough: 10 },
  noDeliveries: { kinds: ['deliveries', 'bounces'], enough: 40 },
}
const ENOUGH_WITHIN_HOURS = 24

/** An incident of a shop, of one provider or of the channel. */
type Planted = { kind: PlantedKind; since: number; until: number; parts: readonly Incident[] }

/** What became of an incident. Hours are counted from 1970. */
export type Outcome = {
  planted: Planted
  /** The first hour that shows it. */
  shownAt: number
  /** Its anomalies. */
  anomalies: Anomaly[]
  /** Whether it was found at the end of that hour, or of the next one. */
  isFound: boolean
}

type Year = { pulses: HourPulse[]; planted: { planted: Planted; shownAt: number | undefined }[] }

/** A year of a simulated shop's events. @param events a year, about */
export function tryEvents(
  seed: number,
  { events, hasIncidents }: { events: number; hasIncidents: boolean },
): { outcomes: Outcome[]; falseAlarms: Anomaly[] } {
  return judgeYear(makeYear(seed, { events, hasIncidents }))
}

/** The counts of a year, and when its incidents show. */
export function makeYear(
  seed: number,
  { events, hasIncidents }: { events: number; hasIncidents: boolean },
): Year {
  const options = { seed, events: (events * DAYS) / 365, start: START, end: END }
  if (!hasIncidents) return { pulses: toPulses(simulate(options)), planted: [] }
  const usual = new Shop(options)
  const planted = plantIncidents(seed, usual)
  const normal = simulate(options)
  const truth = simulate({ ...options, incidents: planted.flatMap(({ parts }) => parts) })
  return {
    pulses: toPulses(truth),
    planted: planted.map((each) => ({ planted: each, shownAt: findShown(each, truth, normal) })),
  }
}

function simulate(options: ShopOptions): Truth {
  const truth = new Truth()
  for (const body of new Shop(options).bodies()) truth.add(body)
  return truth
}

/** Incidents one after the other, each on for some of the days until the next. */
function plantIncidents(seed: number, { contacts }: Shop): Planted[] {
  const random = new Random(seed)
  const providers = [...new Set(contacts.flatMap(({ provider }) => provider ?? []))]
  const planted: Planted[] = []
  for (let day = 36; day < DAYS - EVERY_DAYS; day += EVERY_DAYS) {
    const kind = PLANTED_KINDS[(seed + planted.length) % PLANTED_KINDS.length] ?? 'reject'
    const since = START + day * DAY_MS + random.between(0, 95) * QUARTER_MS
    const until = since + random.between(36, 96) * HOUR_MS
    const between = (low: number, high: number) => random.between(low * 1_000, high * 1_000) / 1_000
    const span = { since, until }
    const provider = random.pick(['gmail', 'gmail', 'ukr.net', 'outlook', 'icloud', 'i.ua'])
    const incidentsOf = (): Incident[] => {
      switch (kind) {
        case 'reject':
          return [{ ...span, kind: 'rejected', provider, share: between(0.15, 0.9) }]
        case 'rejectAll': {
          const share = between(0.15, 0.6)
          return providers.map((each) => ({ ...span, kind: 'rejected', provider: each, share }))
        }
        case 'unread':
          return [{ ...span, kind: 'unread', provider, share: between(0.75, 0.98) }]
        case 'noReads':
          return [{ ...span, kind: 'status missing', status: 'READ' }]
        case 'noClicks':
          return [{ ...span, kind: 'status missing', status: 'CLICKED' }]
        case 'complaints':
          return [{ ...span, kind: 'complaints', share: between(0.005, 0.015) }]
        case 'noDeliveries':
          return [{ ...span, kind: 'status missing', status: 'DELIVERED' }]
      }
    }
    planted.push({ kind, since, until, parts: incidentsOf() })
  }
  return planted
}

/** The first hour within a day before whose end enough has changed. */
function findShown(planted: Planted, truth: Truth, normal: Truth): number | undefined {
  const changed = listChanged(planted, truth, normal).sort((one, other) => one - other)
  const { enough } = SHOWN[planted.kind]
  for (const [index, at] of changed.entries()) {
    const first = changed[index - enough + 1]
    if (first !== undefined && at - first <= ENOUGH_WITHIN_HOURS * HOUR_MS) {
      return Math.floor(at / HOUR_MS)
    }
  }
  return undefined
}

/** When something happened that would not have without the incident, or did not that would have: UTC milliseconds. */
function listChanged(
  { kind, parts, since, until }: Planted,
  truth: Truth,
  normal: Truth,
): number[] {
  const isDuring = (at: number) => at >= since && at < until
  const [part] = parts
  const timesOf = (from: Truth, status: string, isOf: (event: ShopEvent) => boolean) =>
    listFirsts(from)
      .filter((event) => event.status === status && isOf(event))
      .map(({ at }) => at)
  switch (kind) {
    case 'reject':
    case 'rejectAll': {
      const providers = new Set(parts.map((each) => 'provider' in each && each.provider))
      return timesOf(
        truth,
        'UNDELIVERED',
        ({ fault, delivery: { contact, sentAt } }) =>
          fault?.cause === 'reputation' &&
          isDuring(sentAt) &&
          providers.has(contact.provider ?? false),
      )
    }
    case 'unread': {
      const provider = part?.kind === 'unread' ? part.provider : undefined
      return timesOf(
        normal,
        'READ',
        ({ delivery: { contact, sentAt, campaign } }) =>
          campaign.message.channel === 'email' && isDuring(sentAt) && contact.provider === provider,
      )
    }
    case 'complaints':
      return timesOf(truth, 'SPAM', ({ delivery: { sentAt } }) => isDuring(sentAt))
    case 'noDeliveries':
      // Only what follows from them shows that there were any.
      return timesOf(
        truth,
        'READ',
        ({ delivery: { sentAt, campaign } }) =>
          campaign.message.channel === 'email' && isDuring(sentAt),
      )
    case 'noReads':
    case 'noClicks': {
      const status = part?.kind === 'status missing' ? part.status : ''
      return timesOf(
        normal,
        status,
        ({ reportedAt, delivery: { campaign } }) =>
          campaign.message.channel === 'email' && isDuring(reportedAt),
      )
    }
  }
}

const firsts = new WeakMap<Truth, ShopEvent[]>()

/** The events that count: the first of each kind for a delivery, of reads and clicks only people's. */
function listFirsts(truth: Truth): ShopEvent[] {
  const known = firsts.get(truth)
  if (known) return known
  const { machines } = truth
  const found = [...truth.deliveries.values()].flatMap((events) => {
    const seen = new Set<string>()
    return events.filter((event) => {
      if (machines.has(event) || seen.has(event.status)) return false
      seen.add(event.status)
      return true
    })
  })
  firsts.set(truth, found)
  return found
}

const KNOWN_PROVIDERS: ReadonlySet<string> = new Set(PROVIDERS.map(({ name }) => name))

/** What the receiver counts of a shop's events by the hour. */
function toPulses(truth: Truth): HourPulse[] {
  const pulses = new Map<number, Pulse>()
  for (const { at, status, fault, delivery } of listFirsts(truth)) {
    const hour = Math.floor(at / HOUR_MS) * HOUR_MS
    let pulse = pulses.get(hour)
    if (!pulse) pulses.set(hour, (pulse = new Pulse()))
    const { channel } = delivery.campaign.message
    const { provider = '' } = delivery.contact
    const named = KNOWN_PROVIDERS.has(provider) ? provider : OTHER
    const quarter = Math.floor((at - hour) / QUARTER_MS)
    pulse.add(channel, channel === 'email' ? named : '', status, fault?.cause ?? '', quarter)
  }
  return [...pulses]
    .map(([hour, pulse]) => ({ hour, rows: pulse.list() }))
    .sort((one, other) => one.hour - other.hour)
}

export function judgeYear({ pulses, planted }: Year): {
  outcomes: Outcome[]
  falseAlarms: Anomaly[]
} {
  const anomalies = findByWeek(pulses)
  const outcomes = planted.flatMap(({ planted: each, shownAt }) =>
    shownAt === undefined ? [] : toOutcome(each, shownAt, anomalies),
  )
  const falseAlarms = anomalies.filter(
    ({ sinceHour, foundAt }) =>
      !planted.some(
        ({ planted: { since, until } }) =>
          (foundAt + 1) * HOUR_MS >= since && sinceHour * HOUR_MS <= until + 2 * DAY_MS,
      ),
  )
  return { outcomes, falseAlarms }
}

/** Judges a week at a time, from the hours that the receiver reads. */
function findByWeek(pulses: readonly HourPulse[]): Anomaly[] {
  let anomalies: Anomaly[] = []
  const end = END / HOUR_MS
  for (let first = START / HOUR_MS + LEARNED_HOURS; first < end; first += WEEK_HOURS) {
    const judged = { first, end: Math.min(end, first + WEEK_HOURS) }
    const period = { start: (first - READ_HOURS) * HOUR_MS, end: judged.end * HOUR_MS }
    const read = pulses.filter(({ hour }) => hour >= period.start && hour < period.end)
    anomalies = findAnomalies(toTimeline(read, { ...period, zone: ZONE }), judged, anomalies)
  }
  return anomalies
}

function toOutcome(planted: Planted, shownAt: number, anomalies: readonly Anomaly[]): Outcome {
  const { kind, since, until, parts } = planted
  const [part] = parts
  const provider = parts.length === 1 && part && 'provider' in part ? part.provider : null
  const own = anomalies.filter(
    (each) =>
      SHOWN[kind].kinds.includes(each.kind) &&
      each.channel === 'email' &&
      (provider === null || each.provider === null || each.provider === provider) &&
      (each.foundAt + 1) * HOUR_MS > since &&
      each.foundAt * HOUR_MS < until + DAY_MS,
  )
  return {
    planted,
    shownAt,
    anomalies: own,
    isFound: own.some(({ foundAt }) => foundAt <= shownAt + 1),
  }
}
