import { DAY_MS, HOUR_MS, MINUTE_MS, startOfHour } from '../event/clock.ts'
import { log } from '../platform/log.ts'
import type { SyncSettings } from '../settings/settings.ts'
import {
  startRun,
  endRun,
  findLastScheduled,
  listStuck,
  markSent,
  STUCK_MS,
} from '../db/sync/runs.ts'
import { listUnread } from '../db/sync/slices.ts'
import { enqueueSlices, MAX_PARTS } from './slice.ts'

type RunEnv = Pick<Env, 'DB' | 'TASKS'>

/** How long Yespo keeps events. */
export const MAX_BACK_MS = 90 * DAY_MS

/** The age at which the webhook has delivered an event, if it ever does. */
export const RESOLVED_MS = 15 * MINUTE_MS

/** The last hours are read again, since events appear in the API with a delay. */
const OVERLAP_MS = 3 * HOUR_MS

const MAX_TRIES = 8
const MAX_RESUMED = 3 // at a time, since the schedule has few statements

/**
 * Starts a sync run.
 *
 * @param since, until UTC milliseconds; widened to whole hours
 * @returns its number
 * @throws what D1 and the queue throw: then it has not started
 */
export async function startSync(
  { DB, TASKS }: RunEnv,
  kind: 'schedule' | 'backfill',
  since: number,
  until: number,
  now: number,
): Promise<number> {
  const first = startOfHour(since)
  const hours = { since: first, until: Math.max(first, startOfHour(until - 1)) + HOUR_MS }
  const run = await startRun(DB, kind, hours, now)
  try {
    await enqueueSlices(TASKS, [{ run, ...hours, sent: 1 }])
  } catch (error) {
    await endRun(DB, run, 'stopped', 'The queue did not accept it: start it again.', now)
    throw error
  }
  return run
}

/** Starts a run from where the last scheduled one ended, if it is due. */
export async function startScheduled(
  env: RunEnv,
  { everyMinutes, days }: SyncSettings,
  now: number,
): Promise<void> {
  const last = await findLastScheduled(env.DB)
  const isDue = !last || now - last.beganAt >= everyMinutes * MINUTE_MS
  if (everyMinutes === 0 || !isDue || last?.state === 'running') return
  // After a stopped run, its whole period is read again.
  const from = last?.state === 'finished' ? last.until - OVERLAP_MS : last?.since
  const since = Math.max(from ?? now - days * DAY_MS, now - MAX_BACK_MS)
  // Whole hours, except those whose events the webhook may still deliver.
  const until = startOfHour(now - RESOLVED_MS)
  if (until > since) await startSync(env, 'schedule', since, until, now)
}

/**
 * Sends the rest of runs again that have made no progress for some hours, since a queue drops messages that fail too
 * often. Parts that were read meanwhile are not read again. A run without progress for a day is stopped.
 */
export async function resumeStuck({ DB, TASKS }: RunEnv, now: number): Promise<void> {
  for (const run of await listStuck(DB, now - STUCK_MS, MAX_RESUMED)) {
    const { number, tries, delay } = run
    if (tries >= MAX_TRIES) {
      const reason = `No more of it could be read for a day: ${delay ?? 'the reason is unknown'}.`
      await stopRun(DB, number, reason, now)
      continue
    }
    const unread = await listUnread(DB, run, MAX_PARTS)
    await markSent(DB, run, now)
    const sent = run.sent + 1
    await enqueueSlices(
      TASKS,
      unread.map((slice) => ({ ...slice, sent })),
    )
  }
}

/** Stops a run that cannot continue, if it is running. @param reason in words, for the operator */
export async function stopRun(
  db: D1Database,
  run: number,
  reason: string,
  now: number,
): Promise<void> {
  if (await endRun(db, run, 'stopped', reason, now)) log('error', 'sync_stopped', { run, reason })
}
