import { log } from '../../log.ts'
import { operateSettings } from '../../settings.ts'
import { countStatements } from '../../store/erase/step.ts'
import { beginErasure, type UnderWay } from '../../store/erasures.ts'
import type { Forgotten } from '../../store/person.ts'
import { withTimeLimit } from '../../time-limit.ts'
import { Budget } from '../budget.ts'
import { recordErased } from './record.ts'
import { takeSteps } from './steps.ts'

const TIME_LIMIT_MS = 8_000

/**
 * Begins an erasure, and goes as far as one request can; the schedule does the rest.
 *
 * @returns its number
 * @throws what D1 throws, where it has not begun
 */
export async function carryOut(
  env: Env,
  forgotten: Forgotten,
  keepsSuppressions: boolean,
): Promise<number> {
  const beginning = beginErasure(env.DB, forgotten, keepsSuppressions, Date.now())
  const erasure = await withTimeLimit('the database', TIME_LIMIT_MS, beginning)
  const budget = new Budget(operateSettings(env).plan, 'request', TIME_LIMIT_MS)
  try {
    await withTimeLimit('the bucket', TIME_LIMIT_MS, recordErased(env))
  } catch (error) {
    // The schedule does.
    log('error', 'erasure_unrecorded', {
      erasure: erasure.number,
      faults: [String(error).slice(0, 200)],
    })
  }
  try {
    await withTimeLimit('the database', 2 * TIME_LIMIT_MS, moveOn(env.DB, erasure, budget))
  } catch (error) {
    // It has begun, and goes on with the next schedule.
    const faults = [String(error).slice(0, 200)]
    log('error', 'erasure_waits', { erasure: erasure.number, faults })
  }
  return erasure.number
}

/** Takes steps of an erasure, as far as a budget allows. */
async function moveOn(db: D1Database, erasure: UnderWay, budget: Budget): Promise<void> {
  budget.take(countStatements(erasure.target))
  await takeSteps(db, erasure, budget, true)
}
