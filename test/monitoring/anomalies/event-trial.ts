import { DAY_MS, HOUR_MS, QUARTER_MS } from '../../../src/event/clock.ts'
import type { Anomaly } from '../../../src/monitoring/anomalies/detect.ts'
import { findAnomalies, LEARNED_HOURS } from '../../../src/monitoring/anomalies/detect.ts'
import type { Kind } from '../../../src/monitoring/anomalies/rules.ts'
import { toTimeline } from '../../../src/monitoring/anomalies/series.ts'
import type { HourPulse } from '../../../src/db/rollups/read-pulse.ts'
import { Random } from '../../../src/simulator/random.ts'
import type { ShopEvent } from '../../../src/simulator/shop/delivery.ts'
import type { Incident } from '../../../src/simulator/shop/incidents.ts'
import { Shop, type ShopOptions } from '../../../src/simulator/shop/shop.ts'
import { Truth } from '../../../src/simulator/shop/truth.ts'
import { listFirsts, toPulses } from './event-pulses.ts'
import { ZONE } from './shop.ts'

const DAYS = 365 + 35 // a year, and what is learned from before it
const START = Date.UTC(2025, 0, 1)
const END = START + DAYS * DAY_MS
const EVERY_DAYS = 9

// Judged by the week, as people ask for it, from as many hours as the receiver reads.
const WEEK_HOURS = 7 * 24
const READ_HOURS = LEARNED_HOURS + 25

const KINDS = [
  'reject',
  'rejectAll',
  'unread',
  'noReads',
  'noClicks',
  'complaints',
  'noDeliveries',
] as const
type PlantedKind = (typeof KINDS)[number]

/**
 * What an incident is found as, and how much shows it: bounces, missing reads or clicks, complaints, or reads of mails
 * whose delivery was not reported, within a day.
 */
const SHOWN: Readonly<Record<PlantedKind, { kinds: readonly Kind[]; enough: number }>> = {
  reject: { kinds: ['bounces'], enough: 12 },
  rejectAll: { kinds: ['bounces'], enough: 12 },
  unread: { kinds: ['reads'], enough: 60 },
  noReads: { kinds: ['reads'], enough: 50 },
  noClicks: { kinds: ['clicks'], enough: 40 },
  complaints: { kinds: ['complaints'], enough: 10 },
  noDeliveries: { kinds: ['deliveries', 'bounces'], enough: 40 },
}

/** Something that goes wrong at a provider or, if that is null, with all emails: UTC milliseconds. */
type Planted = {
  kind: PlantedKind
  provider: string | null
  since: number
  until: number
  incidents: readonly Incident[]
}

type Outcome = {
  kind: PlantedKind
  planted: Planted
  /** The first hour that shows it, counted from 1970. */
  shownAt: number
  /** Its anomalies. */
  anomalies: Anomaly[]
  /** Whether it was found at the end of that hour, or of the next one. */
  isFound: boolean
}

/** A year of a simulated shop's events. @param events so many a year, about */
export function tryEvents(
  seed: number,
  { events, hasIncidents }: { events: number; hasIncidents: boolean },
): { outcomes: Outcome[]; falseAlarms: Anomaly[] } {
  const options = { seed, events: (events * DAYS) / 365, start: START, end: END }
  const normal = simulate(options)
  const planted = hasIncidents ? plantIncidents(seed, new Shop(options)) : []
  const incidents = planted.flatMap((each) => each.incidents)
  const truth = hasIncidents ? simulate({ ...options, incidents }) : normal
  const anomalies = judge(toPulses(truth))
  return {
    outcomes: planted.flatMap((each) => {
      const shownAt = findShown(each, truth, normal)
      return shownAt === undefined ? [] : toOutcome(each, shownAt, anomalies)
    }),
    falseAlarms: anomalies.filter((anomaly) => !planted.some((each) => explains(each, anomaly))),
  }
}

function simulate(options: ShopOptions): Truth {
  const truth = new Truth()
  for (const body of new Shop(options).bodies()) truth.add(body)
  return truth
}

/** Incidents one after the other, each for some days. */
function plantIncidents(seed: number, { contacts }: Shop): Planted[] {
  const random = new Random(seed)
  const between = (low: number, high: number) => random.between(low * 1_000, high * 1_000) / 1_000
  const providers = [...new Set(contacts.flatMap(({ provider }) => provider ?? []))]
  const planted: Planted[] = []
  for (let day = LEARNED_HOURS / 24 + 8; day < DAYS - EVERY_DAYS; day += EVERY_DAYS) {
    const kind = KINDS[(seed + planted.length) % KINDS.length] ?? 'reject'
    const since = START + day * DAY_MS + random.between(0, 95) * QUARTER_MS
    const span = { since, until: since + random.between(36, 96) * HOUR_MS }
    const one = random.pick(['gmail', 'gmail', 'ukr.net', 'outlook', 'icloud', 'i.ua'])
    const provider = kind === 'reject' || kind === 'unread' ? one : null
    const share = drawStrength(kind, between)
    const incidents = toIncidents(kind, provider === null ? providers : [provider], share, span)
    planted.push({ kind, provider, ...span, incidents })
  }
  return planted
}

function drawStrength(kind: PlantedKind, between: (low: number, high: number) => number): number {
  switch (kind) {
    case 'reject':
      return between(0.15, 0.9)
    case 'rejectAll':
      return between(0.15, 0.6)
    case 'unread':
      return between(0.75, 0.98)
    case 'complaints':
      return between(0.005, 0.015)
    default:
      return 1
  }
}

const MISSING = { noReads: 'READ', noClicks: 'CLICKED', noDeliveries: 'DELIVERED' } as const

function toIncidents(
  kind: PlantedKind,
  providers: readonly string[],
  share: number,
  span: { since: number; until: number },
): Incident[] {
  switch (kind) {
    case 'reject':
    case 'rejectAll':
      return providers.map((provider) => ({ ...span, kind: 'rejected', provider, share }))
    case 'unread':
      return providers.map((provider) => ({ ...span, kind: 'unread', provider, share }))
    case 'complaints':
      return [{ ...span, kind: 'complaints', share }]
    default:
      return [{ ...span, kind: 'status missing', status: MISSING[kind] }]
  }
}

/** The first hour at whose end enough has changed within a day. */
function findShown(planted: Planted, truth: Truth, normal: Truth): number | undefined {
  const changed = listChanged(planted, truth, normal)
    .map(({ at }) => at)
    .sort((one, other) => one - other)
  const { enough } = SHOWN[planted.kind]
  const last = changed.find((at, index) => {
    const first = changed[index - enough + 1]
    return first !== undefined && at - first <= DAY_MS
  })
  return last === undefined ? undefined : Math.floor(last / HOUR_MS)
}

/** The events that an incident made, or those of the same shop without it that it would have taken. */
function listChanged(
  { kind, provider, since, until }: Planted,
  truth: Truth,
  normal: Truth,
): ShopEvent[] {
  const isDuring = (time: number) => time >= since && time < until
  const isSent = ({ delivery: { sentAt, contact, campaign } }: ShopEvent) =>
    campaign.message.channel === 'email' &&
    isDuring(sentAt) &&
    (provider === null || contact.provider === provider)
  const list = (from: Truth, status: string, isOf: (event: ShopEvent) => boolean) =>
    listFirsts(from).filter((event) => event.status === status && isOf(event))
  switch (kind) {
    case 'reject':
    case 'rejectAll':
      return list(truth, 'UNDELIVERED', isSent).filter(({ fault }) => fault?.cause === 'reputation')
    case 'complaints':
      return list(truth, 'SPAM', isSent)
    case 'noDeliveries':
      return list(truth, 'READ', isSent)
    case 'unread':
      return list(normal, 'READ', isSent)
    case 'noReads':
    case 'noClicks':
      return list(
        normal,
        MISSING[kind],
        ({ reportedAt, delivery: { campaign } }) =>
          campaign.message.channel === 'email' && isDuring(reportedAt),
      )
  }
}

function judge(pulses: readonly HourPulse[]): Anomaly[] {
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
  const { kind, since, until, provider } = planted
  const own = anomalies.filter(
    (each) =>
      SHOWN[kind].kinds.includes(each.kind) &&
      each.channel === 'email' &&
      (provider === null || each.provider === null || each.provider === provider) &&
      (each.foundAt + 1) * HOUR_MS > since &&
      each.foundAt * HOUR_MS < until + DAY_MS,
  )
  const isFound = own.some(({ foundAt }) => foundAt <= shownAt + 1)
  return { kind, planted, shownAt, anomalies: own, isFound }
}

/** Whether an anomaly may come of an incident, whose reads would still come days later. */
function explains({ since, until }: Planted, { sinceHour, foundAt }: Anomaly): boolean {
  return (foundAt + 1) * HOUR_MS > since && sinceHour * HOUR_MS <= until + 2 * DAY_MS
}
