/** The value below which a share (0 to 1) of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
  if (value === undefined) throw new Error('no values')
  return value
}

/** The middle value, which a single slow round does not affect. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** Runs all contenders in each round, alternately forward and backward. */
export async function alternate<Name extends string>(
  rounds: number,
  contenders: Readonly<Record<Name, (round: number) => Promise<number>>>,
): Promise<Record<Name, number>> {
  const names = Object.keys(contenders) as Name[]
  const values = new Map<Name, number[]>(names.map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const name of inTurn(names, round)) {
      values.get(name)?.push(await contenders[name](round))
    }
  }
  const medians = names.map((name) => [name, median(values.get(name) ?? [])])
  return Object.fromEntries(medians) as Record<Name, number>
}

/** The order of a round: forward or backward. */
export function inTurn<Item>(items: readonly Item[], round: number): readonly Item[] {
  return round % 2 === 0 ? items : items.toReversed()
}
