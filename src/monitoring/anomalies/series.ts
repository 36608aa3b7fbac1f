import { HOUR_MS } from '../../event/clock.ts'
import { offsetAt } from '../../event/time-zone.ts'
import type { PulseRow } from '../../db/rollups/pulse.ts'
import type { HourPulse } from '../../db/rollups/read-pulse.ts'
import { HourSeries } from './statistics.ts'

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
  /** Of a channel, the same, weighed by how much is read at that hour of a day. */
  readable: HourSeries
  /** Bounces of each cause. */
  causes: ReadonlyMap<string, HourSeries>
  /** Bounces by quarter of an hour. */
  bouncedByQuarter: HourSeries
}

/** The counts of consecutive hours. */
export type Timeline = {
  /** The first hour, and the one after the last: counted from 1970, in UTC. */
  first: number
  end: number
  groups: readonly Group[]
}

type Delays = readonly { hours: number; share: number }[]

// Of what is read, some two thirds are read within hours, and the rest within days; in some channels it is sooner.
const USUAL: Delays = [
  { hours: 2.5, share: 0.65 },
  { hours: 24, share: 0.35 },
]
const ALL_DELAYS: readonly Delays[] = [
  USUAL,
  [
    { hours: 0.7, share: 0.9 },
    { hours: 12, share: 0.1 },
  ],
  [
    { hours: 0.4, share: 0.7 },
    { hours: 2, share: 0.25 },
    { hours: 8, share: 0.05 },
  ],
  [
    { hours: 1.5, share: 0.8 },
    { hours: 24, share: 0.2 },
  ],
]

/**
 * The counts of a period by channel and provider.
 *
 * @param start,end UTC milliseconds, at an hour
 * @param zone in which people sleep at night: an IANA name
 */
export function toTimeline(
  pulses: readonly HourPulse[],
  { start, end, zone }: { start: number; end: number; zone: string },
): Timeline {
  const first = Math.floor(start / HOUR_MS)
  const hours = Math.ceil(end / HOUR_MS) - first
  const builders = new Map<string, GroupBuilder>()
  const builderOf = (channel: string, provider: string | null) => {
    const key = `${channel} ${provider ?? ''}`
    let builder = builders.get(key)
    if (!builder) builders.set(key, (builder = new GroupBuilder(channel, provider, first, hours)))
    return builder
  }
  for (const { hour, rows } of pulses) {
    const index = Math.floor(hour / HOUR_MS) - first
    if (index < 0 || index >= hours) continue
    for (const row of rows) {
      const [channel, provider] = row
      builderOf(channel, null).add(index, row)
      if (provider !== '') builderOf(channel, provider).add(index, row)
    }
  }
  const clocks = listClocks(first, hours, zone)
  const groups = [...builders.values()].map((builder) => builder.build(clocks))
  return { first, end: first + hours, groups }
}

class GroupBuilder {
  readonly #channel: string
  readonly #provider: string | null
  readonly #first: number
  readonly #make: () => Float64Array
  readonly #delivered: Float64Array
  readonly #bounced: Float64Array
  readonly #attempted: Float64Array
  readonly #read: Float64Array
  readonly #clicked: Float64Array
  readonly #complained: Float64Array
  readonly #unsubscribed: Float64Array
  readonly #bouncedByQuarter: Float64Array
  readonly #causes = new Map<string, Float64Array>()

  constructor(channel: string, provider: string | null, first: number, hours: number) {
    this.#first = first
    this.#channel = channel
    this.#provider = provider
    this.#make = () => new Float64Array(hours)
    this.#delivered = this.#make()
    this.#bounced = this.#make()
    this.#attempted = this.#make()
    this.#read = this.#make()
    this.#clicked = this.#make()
    this.#complained = this.#make()
    this.#unsubscribed = this.#make()
    this.#bouncedByQuarter = new Float64Array(4 * hours)
  }

  add(hour: number, row: PulseRow): void {
    const [, , delivered, read, clicked, complained, unsubscribed, bounces] = row
    addTo(this.#delivered, hour, delivered)
    addTo(this.#attempted, hour, delivered)
    addTo(this.#read, hour, read)
    addTo(this.#clicked, hour, clicked)
    addTo(this.#complained, hour, complained)
    addTo(this.#unsubscribed, hour, unsubscribed)
    for (const ofBounces of bounces) {
      const [cause] = ofBounces
      let ofCause = this.#causes.get(cause)
      if (!ofCause) this.#causes.set(cause, (ofCause = this.#make()))
      for (let quarter = 0; quarter < 4; quarter++) {
        const count = Number(ofBounces[quarter + 1])
        addTo(this.#bouncedByQuarter, 4 * hour + quarter, count)
        addTo(this.#bounced, hour, count)
        addTo(this.#attempted, hour, count)
        addTo(ofCause, hour, count)
      }
    }
  }

  build(clocks: readonly number[]): Group {
    const first = this.#first
    const read = this.#read
    const pending = decay(this.#delivered, USUAL)
    const readable =
      this.#provider === null
        ? findBest(
            ALL_DELAYS.map((delays) => weighByHour(decay(this.#delivered, delays), read, clocks)),
            read,
          )
        : pending
    return {
      channel: this.#channel,
      provider: this.#provider,
      delivered: new HourSeries(first, this.#delivered),
      bounced: new HourSeries(first, this.#bounced),
      attempted: new HourSeries(first, this.#attempted),
      read: new HourSeries(first, this.#read),
      clicked: new HourSeries(first, this.#clicked),
      complained: new HourSeries(first, this.#complained),
      unsubscribed: new HourSeries(first, this.#unsubscribed),
      pending: new HourSeries(first, pending),
      readable: new HourSeries(first, readable),
      causes: new Map(
        Array.from(this.#causes, ([name, each]) => [name, new HourSeries(first, each)]),
      ),
      bouncedByQuarter: new HourSeries(4 * this.#first, this.#bouncedByQuarter),
    }
  }
}

function addTo(counts: Float64Array, index: number, count: number): void {
  counts[index] = (counts[index] ?? 0) + count
}

/** The deliveries of each hour and before, as far as they are still likely to be read. */
function decay(delivered: Float64Array, delays: Delays): Float64Array {
  const parts = delays.map(({ hours, share }) => {
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

/** The exposure from which reads differ least. */
function findBest(exposures: readonly Float64Array[], read: Float64Array): Float64Array {
  const errors = exposures.map((exposure) => {
    const sum = (counts: Float64Array) => counts.reduce((total, count) => total + count, 0)
    const rate = sum(read) / Math.max(1, sum(exposure))
    return sum(exposure.map((count, hour) => Math.abs((read[hour] ?? 0) - rate * count)))
  })
  return exposures[errors.indexOf(Math.min(...errors))] ?? read
}

/** The hour of the day, by a zone's clocks, at which each hour begins. */
function listClocks(first: number, hours: number, zone: string): number[] {
  let offset = offsetAt(first * HOUR_MS, zone)
  const isSame = offsetAt((first + hours) * HOUR_MS, zone) === offset
  return Array.from({ length: hours }, (_, index) => {
    const time = (first + index) * HOUR_MS
    if (!isSame && index % 24 === 0) offset = offsetAt(time, zone) // clocks change at night
    return Math.floor((time + offset) / HOUR_MS) % 24
  })
}

/** At no hour is so much more read than on average; a rate may seem to, after a broadcast that was not reported. */
const MAX_WEIGHT = 2.5

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
    return count * Math.min(MAX_WEIGHT, rate / mean)
  })
}
