import { errorText, log } from '../platform/log.ts'
import { operateSettings } from '../settings/settings.ts'
import { countStatements, findStep, saveStep } from '../db/erasure/step.ts'
import { startErasure, type Criterion, type RunningErasure } from '../db/erasure/erasures.ts'
import type { ErasureSubject } from '../db/erasure/subject.ts'
import { withTimeout } from '../platform/timeout.ts'
import { Budget } from '../platform/budget.ts'
import { ERASURE_DELAY_S, sendTasks } from '../platform/tasks.ts'
import { recordErased } from './record-erased.ts'

const TIMEOUT_MS = 8_000

/**
 * Starts an erasure, and runs it as far as one request can; tasks do the rest.
 *
 * @param criterion how the contacts were found
 * @returns its number
 * @throws what D1 throws, and an error for `isNewContact`: then it has not started
 */
export async function runErasure(
  env: Env,
  target: ErasureSubject,
  keepsSuppressions: boolean,
  criterion?: Criterion,
): Promise<number> {
  const starting = startErasure(env.DB, target, keepsSuppressions, Date.now(), criterion)
  const erasure = await withTimeout('the database', TIMEOUT_MS, starting)
  const budget = new Budget(operateSettings(env).plan, 'request', TIMEOUT_MS)
  // Sent before the work, as the request may be killed anywhere.
  const sending = sendTasks(env.TASKS, ['erasures'], { delaySeconds: ERASURE_DELAY_S })
  // If either fails a task does it.
  try {
    await withTimeout('the bucket', TIMEOUT_MS, recordErased(env))
  } catch (error) {
    logError('erasure_not_recorded', erasure, error)
  }
  await sending
  try {
    budget.take(countStatements(erasure.target))
    await withTimeout('the database', 2 * TIMEOUT_MS, runSteps(env.DB, erasure, budget, true))
  } catch (error) {
    logError('erasure_delayed', erasure, error)
  }
  return erasure.number
}

/**
 * Runs steps of an erasure in the database, one stage after the other.
 *
 * @param budget the budget, from which the first step was already taken
 * @param isAll whether to continue a stage that takes several steps; otherwise it waits for its next turn
 * @throws what D1 throws
 */
export async function runSteps(
  db: D1Database,
  erasure: RunningErasure,
  budget: Budget,
  isAll: boolean,
): Promise<void> {
  for (let { target } = erasure; target.stage !== 'archive';) {
    const { next, changes } = await findStep(db, { ...erasure, target })
    budget.giveBack(countStatements(target) - countStatements(target, changes.length))
    const isSame = next.stage === target.stage
    const goesOn =
      next.stage !== 'archive' && (isAll || !isSame) && budget.take(countStatements(next))
    // If a stage had nothing to do, its progress may be saved with the next one.
    const isIdle = goesOn && !isSame && changes.length === 0
    if (isIdle) budget.giveBack(1)
    else await saveStep(db, erasure.number, { next, changes })
    if (!goesOn) return
    target = next
  }
}

/** Logs why an erasure has to wait for a task. */
export function logError(event: string, { number, tries }: RunningErasure, error: unknown): void {
  log('error', event, { erasure: number, tries, errors: [errorText(error)] })
}
