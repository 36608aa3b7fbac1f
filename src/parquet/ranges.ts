import type { AsyncBuffer } from 'hyparquet'

/** The first byte of a part of a file, and the first byte after it. */
export type Range = readonly [start: number, end: number]

/**
 * A content with some ranges in memory, which are read in as few requests as possible.
 *
 * @param ranges undefined is no range
 * @param maxGap ranges with at most so many bytes between them are read together
 */
export async function keepRanges(
  content: AsyncBuffer,
  ranges: readonly (Range | undefined)[],
  maxGap = 64_000,
): Promise<AsyncBuffer> {
  const kept = await Promise.all(
    joinRanges(
      ranges.filter((range) => range !== undefined),
      maxGap,
    ).map(async ([start, end]) => ({
      start,
      end,
      bytes: await content.slice(start, end),
    })),
  )
  const { byteLength } = content
  return {
    byteLength,
    slice(start, end = byteLength) {
      const part = kept.find((each) => each.start <= start && end <= each.end)
      return part
        ? part.bytes.slice(start - part.start, end - part.start)
        : content.slice(start, end)
    },
  }
}

function joinRanges(ranges: readonly Range[], maxGap: number): Range[] {
  const joined: Range[] = []
  for (const [start, end] of [...ranges].sort(([a], [b]) => a - b)) {
    const last = joined.at(-1)
    if (last && start - last[1] <= maxGap)
      joined[joined.length - 1] = [last[0], Math.max(last[1], end)]
    else joined.push([start, end])
  }
  return joined
}
