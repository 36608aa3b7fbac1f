import { DAY_MS, MINUTE_MS } from './event/clock.ts'
import { errorText, log } from './platform/log.ts'
import { resumeStuck, startScheduled } from './sync/runs.ts'
import {
  archiveBucket,
  operateSettings,
  syncSettings,
  type OperateSettings,
} from './settings/settings.ts'
import { withTimeout } from './platform/timeout.ts'
import { fillHours } from './db/derived/hours.ts'
import { pruneRuns } from './db/sync/runs.ts'
import * as kv from './db/kv.ts'
import { acquireLease, MAINTENANCE_LEASE, releaseLease } from './db/lease.ts'
import { moveToArchive } from './archive/move.ts'
import { Budget } from './platform/budget.ts'
import { checkOrNotify } from './monitoring/alerts/check-or-notify.ts'
import { advanceErasures } from './erasure/advance.ts'
import { storeRawMessages } from './ingest/store-raw.ts'
import { inTurns } from './platform/in-turns.ts'
import { expireItems } from './quarantine/expire.ts'

const ERROR_KEY = 'retention.error'
const WORK_MS = 10 * MINUTE_MS // a run that takes longer was killed
const STEP_TIMEOUT_MS = 2 * MINUTE_MS // so that a step that hangs does not block the others
const BUDGET_MS = 20_000 // of a step

// Sync runs are kept for more than a year in any case.
const KEPT_RUNS = 10_000
const COVERAGE_MS = 400 * DAY_MS
const PRUNING_MS = 5 * MINUTE_MS // from midnight UTC: one run of the schedule

/**
 * Runs every few minutes: advances erasures, the archive, the sync and expiry by a step each, then checks for
 * problems. A step that fails does not block the others.
 *
 * @param now UTC milliseconds: the scheduled time
 */
export async function runMaintenance(env: Env, now: number): Promise<void> {
  const settings = operateSettings(env)
  await attempt('work', async () => {
    // By the actual time, as late runs are closer together than their scheduled times.
    const started = Date.now()
    const until = started + WORK_MS
    if (!(await acquireLease(env.DB, MAINTENANCE_LEASE, started, until))) return
    const budget = new Budget(settings.plan, 'schedule', BUDGET_MS)
    await inTurns(now, [
      () => attempt('erasures', () => advanceErasures(env, budget, now)),
      () => attempt('raw messages', () => storeRawMessages(env.DB, budget)),
    ])
    const done: string[] = []
    await attempt('archive', async () => {
      if (await archive(env, settings, now)) done.push(ERROR_KEY)
    })
    await attempt('sync', () => sync(env, now))
    await attempt('expiry', () => expireItems(env, now))
    await releaseLease(env.DB, MAINTENANCE_LEASE, until, done)
  })
  await attempt('hours', () => fillHours(env.DB, now))
  await attempt('check', () => checkOrNotify(env, now))
}

/** @returns whether there is an archive, and the step did not fail */
async function archive(
  env: Env,
  { plan, keepDays }: OperateSettings,
  now: number,
): Promise<boolean> {
  const bucket = archiveBucket(env)
  if (!bucket) return false
  const budget = new Budget(plan, 'schedule', BUDGET_MS)
  try {
    await moveToArchive({ db: env.DB, bucket, budget }, keepDays, now)
    return true
  } catch (error) {
    await kv.set(env.DB, ERROR_KEY, errorText(error))
    throw error
  }
}

async function sync(env: Env, now: number): Promise<void> {
  const api = syncSettings(env)
  if (!api) return
  await resumeStuck(env, now)
  await startScheduled(env, api, now)
  if (now % DAY_MS < PRUNING_MS) await pruneRuns(env.DB, KEPT_RUNS, now - COVERAGE_MS)
}

async function attempt(step: string, work: () => Promise<void>): Promise<void> {
  try {
    await withTimeout(step, step === 'work' ? WORK_MS : STEP_TIMEOUT_MS, work())
  } catch (error) {
    log('error', 'maintenance_failed', { step, errors: [errorText(error)] })
  }
}
