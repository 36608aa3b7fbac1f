import { toUtc } from '../event/clock.ts'
import { offsetAt } from '../event/time-zone.ts'
import type { Element } from './traffic.ts'

/** An event as the API keeps it. */
export type Kept = {
  /** When it happened: UTC milliseconds. */
  happenedAt: number
  /** The local time of the API then, as if it were UTC: milliseconds. */
  wall: number
  /** Its number in the order of recording, from 0. */
  serial: number
  /** From when on the API shows it: UTC milliseconds of the account. */
  visibleFrom: number
  /** The event as the webhook sends it. */
  event: Buffer
}

/** A period of local time, both ends included. */
export type TimeSlice = { from: number; to: number }

const KEPT_MONTHS = 3
const MANY = 10_000
const DAY = 86_400_000

/** Everything that happened, by local time in the API's time zone. */
export class ActivityLog {
  readonly #zone: string
  readonly #kept: Kept[] = []
  #recorded = 0
  #isSorted = true

  constructor(zone: string) {
    this.#zone = zone
  }

  /** Keeps an event; throws if it is not one. */
  add({ bytes }: Element, visibleFrom: number): void {
    const { activityDateTime } = JSON.parse(bytes.toString()) as Record<string, unknown>
    const time = typeof activityDateTime === 'string' ? toUtc(activityDateTime, 'UTC') : undefined
    if (time === undefined) throw new Error('an element that is not poison has no activityDateTime')
    const happenedAt = Math.floor(time / 1_000) * 1_000
    const wall = happenedAt + offsetAt(happenedAt, this.#zone)
    this.#isSorted &&= wall >= (this.#kept.at(-1)?.wall ?? -Infinity)
    this.#kept.push({ happenedAt, wall, serial: this.#recorded++, visibleFrom, event: bytes })
  }

  /** The events of a time slice that are shown at a moment, in UTC milliseconds of the account: oldest first. */
  list({ from, to }: TimeSlice, now: number): Kept[] {
    if (!this.#isSorted) this.#kept.sort(compareKept)
    this.#isSorted = true
    const oldest = monthsBefore(now, KEPT_MONTHS)
    this.#forget(oldest - DAY) // by whatever clock
    return this.#kept
      .slice(this.#findFirst(from), this.#findFirst(to + 1))
      .filter(({ happenedAt, visibleFrom }) => happenedAt >= oldest && visibleFrom <= now)
  }

  /** Forgets what happened before a time, many at once. */
  #forget(wall: number): void {
    const first = this.#findFirst(wall)
    if (first >= MANY) this.#kept.splice(0, first)
  }

  /** The index of the first row at or after a local time. */
  #findFirst(wall: number): number {
    let [low, high] = [0, this.#kept.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#kept[middle]?.wall ?? Infinity) < wall) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** The order in which the API returns them: by its clock, then as they were recorded. */
export function compareKept(
  a: Pick<Kept, 'wall' | 'serial'>,
  b: Pick<Kept, 'wall' | 'serial'>,
): number {
  return a.wall - b.wall || a.serial - b.serial
}

/** The same day some months ago; if that month has no such day, it counts on into the next. */
function monthsBefore(time: number, months: number): number {
  const date = new Date(time)
  return date.setUTCMonth(date.getUTCMonth() - months)
}
