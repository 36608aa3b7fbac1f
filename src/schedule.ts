import { DAY_MS, MINUTE_MS } from './event/clock.ts'
import { log } from './platform/log.ts'
import { startScheduled } from './sync/start.ts'
import { resumeStuck } from './sync/resume.ts'
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
const WORK_MS = 10 * MINUTE_MS // who is not heard of for so long has broken off
const WORK_TIMEOUT_MS = 2 * MINUTE_MS // a call that hangs keeps nothing else from being done
const BUDGET_MS = 20_000 // for each kind of work

// What was read from Yespo's API, more than a year of it at any rate.
const KEPT_RUNS = 10_000
const COVERAGE_MS = 400 * DAY_MS
const PRUNING_MS = 5 * MINUTE_MS // of a day: a run

/**
 * What is done every few minutes: what is old or under way moves on, and then what is wrong is told.
 * One failing keeps nothing else from being done.
 *
 * @param now UTC milliseconds: the time that it was planned for
 */
export async function runMaintenance(env: Env, now: number): Promise<void> {
  const settings = operateSettings(env)
  await attempt('work', async () => {
    // By the own clock: runs that come late were planned further apart than they are.
    const started = Date.now()
    const until = started + WORK_MS
    if (!(await acquireLease(env.DB, MAINTENANCE_LEASE, started, until))) return
    const budget = new Budget(settings.plan, 'schedule', BUDGET_MS)
    await inTurns(now, [
      () => attempt('erasures', () => advanceErasures(env, budget, now)),
      () => attempt('raw messages', () => storeRawMessages(env.DB, budget)),
    ])
    const done: string[] = []
    await attempt('retention', async () => {
      if (await move(env, settings, now)) done.push(ERROR_KEY)
    })
    await attempt('pull', () => pull(env, now))
    await attempt('expiry', () => expireItems(env, now))
    await releaseLease(env.DB, MAINTENANCE_LEASE, until, done)
  })
  await attempt('hours', () => fillHours(env.DB, now))
  await attempt('check', () => checkOrNotify(env, now))
}

/** @returns whether it was tried, and did not fail */
async function move(env: Env, { plan, keepDays }: OperateSettings, now: number): Promise<boolean> {
  const bucket = archiveBucket(env)
  if (!bucket) return false
  const budget = new Budget(plan, 'schedule', BUDGET_MS)
  try {
    await moveToArchive({ db: env.DB, bucket, budget }, keepDays, now)
    return true
  } catch (error) {
    await kv.set(env.DB, ERROR_KEY, String(error).slice(0, 200))
    throw error
  }
}

async function pull(env: Env, now: number): Promise<void> {
  const api = syncSettings(env)
  if (!api) return
  await resumeStuck(env, now)
  await startScheduled(env, api, now)
  if (now % DAY_MS < PRUNING_MS) await pruneRuns(env.DB, KEPT_RUNS, now - COVERAGE_MS)
}

async function attempt(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await withTimeout(what, what === 'work' ? WORK_MS : WORK_TIMEOUT_MS, work())
  } catch (error) {
    log('error', 'look_after_failed', { what, faults: [String(error).slice(0, 200)] })
  }
}
