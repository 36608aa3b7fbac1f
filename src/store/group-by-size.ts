/** What a group may hold at the most; a single larger item still makes a group of its own. */
export type GroupLimit = { bytes: number; items?: number }

/** Puts items into as few groups as fit the limit, in order. */
export function groupBySize<Item>(
  items: readonly Item[],
  sizeOf: (item: Item) => number,
  limit: GroupLimit,
): Item[][] {
  const groups: Item[][] = []
  let room = 0
  for (const item of items) {
    const size = sizeOf(item)
    const group = groups.at(-1)
    if (group && size <= room && group.length < (limit.items ?? Infinity)) {
      group.push(item)
      room -= size
    } else {
      groups.push([item])
      room = limit.bytes - size
    }
  }
  return groups
}
