/**
 * Runs several parts of a task one after the other. Each step begins with another of them, since the first may use up
 * all that a step can do.
 *
 * @param turn the number of the step
 * @returns whether any of them made progress
 */
export async function inTurns(
  turn: number,
  parts: readonly (() => Promise<boolean>)[],
): Promise<boolean> {
  const first = turn % parts.length
  let progressed = false
  for (const part of [...parts.slice(first), ...parts.slice(0, first)]) {
    if (await part()) progressed = true
  }
  return progressed
}
