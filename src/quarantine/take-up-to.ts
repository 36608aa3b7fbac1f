import type { ListedItem, QuarantinePage } from '../db/quarantine/list.ts'

/** The items of a page that fit into a step, at least one. */
export function takeUpTo(
  { items, next }: QuarantinePage,
  sizeOf: (item: ListedItem) => number,
  most: number,
): QuarantinePage {
  let size = 0
  const end = items.findIndex((item, index) => {
    size += sizeOf(item)
    return size > most && index > 0
  })
  const last = items[end - 1]
  return last ? { items: items.slice(0, end), next: last } : { items, next }
}
