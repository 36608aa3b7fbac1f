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
/** With fewer blocks, their median tells less than their sum. */
const MANY_BLOCKS = 4
const MIN_EXPOSURE = 30
/** Standard deviations to the ends of the range. */
const RANGE = 2
/** What is so many times the median, or less than it by that, was not normal. */
const MAX_SPREAD = 4

type Block = { count: number; exposure: number }

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
  const { blocks, all } = cutBlocks(count, exposure, learned, skipped)
  if (all.exposure < MIN_EXPOSURE) return undefined
  const least = 0.5 / all.exposure // for nothing has been seen of it yet
  const median = Math.max(
    least,
    blocks.length < MANY_BLOCKS ? all.count / all.exposure : findMedian(blocks),
  )
  // Of a root of a count, chance makes the same standard deviation, one half, however large it is.
  const unsure = 0.25 / all.exposure / RANGE ** 2
  const root = Math.sqrt(median)
  const low = root - RANGE * Math.sqrt(unsure + findSpread(blocks, root, -1))
  const high = root + RANGE * Math.sqrt(unsure + findSpread(blocks, root, 1))
  return { low: Math.max(0, low) ** 2, median, high: high ** 2 }
}

/** The rate that half of the exposure has less than. */
function findMedian(blocks: readonly Block[]): number {
  const half = blocks.reduce((sum, { exposure }) => sum + exposure, 0) / 2
  let sum = 0
  const middle = blocks
    .toSorted((one, other) => rateOf(one) - rateOf(other))
    .find(({ exposure }) => (sum += exposure) >= half)
  return middle ? rateOf(middle) : 0
}

function rateOf({ count, exposure }: Block): number {
  return count / exposure
}

function cutBlocks(
  count: HourSeries,
  exposure: HourSeries,
  learned: Span,
  skipped: readonly Span[],
): { blocks: Block[]; all: Block } {
  const mean = count.sum(learned.first, learned.end) / exposure.sum(learned.first, learned.end)
  const total = count.sum(learned.first, learned.end)
  const blockCount = Math.max(BLOCK_COUNT.min, Math.min(BLOCK_COUNT.max, total / WANTED_BLOCKS))
  const blocks: Block[] = []
  const all = { count: 0, exposure: 0 }
  let block = { count: 0, exposure: 0 }
  for (let hour = learned.first; hour < learned.end; hour++) {
    if (skipped.some(({ first, end }) => first <= hour && hour < end)) continue
    const [counted, exposed] = [count.at(hour), exposure.at(hour)]
    all.count += counted
    all.exposure += exposed
    block.count += counted
    block.exposure += exposed
    if (block.exposure === 0 || block.exposure * mean < blockCount) continue
    blocks.push(block)
    block = { count: 0, exposure: 0 }
  }
  return { blocks, all }
}

/** The variance of the roots of rates on one side of the median, without that of chance. */
function findSpread(blocks: readonly Block[], root: number, side: 1 | -1): number {
  const most =
    side === 1 ? root * (Math.sqrt(MAX_SPREAD) - 1) : root * (1 - 1 / Math.sqrt(MAX_SPREAD))
  let [sum, volume] = [0, 0]
  for (const block of blocks) {
    const difference = side * (Math.sqrt(rateOf(block)) - root)
    if (difference <= 0) continue
    sum += block.exposure * Math.min(difference, most) ** 2 - 0.25
    volume += block.exposure
  }
  return volume === 0 ? 0 : Math.max(0, sum / volume)
}
