import { errorText, log } from '../platform/log.ts'
import { operateSettings } from '../settings/settings.ts'
import { countStatements } from '../db/erasure/step.ts'
import { startErasure, type RunningErasure } from '../db/erasure/erasures.ts'
import type { ErasureSubject } from '../db/erasure/subject.ts'
import { withTimeout } from '../platform/timeout.ts'
import { Budget } from '../platform/budget.ts'
import { recordErased } from './record.ts'
import { takeSteps } from './steps.ts'

const TIME_LIMIT_MS = 8_000

/**
 * Begins an erasure, and goes as far as one request can; the schedule does the rest.
 *
 * @returns its number
 * @throws what D1 throws, where it has not begun
 */
export async function runErasure(
  env: Env,
  forgotten: ErasureSubject,
  keepsSuppressions: boolean,
): Promise<number> {
  const beginning = startErasure(env.DB, forgotten, keepsSuppressions, Date.now())
  const erasure = await withTimeout('the database', TIME_LIMIT_MS, beginning)
  const budget = new Budget(operateSettings(env).plan, 'request', TIME_LIMIT_MS)
  try {
    await withTimeout('the bucket', TIME_LIMIT_MS, recordErased(env))
  } catch (error) {
    // The schedule does.
    log('error', 'erasure_unrecorded', {
      erasure: erasure.number,
      errors: [errorText(error)],
    })
  }
  try {
    await withTimeout('the database', 2 * TIME_LIMIT_MS, advanceRun(env.DB, erasure, budget))
  } catch (error) {
    // It has begun, and goes on with the next schedule.
    const errors = [errorText(error)]
    log('error', 'erasure_waits', { erasure: erasure.number, errors })
  }
  return erasure.number
}

/** Takes steps of an erasure, as far as a budget allows. */
async function advanceRun(db: D1Database, erasure: RunningErasure, budget: Budget): Promise<void> {
  budget.take(countStatements(erasure.target))
  await takeSteps(db, erasure, budget, true)
}
