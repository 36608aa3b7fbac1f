/** Limits of a chunk; a single larger item still makes a chunk of its own. */
export type ChunkLimit = { bytes: number; items?: number }

/** Puts items into as few chunks as fit the limit, in order. */
export function chunkBySize<Item>(
  items: readonly Item[],
  sizeOf: (item: Item) => number,
  limit: ChunkLimit,
): Item[][] {
  const chunks: Item[][] = []
  let room = 0
  for (const item of items) {
    const size = sizeOf(item)
    const chunk = chunks.at(-1)
    if (chunk && size <= room && chunk.length < (limit.items ?? Infinity)) {
      chunk.push(item)
      room -= size
    } else {
      chunks.push([item])
      room = limit.bytes - size
    }
  }
  return chunks
}
