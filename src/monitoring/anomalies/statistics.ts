/** Counts by hour, with the sum of any span at once. Hours are counted from 1970, in UTC. */
export class HourSeries {
  readonly #first: number
  readonly #sums: Float64Array

  /** @param first the hour of the first count */
  constructor(first: number, counts: ArrayLike<number>) {
    this.#first = first
    this.#sums = new Float64Array(counts.length + 1)
    for (let index = 0; index < counts.length; index++) {
      this.#sums[index + 1] = (this.#sums[index] ?? 0) + (counts[index] ?? 0)
    }
  }

  /** The sum from hour `first` to before hour `end`. */
  sum(first: number, end: number): number {
    return this.#before(end) - this.#before(first)
  }

  at(hour: number): number {
    return this.sum(hour, hour + 1)
  }

  #before(hour: number): number {
    const index = Math.min(this.#sums.length - 1, Math.max(0, hour - this.#first))
    return this.#sums[index] ?? 0
  }
}

/** The range of a rate that it hardly ever leaves, and its median. */
export type Normal = { low: number; median: number; high: number }

/** Consecutive hours, from `first` to before `end`. */
export type Span = { first: number; end: number }

/**
 * How far a count is from an expected one, in standard deviations, below 0 if it is smaller: the signed root of the
 * deviance of a Poisson distribution, which is right for small counts, too.
 */
export function deviation(count: number, expected: number): number {
  if (expected <= 0) return count > 0 ? Infinity : 0
  const logarithm = count > 0 ? count * Math.log(count / expected) : 0
  const deviance = Math.max(0, 2 * (logarithm - (count - expected)))
  return Math.sign(count - expected) * Math.sqrt(deviance)
}

// Expected in a block: fewer would only show chance.
const BLOCK_COUNT = { min: 3, max: 12 }
const WANTED_BLOCKS = 16
const LOW = 0.03
const HIGH = 0.97

/** With fewer blocks, quantiles tell little: the range is widened by the standard deviation of chance. */
const MANY_BLOCKS = 8
const MIN_EXPOSURE = 30

/**
 * The normal rate of a count to its exposure, from blocks of hours that have enough of it. One hour may be a block, as
 * of a broadcast; what is too rare for blocks is known by its sum.
 *
 * @param learned the hours to learn from
 * @param skipped hours that were not normal
 * @returns undefined if there is too little to tell
 */
export function findNormal(
  count: HourSeries,
  exposure: HourSeries,
  learned: Span,
  skipped: readonly Span[],
): Normal | undefined {
  const all = count.sum(learned.first, learned.end)
  const mean = all / exposure.sum(learned.first, learned.end)
  const blockCount = Math.max(BLOCK_COUNT.min, Math.min(BLOCK_COUNT.max, all / WANTED_BLOCKS))
  const rates: number[] = []
  let [counted, exposed] = [0, 0]
  let [countedInAll, exposedInAll] = [0, 0]
  for (let hour = learned.first; hour < learned.end; hour++) {
    if (skipped.some(({ first, end }) => first <= hour && hour < end)) continue
    counted += count.at(hour)
    exposed += exposure.at(hour)
    countedInAll += count.at(hour)
    exposedInAll += exposure.at(hour)
    if (exposed * mean < blockCount || exposed === 0) continue
    rates.push(counted / exposed)
    counted = exposed = 0
  }
  if (exposedInAll < MIN_EXPOSURE) return undefined
  rates.sort((one, other) => one - other)
  const quantile = (share: number) => rates[Math.round(share * (rates.length - 1))] ?? 0
  if (rates.length >= MANY_BLOCKS) {
    return { low: quantile(LOW), median: quantile(0.5), high: quantile(HIGH) }
  }
  const pooled = (countedInAll + 0.5) / exposedInAll
  const chance = (2 * Math.sqrt(countedInAll + 1)) / exposedInAll
  return {
    low: Math.min(rates[0] ?? Infinity, Math.max(0, pooled - chance)),
    median: pooled,
    high: Math.max(rates.at(-1) ?? 0, pooled + chance),
  }
}
