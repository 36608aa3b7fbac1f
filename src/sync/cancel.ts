import { log } from '../platform/log.ts'
import { endRun } from '../db/sync/runs.ts'

/** Blocks a reading that cannot go on, where it does. @param why in words, for its owner */
export async function cancelRuns(
  db: D1Database,
  pull: number,
  why: string,
  now: number,
): Promise<void> {
  if (await endRun(db, pull, 'stopped', why, now)) log('error', 'pull_stopped', { pull, why })
}
