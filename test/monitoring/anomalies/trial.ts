import { DAY_MS, HOUR_MS } from '../../../src/event/clock.ts'
import {
  findAnomalies,
  LEARNED_HOURS,
  type Anomaly,
} from '../../../src/monitoring/anomalies/detect.ts'
import type { Kind } from '../../../src/monitoring/anomalies/rules.ts'
import { toTimeline } from '../../../src/monitoring/anomalies/series.ts'
import { plantIncidents, Shop, YEAR_START, ZONE, type Incident, type IncidentKind } from './shop.ts'

const DAYS = 365 + 35 // a year, and what is learned from before it
const SIZES = [0.3, 1, 3]
const START_HOUR = YEAR_START / HOUR_MS

/** What an incident is found as, and so much has to be changed in an hour for it to be visible in that. */
const SHOWN: Readonly<Record<IncidentKind, { kind: Kind; effect: number }>> = {
  reject: { kind: 'bounces', effect: 12 },
  rejectAll: { kind: 'bounces', effect: 12 },
  smsFails: { kind: 'bounces', effect: 12 },
  pushExpires: { kind: 'bounces', effect: 12 },
  spamFolder: { kind: 'reads', effect: 30 },
  noReads: { kind: 'reads', effect: 30 },
  noClicks: { kind: 'clicks', effect: 30 },
  complaints: { kind: 'complaints', effect: 10 },
  unsubscribes: { kind: 'unsubscribes', effect: 20 },
  noDeliveries: { kind: 'deliveries', effect: 40 },
}

type Outcome = {
  kind: IncidentKind
  incident: Incident
  /** The first hour that shows it, counted like those of the incident. */
  shownAt: number
  /** Its anomalies. */
  anomalies: Anomaly[]
  /** Whether it was found at the end of that hour, or of the next one. */
  isFound: boolean
}

export type Trial = { outcomes: Outcome[]; falseAlarms: Anomaly[] }

/** A year of a shop. @param seed also decides how large it is */
export function tryYear(seed: number, { hasIncidents }: { hasIncidents: boolean }): Trial {
  const incidents = hasIncidents ? plantIncidents(seed, { days: DAYS }) : []
  const size = SIZES[seed % SIZES.length] ?? 1
  const shop = new Shop(seed, { start: YEAR_START, days: DAYS, size }, incidents)
  const period = { start: YEAR_START, end: YEAR_START + DAYS * DAY_MS, zone: ZONE }
  const timeline = toTimeline(shop.pulses(), period)
  const judged = { first: timeline.first + LEARNED_HOURS, end: timeline.end }
  const anomalies = findAnomalies(timeline, judged)
  const outcomes = incidents.flatMap((incident) => toOutcome(incident, anomalies) ?? [])
  const falseAlarms = anomalies.filter(
    ({ channel, sinceHour, foundAt }) =>
      !incidents.some(
        ({ first, end, channel: of }) =>
          of === channel && foundAt - START_HOUR >= first && sinceHour - START_HOUR <= end + 48,
      ),
  )
  return { outcomes, falseAlarms }
}

/** Undefined if no hour shows the incident. */
function toOutcome(incident: Incident, anomalies: readonly Anomaly[]): Outcome | undefined {
  const { kind, effect } = SHOWN[incident.kind]
  const { first, end, channel, provider } = incident
  const shownAt = Array.from({ length: end - first }, (_, index) => first + index).find(
    (hour) => (incident.effects.get(hour) ?? 0) >= effect,
  )
  if (shownAt === undefined) return undefined
  const own = anomalies.filter(
    (each) =>
      each.kind === kind &&
      each.channel === channel &&
      (provider === null || each.provider === null || each.provider === provider) &&
      each.foundAt - START_HOUR >= first &&
      each.foundAt - START_HOUR < end + 24,
  )
  const isFound = own.some(({ foundAt }) => foundAt - START_HOUR <= shownAt + 1)
  return { kind: incident.kind, incident, shownAt, anomalies: own, isFound }
}
