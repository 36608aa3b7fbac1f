import { HOUR_MS } from '../event/clock.ts'
import { listStuck, markSent } from '../db/sync/runs.ts'
import { listUnread } from '../db/sync/slices.ts'
import { enqueueSlices } from './enqueue-slices.ts'
import { cancelRuns } from './cancel.ts'
import { MAX_PARTS } from './slice.ts'

/** Longer than a message waits between two tries, but where Yespo wants a longer pause. */
const STUCK_MS = 3 * HOUR_MS
const MAX_TRIES = 8
const MOST = 3 // in one run, of the few statements that one has

/**
 * Sends what is left of readings that have not moved for some hours: a queue drops a message that failed too
 * often. What was read meanwhile is not read again. A reading that does not move for a day is given up.
 */
export async function resumeStuck(
  { DB, WINDOWS }: Pick<Env, 'DB' | 'WINDOWS'>,
  now: number,
): Promise<void> {
  for (const pull of await listStuck(DB, now - STUCK_MS, MOST)) {
    const { number, tries, delay } = pull
    if (tries >= MAX_TRIES) {
      const why = `For a day nothing more of it could be read: ${delay ?? 'nobody knows why'}.`
      await cancelRuns(DB, number, why, now)
      continue
    }
    const unread = await listUnread(DB, pull, MAX_PARTS)
    await markSent(DB, pull, now)
    await enqueueSlices(
      WINDOWS,
      unread.map((window) => ({ ...window, sent: pull.sent + 1 })),
    )
  }
}
