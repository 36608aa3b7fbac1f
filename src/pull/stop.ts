import { log } from '../log.ts'
import { endPull } from '../store/pulls.ts'

/** Stops a reading that cannot go on, where it does. @param why in words, for its owner */
export async function stopPull(
  db: D1Database,
  pull: number,
  why: string,
  now: number,
): Promise<void> {
  if (await endPull(db, pull, 'stopped', why, now)) log('error', 'pull_stopped', { pull, why })
}
