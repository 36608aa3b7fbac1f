import type { AsyncBuffer } from 'hyparquet'

/** The bytes of a file's end that are read at once: they have the list of its groups, or all of a small file. */
export const TAIL_BYTES = 96_000

/** Ranges with fewer bytes between them are read together. */
const MAX_GAP = 64_000

/** The first byte of a part of a file, and the first byte after it. */
export type Range = readonly [start: number, end: number]

/**
 * An object of a bucket, with its end in memory.
 *
 * @param size in bytes
 * @param onRead is called before each read
 * @throws Error if the bucket does not have it
 */
export async function openContent(
  bucket: R2Bucket,
  key: string,
  size: number,
  onRead: () => void,
): Promise<AsyncBuffer> {
  const read = async (start: number, end = size): Promise<ArrayBuffer> => {
    onRead()
    const object = await bucket.get(key, { range: { offset: start, length: end - start } })
    if (!object) throw new Error(`The bucket has no object ${key}.`)
    return object.arrayBuffer()
  }
  return keepRanges({ byteLength: size, slice: read }, [[Math.max(0, size - TAIL_BYTES), size]])
}

/** A content with some ranges in memory, which are read in as few requests as possible. */
export async function keepRanges(
  content: AsyncBuffer,
  ranges: readonly Range[],
): Promise<AsyncBuffer> {
  const kept = await Promise.all(
    joinRanges(ranges).map(async ([start, end]) => ({
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

function joinRanges(ranges: readonly Range[]): Range[] {
  const joined: Range[] = []
  for (const [start, end] of [...ranges].sort(([a], [b]) => a - b)) {
    const last = joined.at(-1)
    if (last && start - last[1] <= MAX_GAP)
      joined[joined.length - 1] = [last[0], Math.max(last[1], end)]
    else joined.push([start, end])
  }
  return joined
}
