import { errorText } from '../platform/log.ts'
import { REVIEW_STATEMENTS, reviewItem, takeReview } from '../db/erasure/review.ts'
import { countStatements, STEP_STATEMENTS } from '../db/erasure/step.ts'
import { takeErasure } from '../db/erasure/erasures.ts'
import type { Budget } from '../platform/budget.ts'
import { takeEach } from '../platform/take-each.ts'
import { inTurns } from '../platform/in-turns.ts'
import { RECORD_STATEMENTS, recordErased } from './record-erased.ts'
import { logError, runSteps } from './run.ts'

/**
 * Advances the erasures in progress, as far as a budget allows: in the database they take turns, and the archive is
 * searched for all of them together. Before that, their digests are recorded outside the database.
 *
 * @param turn the number of the step: each begins with another part
 * @param now UTC milliseconds
 * @param before UTC milliseconds: only erasures that were started earlier
 * @returns whether that made progress
 * @throws what D1 and R2 throw, once the other parts are done
 */
export async function advanceErasures(
  env: Env,
  budget: Budget,
  turn: number,
  now: number,
  before: number,
): Promise<boolean> {
  const { DB: db } = env
  const errors: string[] = []
  const attempt = (work: () => Promise<boolean>) => () =>
    work().catch((error: unknown) => {
      errors.push(errorText(error))
      return false
    })
  const recorded = await attempt(() => record(env, budget))()
  const progressed = await inTurns(turn, [
    attempt(() => advanceInDatabase(db, budget, now, before)),
    attempt(async () => {
      const { openArchive } = await import('../archive/open.ts')
      const archive = openArchive(env)
      if (!archive) return false
      const { eraseInArchive } = await import('../archive/erase.ts')
      return eraseInArchive(archive, budget, now)
    }),
    attempt(() =>
      takeEach(
        budget,
        REVIEW_STATEMENTS,
        () => takeReview(db),
        (review) => reviewItem(db, review),
      ),
    ),
  ])
  if (errors.length > 0) throw new Error(errors.join('; '))
  return recorded || progressed
}

async function record(env: Env, budget: Budget): Promise<boolean> {
  budget.take(RECORD_STATEMENTS)
  const recorded = await recordErased(env)
  if (!recorded) budget.giveBack(RECORD_STATEMENTS)
  return recorded
}

async function advanceInDatabase(
  db: D1Database,
  budget: Budget,
  now: number,
  before: number,
): Promise<boolean> {
  let progressed = false
  while (budget.take(STEP_STATEMENTS + 1)) {
    const erasure = await takeErasure(db, before, now)
    budget.giveBack(STEP_STATEMENTS - (erasure ? countStatements(erasure.target) : 0))
    if (!erasure) break
    try {
      await runSteps(db, erasure, budget, false)
      progressed = true
    } catch (error) {
      logError('erasure_delayed', erasure, error)
    }
  }
  return progressed
}
