import { HOUR_MS } from '../../event/clock.ts'
import { isKnownChannel } from '../../event/unexpected.ts'
import { offsetAt } from '../../event/time-zone.ts'
import { HourSeries } from './statistics.ts'

/**
 * Contacts of one status in the quarters of an hour, each counted once per delivery. `provider` is '' without an email
 * address; `cause` is '' except for UNDELIVERED.
 */
export type PulseCount = readonly [
  mediaType: string | null,
  provider: string,
  activityStatus: string,
  cause: string,
  quarter0: number,
  quarter1: number,
  quarter2: number,
  quarter3: number,
]

/** The counts of an hour, which begins at `hour`: UTC milliseconds. */
export type Pulse = { hour: number; counts: readonly PulseCount[] }

/** A channel, or the mailboxes of one provider in it. */
export type Group = {
  channel: string
  /** Null for the whole channel. */
  provider: string | null
  delivered: HourSeries
  bounced: HourSeries
  attempted: HourSeries
  read: HourSeries
  clicked: HourSeries
  complained: HourSeries
  unsubscribed: HourSeries
  /** Deliveries that may still be read: each weighs less, the longer ago it was. */
  pending: HourSeries
  /** The same, weighed by how much is read at that hour of a day. */
  readable: HourSeries
  /** Bounces of each cause. */
  causes: ReadonlyMap<string, HourSeries>
  /** Attempts and bounces by quarter of an hour. */
  quarters: { attempted: HourSeries; bounced: HourSeries }
}

/** The counts of consecutive hours. */
export type Timeline = {
  /** The beginning of hour 0: UTC milliseconds. */
  start: number
  hours: number
  groups: readonly Group[]
}

const STATUSES = ['DELIVERED', 'UNDELIVERED', 'READ', 'CLICKED', 'SPAM', 'UNSUBSCRIBED'] as const
type Status = (typeof STATUSES)[number]

// Of what is read, some two thirds are read within hours, and the rest within days.
const FAST = { hours: 2.5, share: 0.65 }
const SLOW = { hours: 24, share: 0.35 }

/** A channel or provider that a sender made up must not be repeated. */
export const OTHER = 'other'

/**
 * The counts of a period by channel and provider.
 *
 * @param start,end full hours, UTC milliseconds
 * @param zone in which people sleep at night: an IANA name
 */
export function toTimeline(
  pulses: readonly Pulse[],
  { start, end, zone }: { start: number; end: number; zone: string },
): Timeline {
  const hours = Math.round((end - start) / HOUR_MS)
  const builders = new Map<string, GroupBuilder>()
  const builderOf = (channel: string, provider: string | null) => {
    const key = `${channel} ${provider ?? ''}`
    let builder = builders.get(key)
    if (!builder) builders.set(key, (builder = new GroupBuilder(channel, provider, hours)))
    return builder
  }
  for (const { hour, counts } of pulses) {
    const index = Math.round((hour - start) / HOUR_MS)
    if (index < 0 || index >= hours) continue
    for (const count of counts) {
      const [mediaType, provider] = count
      const channel = mediaType !== null && isKnownChannel(mediaType) ? mediaType : OTHER
      builderOf(channel, null).add(index, count)
      if (provider !== '') builderOf(channel, provider).add(index, count)
    }
  }
  const clocks = listClocks(start, hours, zone)
  return { start, hours, groups: [...builders.values()].map((builder) => builder.build(clocks)) }
}

class GroupBuilder {
  readonly #byStatus: Record<Status, Float64Array>
  readonly #causes = new Map<string, Float64Array>()
  readonly #quarters: { attempted: Float64Array; bounced: Float64Array }

  readonly #channel: string
  readonly #provider: string | null
  readonly #hours: number

  constructor(channel: string, provider: string | null, hours: number) {
    this.#channel = channel
    this.#provider = provider
    this.#hours = hours
    const make = () => new Float64Array(hours)
    this.#byStatus = {
      DELIVERED: make(),
      UNDELIVERED: make(),
      READ: make(),
      CLICKED: make(),
      SPAM: make(),
      UNSUBSCRIBED: make(),
    }
    this.#quarters = {
      attempted: new Float64Array(4 * hours),
      bounced: new Float64Array(4 * hours),
    }
  }

  add(hour: number, [, , activityStatus, cause, ...quarters]: PulseCount): void {
    const status = STATUSES.find((each) => each === activityStatus)
    if (!status) return
    const sum = quarters.reduce((before, count) => before + count, 0)
    addTo(this.#byStatus[status], hour, sum)
    const isBounce = status === 'UNDELIVERED'
    if (!isBounce && status !== 'DELIVERED') return
    quarters.forEach((count, quarter) => {
      addTo(this.#quarters.attempted, 4 * hour + quarter, count)
      if (isBounce) addTo(this.#quarters.bounced, 4 * hour + quarter, count)
    })
    if (!isBounce) return
    let counts = this.#causes.get(cause)
    if (!counts) this.#causes.set(cause, (counts = new Float64Array(this.#hours)))
    addTo(counts, hour, sum)
  }

  build(clocks: readonly number[]): Group {
    const counts = this.#byStatus
    const attempted = counts.DELIVERED.map((count, hour) => count + (counts.UNDELIVERED[hour] ?? 0))
    const pending = decay(counts.DELIVERED)
    return {
      channel: this.#channel,
      provider: this.#provider,
      delivered: new HourSeries(counts.DELIVERED),
      bounced: new HourSeries(counts.UNDELIVERED),
      attempted: new HourSeries(attempted),
      read: new HourSeries(counts.READ),
      clicked: new HourSeries(counts.CLICKED),
      complained: new HourSeries(counts.SPAM),
      unsubscribed: new HourSeries(counts.UNSUBSCRIBED),
      pending: new HourSeries(pending),
      readable: new HourSeries(weighByHour(pending, counts.READ, clocks)),
      causes: new Map(Array.from(this.#causes, ([name, each]) => [name, new HourSeries(each)])),
      quarters: {
        attempted: new HourSeries(this.#quarters.attempted),
        bounced: new HourSeries(this.#quarters.bounced),
      },
    }
  }
}

function addTo(counts: Float64Array, index: number, count: number): void {
  counts[index] = (counts[index] ?? 0) + count
}

/** The deliveries of each hour and before, as far as they are still likely to be read. */
function decay(delivered: Float64Array): Float64Array {
  const parts = [FAST, SLOW].map(({ hours, share }) => {
    const kept = Math.exp(-1 / hours)
    return { kept, share: share * (1 - kept), sum: 0 }
  })
  return delivered.map((count) => {
    let total = 0
    for (const part of parts) {
      part.sum = part.sum * part.kept + count
      total += part.share * part.sum
    }
    return total
  })
}

/** The hour of the day, by a zone's clocks, at which each hour begins. */
function listClocks(start: number, hours: number, zone: string): number[] {
  let offset = 0
  return Array.from({ length: hours }, (_, hour) => {
    const time = start + hour * HOUR_MS
    if (hour % 24 === 0) offset = offsetAt(time, zone) // clocks change at night
    return ((Math.floor((time + offset) / HOUR_MS) % 24) + 24) % 24
  })
}

/** Weighs each hour by how much is read at that hour of a day: at night, little is. */
function weighByHour(
  exposure: Float64Array,
  read: Float64Array,
  clocks: readonly number[],
): Float64Array {
  const clockOf = (hour: number) => clocks[hour] ?? 0
  const reads = new Float64Array(24)
  const exposures = new Float64Array(24)
  read.forEach((count, hour) => addTo(reads, clockOf(hour), count))
  exposure.forEach((count, hour) => addTo(exposures, clockOf(hour), count))
  const total = read.reduce((sum, count) => sum + count, 0)
  const mean = total / exposure.reduce((sum, count) => sum + count, 0)
  if (!(mean > 0)) return exposure
  return exposure.map((count, hour) => {
    const clock = clockOf(hour)
    const rate = (reads[clock] ?? 0) / Math.max(1, exposures[clock] ?? 0)
    return (count * rate) / mean
  })
}
