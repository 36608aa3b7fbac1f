import { DAY_MS, HOUR_MS, MINUTE_MS, startOfHour } from '../event/clock.ts'
import type { SyncSettings } from '../settings/settings.ts'
import { startRun, endRun, findLastScheduled } from '../db/sync/runs.ts'
import { enqueueSlices } from './enqueue-slices.ts'

/** Yespo keeps what happened so long. */
export const MAX_BACK_MS = 90 * DAY_MS

/** What happened so long ago, the webhook has confirmed if it ever does. */
export const RESOLVED_MS = 15 * MINUTE_MS

/** Events show in the API a while after they happened: the last hours are read again. */
const OVERLAP_MS = 3 * HOUR_MS

/**
 * Begins to read a stretch of time.
 *
 * @param kind who asked for it
 * @param since, until UTC milliseconds; widened to whole hours
 * @returns the number of the pull
 * @throws what D1 and the queue throw: then it has not begun
 */
export async function begin(
  { DB, WINDOWS }: Pick<Env, 'DB' | 'WINDOWS'>,
  kind: 'schedule' | 'backfill',
  since: number,
  until: number,
  now: number,
): Promise<number> {
  const first = startOfHour(since)
  const hours = { since: first, until: Math.max(first, startOfHour(until - 1)) + HOUR_MS }
  const pull = await startRun(DB, kind, hours, now)
  try {
    await enqueueSlices(WINDOWS, [{ run: pull, ...hours, sent: 1 }])
  } catch (error) {
    await endRun(DB, pull, 'stopped', 'The queue did not take it: ask for it again.', now)
    throw error
  }
  return pull
}

/** Begins to read what the last scheduled reading has not, where it is time for it. */
export async function startScheduled(
  env: Pick<Env, 'DB' | 'WINDOWS'>,
  { everyMinutes, days }: SyncSettings,
  now: number,
): Promise<void> {
  const last = await findLastScheduled(env.DB)
  const isDue = !last || now - last.beganAt >= everyMinutes * MINUTE_MS
  if (everyMinutes === 0 || !isDue || last?.state === 'running') return
  // What was stopped is read again from where it began.
  const from = last?.state === 'finished' ? last.until - OVERLAP_MS : last?.since
  const since = Math.max(from ?? now - days * DAY_MS, now - MAX_BACK_MS)
  // Whole hours, and none in which the webhook may still be on its way.
  const until = startOfHour(now - RESOLVED_MS)
  if (until > since) await begin(env, 'schedule', since, until, now)
}
