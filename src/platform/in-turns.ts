const TURN_MS = 300_000 // from one run of the schedule to the next

/**
 * Runs several tasks one after the other. Each run of the schedule begins with a different one, since the first may use
 * up all that a run can do.
 *
 * @param now UTC milliseconds: the time that the run was planned for
 */
export async function inTurns(now: number, tasks: readonly (() => Promise<void>)[]): Promise<void> {
  const first = Math.floor(now / TURN_MS) % tasks.length
  for (const task of [...tasks.slice(first), ...tasks.slice(0, first)]) await task()
}
