import { createHash } from 'node:crypto'
import type { Mutant } from './mutate.ts'

/**
 * Chooses mutants: about as many of each file, and in a file about as many of each kind. What is chosen in a file
 * depends only on the seed and its lines, not on where they are, nor on other files.
 */
export function choose(mutants: readonly Mutant[], count: number, seed: number): Mutant[] {
  const rank = (text: string) => createHash('sha256').update(`${seed} ${text}`).digest('hex')
  const byRank = <Item>(items: readonly Item[], textOf: (item: Item) => string) =>
    items
      .map((item) => ({ item, place: rank(textOf(item)) }))
      .toSorted((one, other) => (one.place < other.place ? -1 : 1))
      .map(({ item }) => item)
  const ofFile = (own: readonly Mutant[]) => {
    const kinds = [...Map.groupBy(own, ({ kind }) => kind)]
    return takeInTurns(
      byRank(kinds, ([kind]) => `${own[0]?.file} ${kind}`).map(([, ofKind]) =>
        byRank(ofKind, keyOf),
      ),
    )
  }
  const files = [...Map.groupBy(mutants, ({ file }) => file)]
  return takeInTurns(byRank(files, ([file]) => file).map(([, own]) => ofFile(own))).slice(0, count)
}

/** What a mutant is recognized by, also if lines before it change. */
export function keyOf({ file, before, after }: Pick<Mutant, 'file' | 'before' | 'after'>): string {
  return `${file}: ${before} → ${after}`
}

/** The first of each list, the second of each list, and so on. */
function takeInTurns<Item>(lists: readonly (readonly Item[])[]): Item[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length))
  return Array.from({ length: longest }, (_, turn) =>
    lists.flatMap((list) => list.slice(turn, turn + 1)),
  ).flat()
}
