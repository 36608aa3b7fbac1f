import { MINUTE_MS } from '../event/clock.ts'

/** The note of whoever goes on with what is under way: the schedule, or a program that was started. */
export const WORK = 'work.until'

const TURN_MS = 5 * MINUTE_MS // from one run of the schedule to the next

/**
 * Does several things one after the other, each run of the schedule beginning with another of them: the first
 * may take all that a run can do.
 *
 * @param now UTC milliseconds: the time that the run was planned for
 */
export async function inTurns(now: number, works: readonly (() => Promise<void>)[]): Promise<void> {
  const first = Math.floor(now / TURN_MS) % works.length
  for (const work of [...works.slice(first), ...works.slice(0, first)]) await work()
}
