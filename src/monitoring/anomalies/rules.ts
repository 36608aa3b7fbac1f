import type { Group, Timeline } from './series.ts'
import { HourSeries, type Span } from './statistics.ts'

/** What can be abnormal. */
export const KINDS = [
  'bounces',
  'reads',
  'clicks',
  'complaints',
  'unsubscribes',
  'deliveries',
] as const
export type Kind = (typeof KINDS)[number]

/** How abnormal something has to be. */
type Rule = {
  kind: Kind
  isDrop: boolean
  /** The rate has to be so many times the normal one, or for a drop at most this share of it. */
  factor: number
  /** Widens what is normal, as campaigns differ. */
  allowance: number
  /** The least count that matters; for a drop, of those expected. */
  minCount: number
  /** A lower rate never matters. */
  minRate: number
  /** Standard deviations beyond what is normal. */
  minDeviation: number
  /** Of what was to be expected in the day before, how much may already have come, or come another time. */
  late?: number
}

/** A count in a channel or at a provider, and what it is compared with. */
export type Signal = {
  rule: Rule
  group: Group
  count: HourSeries
  exposure: HourSeries
  /** Whether the exposure is the expected count itself, so that there is no rate to learn. */
  isExpected: boolean
  /** The channel of a provider whose rate is compared with that of all others, too. */
  channel?: Group
}

const BOUNCES: Rule = {
  kind: 'bounces',
  isDrop: false,
  factor: 3,
  allowance: 1.4,
  minCount: 8,
  minRate: 0.04,
  minDeviation: 5,
}
/** A campaign to an old list bounces everywhere, but not like this. */
const BOUNCES_OF_CHANNEL: Rule = { ...BOUNCES, factor: 5, minRate: 0.1, minCount: 12 }
const READS_AT_PROVIDER: Rule = {
  kind: 'reads',
  isDrop: true,
  factor: 0.5,
  allowance: 1.2,
  minCount: 20,
  minRate: 0,
  minDeviation: 5,
}
const READS: Rule = { ...READS_AT_PROVIDER, factor: 0.25, minCount: 25, late: 0.015 }
const CLICKS: Rule = {
  kind: 'clicks',
  isDrop: true,
  factor: 0.2,
  allowance: 1.2,
  minCount: 25,
  minRate: 0,
  minDeviation: 6,
}
const COMPLAINTS: Rule = {
  kind: 'complaints',
  isDrop: false,
  factor: 4,
  allowance: 1.6,
  minCount: 8,
  minRate: 0.001,
  minDeviation: 5,
}
const UNSUBSCRIBES: Rule = {
  ...COMPLAINTS,
  kind: 'unsubscribes',
  minCount: 15,
  minRate: 0.005,
  allowance: 3,
}
const DELIVERIES: Rule = {
  kind: 'deliveries',
  isDrop: true,
  factor: 0.02,
  allowance: 1,
  minCount: 25,
  minRate: 0,
  minDeviation: 6,
}

const LEARNED_DAYS = 28
const LOWEST = 2 // of the same hours of four weeks: an incident and a holiday may be lower

/** Everything that is watched. Providers come before their channel. */
export function listSignals({ groups, first, end }: Timeline): Signal[] {
  return groups
    .toSorted((one, other) => Number(one.provider === null) - Number(other.provider === null))
    .flatMap((group): Signal[] => {
      const { delivered, attempted, bounced, read, clicked, complained, unsubscribed } = group
      const isExpected = false
      const bounces = { group, count: bounced, exposure: attempted, isExpected }
      const channel = groups.find(
        (each) => each.provider === null && each.channel === group.channel,
      )
      if (group.provider !== null && channel) {
        const exposure = readAsOthers(group, channel, { first, end })
        return [
          { ...bounces, rule: BOUNCES, channel },
          { rule: READS_AT_PROVIDER, group, count: read, exposure, isExpected },
        ]
      }
      const { readable } = group
      const expected = findLeast(group, { first, end })
      return [
        { ...bounces, rule: BOUNCES_OF_CHANNEL },
        { rule: READS, group, count: read, exposure: readable, isExpected },
        { rule: CLICKS, group, count: clicked, exposure: read, isExpected },
        { rule: COMPLAINTS, group, count: complained, exposure: readable, isExpected },
        { rule: UNSUBSCRIBES, group, count: unsubscribed, exposure: readable, isExpected },
        { rule: DELIVERIES, group, count: delivered, exposure: expected, isExpected: true },
      ]
    })
}

/** How much would be read at a provider if its mailboxes read like all others: campaigns, hours and seasons cancel out. */
function readAsOthers(group: Group, channel: Group, { first, end }: Span): HourSeries {
  const exposure = new Float64Array(end - first)
  for (let hour = first; hour < end; hour++) {
    const pending = channel.pending.at(hour) - group.pending.at(hour)
    const read = channel.read.at(hour) - group.read.at(hour)
    if (pending > 0) exposure[hour - first] = (read * group.pending.at(hour)) / pending
  }
  return new HourSeries(first, exposure)
}

// Reads that what was delivered before explains at most: so many times as many as normal, and of those of days before.
const READ_TIMES = 2
const READ_LATE = { share: 0.01, hours: 48 }

/**
 * The least that must have been delivered: as much as at the same hour of any day, and as much as is read beyond what
 * can be read of what was reported.
 */
function findLeast({ delivered, read, readable }: Group, { first, end }: Span): HourSeries {
  const rate = read.sum(first, end) / readable.sum(first, end)
  const least = findLowest(delivered, { first, end })
  for (let index = LEARNED_DAYS * 24 + 1; index < least.length; index++) {
    const hour = first + index
    const late = READ_LATE.share * readable.sum(hour - READ_LATE.hours, hour)
    const explained = rate * (READ_TIMES * readable.at(hour) + late)
    least[index] = Math.max(least[index] ?? 0, read.at(hour) - explained)
  }
  return new HourSeries(first, least)
}

/** The least that was delivered at the same hour of a day, or the one before or after, in the four weeks before. */
function findLowest(delivered: HourSeries, { first, end }: Span): Float64Array {
  return Float64Array.from({ length: end - first }, (_, index) => {
    if (index <= LEARNED_DAYS * 24) return 0
    const hour = first + index
    const counts = Array.from({ length: LEARNED_DAYS }, (_, day) => {
      const same = hour - 24 * (day + 1)
      return Math.min(delivered.at(same - 1), delivered.at(same), delivered.at(same + 1))
    })
    return counts.sort((one, other) => one - other)[LOWEST] ?? 0
  })
}
