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

/** Of a parameter: the database takes 2 MB, in bytes, and a character may have three. */
const MAX_PARAMETER_LENGTH = 600_000

/** A statement that binds a JSON list, as often as the list needs to be bounded. @param texts the JSON of each item */
export function bindGroups(
  db: D1Database,
  sql: string,
  texts: readonly string[],
  ...more: readonly string[]
): D1PreparedStatement[] {
  return groupBySize(texts, ({ length }) => length + 1, { bytes: MAX_PARAMETER_LENGTH }).map(
    (group) => db.prepare(sql).bind(`[${group.join(',')}]`, ...more),
  )
}
