import { DAY_MS, HOUR_MS } from '../../event/clock.ts'
import { offsetAt } from '../../event/time-zone.ts'
import type { Random } from '../random.ts'
import { drawLogNormal } from './chances.ts'

/** The zone in which the shop's contacts live. */
const ZONE = 'Europe/Kyiv'

/** How much people do in each hour of the day, of the busiest. */
const BY_HOUR = [
  0.08, 0.04, 0.03, 0.03, 0.04, 0.08, 0.2, 0.45, 0.7, 0.9, 1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.75, 0.8,
  0.9, 0.95, 1, 0.9, 0.6, 0.25,
]
/** From Sunday on. */
const BY_WEEKDAY = [0.75, 1, 1, 0.95, 0.95, 0.9, 0.8]

/** The beginning of a day in UTC. */
export function startOfDay(time: number): number {
  return Math.floor(time / DAY_MS) * DAY_MS
}

const offsets = new Map<number, number>()

/** How far Kyiv is ahead of UTC: milliseconds. */
export function offsetOfKyiv(time: number): number {
  const hour = Math.floor(time / HOUR_MS)
  let offset = offsets.get(hour)
  if (offset === undefined) {
    offset = offsetAt(time, ZONE)
    offsets.set(hour, offset)
  }
  return offset
}

/** How much people do at a moment, from 0 to 1. */
export function activityAt(time: number): number {
  const local = new Date(time + offsetOfKyiv(time))
  return (BY_HOUR[local.getUTCHours()] ?? 0) * (BY_WEEKDAY[local.getUTCDay()] ?? 0)
}

const MAX_DRAWS = 8

/**
 * When somebody comes to a message: by hour and weekday, half of the time within hours.
 *
 * @param median of the delay if all hours were alike: milliseconds
 */
export function drawMoment(random: Random, after: number, median: number): number {
  let time = after
  for (let draw = 0; draw < MAX_DRAWS; draw++) {
    time = after + drawLogNormal(random, median, 1.6)
    if (random.chance(activityAt(time))) break
  }
  return Math.floor(time)
}
