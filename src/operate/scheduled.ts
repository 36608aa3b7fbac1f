import { DAY_MS, MINUTE_MS } from '../activity/clock.ts'
import { log } from '../log.ts'
import { beginScheduled } from '../pull/begin.ts'
import { resumeStuck } from '../pull/resume.ts'
import { archiveBucket, operateSettings, pullSettings, type OperateSettings } from '../settings.ts'
import { withTimeLimit } from '../time-limit.ts'
import { fillHours } from '../store/hours.ts'
import { prunePulls } from '../store/pulls.ts'
import { leave, takeOn, writeNote } from '../store/notes.ts'
import { moveToArchive } from './archive/move.ts'
import { Budget } from './budget.ts'
import { checkOrNotify } from './alerts/check-or-notify.ts'
import { advanceErasures } from './erasure/advance.ts'
import { expireSetAside } from './quarantine/expire.ts'
import { WORK } from './turns.ts'

const FAULT_NOTE = 'retention.fault'
const WORK_MS = 10 * MINUTE_MS // who is not heard of for so long has broken off
const WORK_LIMIT_MS = 2 * MINUTE_MS // a call that hangs keeps nothing else from being done
const BUDGET_MS = 20_000 // for each kind of work

// What was read from Yespo's API, more than a year of it at any rate.
const KEPT_PULLS = 10_000
const COVERAGE_MS = 400 * DAY_MS
const PRUNING_MS = 5 * MINUTE_MS // of a day: a run

/**
 * What is done every few minutes: what is old or under way moves on, and then what is wrong is told.
 * One failing keeps nothing else from being done.
 *
 * @param now UTC milliseconds: the time that it was planned for
 */
export async function lookAfter(env: Env, now: number): Promise<void> {
  const settings = operateSettings(env)
  await attempt('work', async () => {
    // By the own clock: runs that come late were planned further apart than they are.
    const started = Date.now()
    const until = started + WORK_MS
    if (!(await takeOn(env.DB, WORK, started, until))) return
    await attempt('erasures', () => forget(env, settings, now))
    const done: string[] = []
    await attempt('retention', async () => {
      if (await move(env, settings, now)) done.push(FAULT_NOTE)
    })
    await attempt('pull', () => pull(env, now))
    await attempt('expiry', () => expireSetAside(env, now))
    await leave(env.DB, WORK, until, done)
  })
  await attempt('hours', () => fillHours(env.DB, now))
  await attempt('check', () => checkOrNotify(env, now))
}

async function forget(env: Env, { plan }: OperateSettings, now: number): Promise<void> {
  const budget = new Budget(plan, 'schedule', BUDGET_MS)
  await advanceErasures(env, budget, now)
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
    await writeNote(env.DB, FAULT_NOTE, String(error).slice(0, 200))
    throw error
  }
}

async function pull(env: Env, now: number): Promise<void> {
  const api = pullSettings(env)
  if (!api) return
  await resumeStuck(env, now)
  await beginScheduled(env, api, now)
  if (now % DAY_MS < PRUNING_MS) await prunePulls(env.DB, KEPT_PULLS, now - COVERAGE_MS)
}

async function attempt(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await withTimeLimit(what, what === 'work' ? WORK_MS : WORK_LIMIT_MS, work())
  } catch (error) {
    log('error', 'look_after_failed', { what, faults: [String(error).slice(0, 200)] })
  }
}
