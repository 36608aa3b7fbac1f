import { countStatements, findStep, saveStep } from '../db/erasure/step.ts'
import type { RunningErasure } from '../db/erasure/erasures.ts'
import type { Budget } from '../platform/budget.ts'

/**
 * Takes steps of an erasure in the database, one stage after the other.
 *
 * @param budget from which the first step is taken already
 * @param isAll whether a stage of several steps is gone on with; otherwise, it waits for its next turn
 * @throws what D1 throws
 */
export async function takeSteps(
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
    // Where nothing was found in a stage, how far it is may be noted with the next.
    const isIdle = goesOn && !isSame && changes.length === 0
    if (isIdle) budget.giveBack(1)
    else await saveStep(db, erasure.number, { next, changes })
    if (!goesOn) return
    target = next
  }
}
