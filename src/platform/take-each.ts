import type { Budget } from './budget.ts'

/**
 * Works on items in turns, each once, as long as the budget has statements for another.
 *
 * @param statements of one item, at most
 * @returns whether there was any
 */
export async function takeEach<Item extends { name: string }>(
  budget: Budget,
  statements: number,
  takeNext: () => Promise<Item | null>,
  work: (item: Item) => Promise<void>,
): Promise<boolean> {
  const seen = new Set<string>()
  while (budget.take(statements)) {
    const next = await takeNext()
    // An item that was not finished has its next try in another run.
    if (!next || seen.has(next.name)) {
      budget.giveBack(statements - (next ? 2 : 0))
      break
    }
    seen.add(next.name)
    await work(next)
  }
  return seen.size > 0
}
