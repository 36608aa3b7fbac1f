import type { Budget } from './budget.ts'

/**
 * Works on items in turns, each once, as long as the budget has statements for another.
 *
 * @param statements the maximum per item
 */
export async function takeEach<Item extends { name: string }>(
  budget: Budget,
  statements: number,
  takeNext: () => Promise<Item | null>,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const seen = new Set<string>()
  while (budget.take(statements)) {
    const next = await takeNext()
    // An item that was not finished is tried again in another run.
    if (!next || seen.has(next.name)) return budget.giveBack(statements - (next ? 2 : 0))
    seen.add(next.name)
    await work(next)
  }
}
