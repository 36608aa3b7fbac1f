import { DAY_MS, MINUTE_MS } from './event/clock.ts'
import { errorText, log } from './platform/log.ts'
import { HttpError } from './platform/http-error.ts'
import {
  archiveBucket,
  archiveSettings,
  operateSettings,
  readSettings,
  syncSettings,
} from './settings/settings.ts'
import { withTimeout } from './platform/timeout.ts'
import { LIMIT_BYTES, type MoveLimits } from './db/archive/pressure.ts'
import { dayOf, findDue } from './db/due.ts'
import { MOVE_ERROR_KEY, PRUNED_KEY } from './db/keys.ts'
import { recordInUse } from './db/sync/zone-history.ts'
import { acquireLease, MAINTENANCE_LEASE, releaseLease } from './db/lease.ts'
import * as kv from './db/kv.ts'
import { dueWeek } from './monitoring/digest/week.ts'
import { Budget } from './platform/budget.ts'
import { retryDelay } from './platform/retry-delay.ts'
import { decodeTask, ERASURE_DELAY_S, sendTasks, type Task } from './platform/tasks.ts'

const CLOCK_MS = 15 * MINUTE_MS
const STEP_TIMEOUT_MS = 100_000
const LEASE_MS = 2 * MINUTE_MS // a step that is not over by then was killed
const BUDGET_MS = 20_000 // of a step
const MAX_TRIES = 3 // of a message; then the clock starts the task again
const BUSY_S = 30
const LATER_VERSION_S = 300

// Sync runs are kept for more than a year in any case.
const KEPT_RUNS = 10_000
const COVERAGE_MS = 400 * DAY_MS

// Of the 100,000 a day that the free plan has, with which new events are stored.
const BULK_ROWS_WRITTEN = { free: 50_000, paid: Number.MAX_SAFE_INTEGER }
const ROLLUP_EVENTS = { free: 500, paid: 10_000 }
const ARCHIVE_ROWS = { free: 250, paid: 25_000 }
const ARCHIVE_RUNS = { free: 2, paid: 8 } // are merged into one: a step reads a part of each

type Step = {
  env: Env
  budget: Budget
  now: number
  /** Counts the steps, so that each may begin with another part of its task. */
  turn: number
}

/** A bounded step of each task, which goes on where the one before stopped. @returns whether it made progress */
const STEPS: Readonly<Record<Task, (step: Step) => Promise<boolean>>> = {
  async erasures({ env, budget, now, turn }) {
    const { advanceErasures } = await import('./erasure/advance.ts')
    return advanceErasures(env, budget, turn, now, erasuresBefore(now))
  },
  async replay({ env }) {
    const { continueReplay } = await import('./quarantine/replay-step.ts')
    return continueReplay(env)
  },
  async sync({ env, now }) {
    const zone = zoneOfWebhook(env)
    const api = syncMinutes(env) === undefined ? undefined : syncSettings(env)
    if (zone !== null) {
      await recordInUse(env.DB, { webhook: zone, api: api?.timeZone ?? null }, now)
    }
    if (!api) return false
    const { resumeStuck, startScheduled } = await import('./sync/runs.ts')
    await resumeStuck(env, now)
    await startScheduled(env, api, now)
    return false
  },
  async raw({ env, budget }) {
    const { storeRawMessages } = await import('./ingest/store-raw.ts')
    return storeRawMessages(env.DB, budget)
  },
  async bodies({ env, budget, now }) {
    const { resumeBodies } = await import('./ingest/resume-bodies.ts')
    const { chooseQueues } = await import('./ingest/enqueue.ts')
    const queues = chooseQueues(env, operateSettings(env).plan)
    return resumeBodies(env.DB, queues, budget, now)
  },
  async rollups({ env, budget, now }) {
    const { advanceRollups } = await import('./db/rollups/advance.ts')
    return advanceRollups(env.DB, budget, ROLLUP_EVENTS[operateSettings(env).plan], now)
  },
  async engagement({ env, budget, now }) {
    const { foldEngagement } = await import('./db/engagement/fold.ts')
    return foldEngagement(env.DB, budget, now)
  },
  async anomalies({ env, now }) {
    const { watchAnomalies } = await import('./monitoring/anomalies/watch.ts')
    await watchAnomalies(env.DB, readSettings(env).timeZone, now)
    return false
  },
  archive: moveEvents,
  async expiry({ env, now }) {
    const { expireItems } = await import('./quarantine/expire.ts')
    await expireItems(env, now)
    return false // the rest waits for the clock: rows written are few
  },
  async hours({ env, now }) {
    const { fillHours } = await import('./db/derived/hours.ts')
    return fillHours(env.DB, now)
  },
  async pruning({ env, now }) {
    const { pruneRuns } = await import('./db/sync/runs.ts')
    await pruneRuns(env.DB, KEPT_RUNS, now - COVERAGE_MS)
    await kv.set(env.DB, PRUNED_KEY, String(dayOf(now)))
    return false
  },
  async digest({ env, now }) {
    const { sendDigest } = await import('./monitoring/digest/send.ts')
    await sendDigest(env, now)
    return false
  },
}

async function moveEvents({ env, budget, now, turn }: Step): Promise<boolean> {
  const { openArchive } = await import('./archive/open.ts')
  const archive = openArchive(env)
  if (!archive) return false
  archiveSettings(env) // nothing is written to the bucket while one of them is invalid
  const { plan } = operateSettings(env)
  const [maxRows, maxRuns] = [ARCHIVE_ROWS[plan], ARCHIVE_RUNS[plan]]
  const context = { ...archive, budget, maxRows, maxRuns, maxRolledUp: ROLLUP_EVENTS[plan] }
  const { moveToArchive } = await import('./archive/move.ts')
  try {
    const progressed = await moveToArchive(context, moveLimits(env, now), turn)
    await kv.set(env.DB, MOVE_ERROR_KEY, null)
    return progressed
  } catch (error) {
    await kv.set(env.DB, MOVE_ERROR_KEY, errorText(error))
    throw error
  }
}

/**
 * Runs every 15 minutes: checks for problems, and sends a message for each task that has something to do. Without the
 * queue it does a step of one of them itself, in turns.
 *
 * @param now UTC milliseconds: the scheduled time
 */
export async function runMaintenance(env: Env, now: number): Promise<void> {
  await attempt('check', async () => {
    const { checkOrNotify } = await import('./monitoring/alerts/check-or-notify.ts')
    await checkOrNotify(env, now)
  })
  await attempt('tasks', async () => {
    const due = await listDue(env, now)
    if (due.length === 0 || (await sendTasks(env.TASKS, due))) return
    const turn = Math.floor(now / CLOCK_MS)
    const task = due[turn % due.length]
    if (task) await takeStep(env, task, now, Math.floor(turn / due.length))
  })
}

/**
 * Does the steps that messages of the queue ask for, and sends the next. A message that comes twice, late, or when
 * nothing is left to do does no harm.
 *
 * @param now UTC milliseconds
 */
export async function consumeTasks(
  messages: readonly Message<unknown>[],
  env: Env,
  now = Date.now(),
): Promise<void> {
  for (const message of messages) {
    const decoded = decodeTask(String(message.body))
    if (!decoded) {
      message.retry({ delaySeconds: LATER_VERSION_S })
      continue
    }
    const { task, left } = decoded
    if (message.attempts > MAX_TRIES) {
      message.ack()
      continue
    }
    try {
      const due = await listDue(env, now)
      const outcome = due.includes(task) ? await takeStep(env, task, now, left) : 'idle'
      if (outcome === 'busy') {
        message.retry({ delaySeconds: BUSY_S })
        continue
      }
      if (outcome === 'progressed' && left > 0 && (await listDue(env, now)).includes(task)) {
        await sendTasks(env.TASKS, [task], { left: left - 1 })
      }
      message.ack()
    } catch (error) {
      log('error', 'task_failed', { task, errors: [errorText(error)] })
      message.retry({ delaySeconds: retryDelay(message.attempts) })
    }
  }
}

/** Does a step of a task, unless another one is under way. @throws what the step throws */
async function takeStep(
  env: Env,
  task: Task,
  now: number,
  turn: number,
): Promise<'progressed' | 'idle' | 'busy'> {
  // By the actual time, as late runs are closer together than their scheduled times.
  const started = Date.now()
  const until = started + LEASE_MS
  if (!(await acquireLease(env.DB, MAINTENANCE_LEASE, started, until))) return 'busy'
  const budget = new Budget(operateSettings(env).plan, 'task', BUDGET_MS)
  try {
    const step = STEPS[task]({ env, budget, now, turn })
    return (await withTimeout(task, STEP_TIMEOUT_MS, step)) ? 'progressed' : 'idle'
  } finally {
    await releaseLease(env.DB, MAINTENANCE_LEASE, until)
  }
}

function listDue(env: Env, now: number): Promise<Task[]> {
  const { plan, quarantineDays } = operateSettings(env)
  const everyMinutes = syncMinutes(env)
  return findDue(env.DB, {
    ...moveLimits(env, now),
    erasuresBefore: erasuresBefore(now),
    hasArchive: archiveBucket(env) !== undefined,
    quarantineDays,
    syncedBefore: everyMinutes ? now - everyMinutes * MINUTE_MS : null,
    readsApi: everyMinutes !== undefined,
    maxRuns: ARCHIVE_RUNS[plan],
    maxRowsWritten: BULK_ROWS_WRITTEN[plan],
    timeZone: zoneOfWebhook(env),
    digestWeek: digestWeek(env, now),
  })
}

/** Null without ALERT_URL, if the digest is off, and while the zone is invalid, which is an alert. */
function digestWeek(env: Env, now: number): string | null {
  const { alertUrl, digest } = operateSettings(env)
  const zone = zoneOfWebhook(env)
  if (alertUrl === undefined || digest === 'off' || zone === null) return null
  return dueWeek(now, zone).monday
}

/** Null while the setting is invalid, which is an alert. */
function zoneOfWebhook(env: Env): string | null {
  try {
    return readSettings(env).timeZone
  } catch (error) {
    if (error instanceof HttpError) return null
    throw error
  }
}

/** An invalid plan lets no event move early. */
function moveLimits(env: Env, now: number): MoveLimits {
  const { plan, keepDays, errors } = operateSettings(env)
  const limitBytes = errors.has('CLOUDFLARE_PLAN') ? Infinity : LIMIT_BYTES[plan]
  return { keepDays, limitBytes, now }
}

/** Minutes between syncs; undefined if Yespo's API is not read, or its settings are invalid, which is an alert. */
function syncMinutes(env: Env): number | undefined {
  try {
    return syncSettings(env)?.everyMinutes
  } catch (error) {
    if (error instanceof HttpError) return undefined
    throw error
  }
}

/** The request that started an erasure works on it first. */
function erasuresBefore(now: number): number {
  return now - ERASURE_DELAY_S * 1_000
}

async function attempt(part: string, work: () => Promise<void>): Promise<void> {
  try {
    await withTimeout(part, 2 * STEP_TIMEOUT_MS, work())
  } catch (error) {
    log('error', 'maintenance_failed', { step: part, errors: [errorText(error)] })
  }
}
