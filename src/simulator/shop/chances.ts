import type { Random } from '../random.ts'

const STEPS = 1_000_000_000

/** A number from 0 to less than 1. */
export function drawShare(random: Random): number {
  return random.between(0, STEPS - 1) / STEPS
}

/**
 * A number of a log-normal distribution: half of them are below the median.
 *
 * @param spread the standard deviation of its logarithm
 */
export function drawLogNormal(random: Random, median: number, spread: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - drawShare(random)))
  return median * Math.exp(spread * radius * Math.cos(2 * Math.PI * drawShare(random)))
}

/** One of the items, each by its share of the sum of all. */
export function drawByShare<T extends { share: number }>(random: Random, items: readonly T[]): T {
  let left = drawShare(random) * items.reduce((sum, { share }) => sum + share, 0)
  for (const item of items) {
    left -= item.share
    if (left < 0) return item
  }
  return random.pick(items)
}

/** A UUID of version 1, which has the time at which it was made. @param time UTC milliseconds */
export function makeTimeUuid(random: Random, time: number): string {
  const ticks =
    (BigInt(Math.floor(time)) + GREGORIAN_MS) * 10_000n + BigInt(random.between(0, 9_999))
  const digits = ticks.toString(16).padStart(15, '0')
  const [high, middle, low] = [digits.slice(0, 3), digits.slice(3, 7), digits.slice(7)]
  return `${low}-${middle}-1${high}-${(random.between(0, 0x3fff) | 0x8000).toString(16)}-${random.hex(12)}`
}

/** From the beginning of the Gregorian calendar, 1582-10-15, to 1970. */
const GREGORIAN_MS = 12_219_292_800_000n
