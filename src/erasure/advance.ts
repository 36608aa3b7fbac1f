import { HOUR_MS, MINUTE_MS } from '../event/clock.ts'
import { errorText } from '../platform/log.ts'
import { archiveBucket } from '../settings/settings.ts'
import { REVIEW_STATEMENTS, reviewItem, takeReview } from '../db/erasure/review.ts'
import { countStatements, STEP_STATEMENTS } from '../db/erasure/step.ts'
import { takeErasure } from '../db/erasure/erasures.ts'
import { eraseInArchive } from '../archive/erase.ts'
import type { Budget } from '../platform/budget.ts'
import { takeEach } from '../platform/take-each.ts'
import { inTurns } from '../platform/in-turns.ts'
import { RECORD_STATEMENTS, recordErased } from './record.ts'
import { logError, runSteps } from './run.ts'

/** The time that the request which started an erasure has for running it. */
const HEAD_START_MS = MINUTE_MS
const TURN_MS = 5 * MINUTE_MS

/**
 * Advances the erasures in progress, as far as a budget allows: in the database they take turns, and the archive is
 * searched for all of them together. Before that, their digests are recorded outside the database.
 *
 * @param now UTC milliseconds: the time that the run was planned for
 * @param before UTC milliseconds: only erasures that were started earlier
 * @throws what D1 and R2 throw
 */
export async function advanceErasures(
  env: Env,
  budget: Budget,
  now: number,
  before = now - HEAD_START_MS,
): Promise<void> {
  const { DB: db } = env
  const bucket = archiveBucket(env)
  const errors: string[] = []
  const attempt = (work: () => Promise<unknown>) => async () => {
    await work().catch((error: unknown) => errors.push(errorText(error)))
  }
  await attempt(async () => {
    budget.take(RECORD_STATEMENTS)
    if (!(await recordErased(env))) budget.giveBack(RECORD_STATEMENTS)
  })()
  await inTurns(now, [
    attempt(() => advanceInDatabase(db, budget, now, before)),
    attempt(async () => bucket && eraseInArchive(db, bucket, budget, now)),
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
}

async function advanceInDatabase(
  db: D1Database,
  budget: Budget,
  now: number,
  before: number,
): Promise<void> {
  const isRare = now % HOUR_MS < TURN_MS
  while (budget.take(STEP_STATEMENTS + 1)) {
    const erasure = await takeErasure(db, before, now, isRare)
    budget.giveBack(STEP_STATEMENTS - (erasure ? countStatements(erasure.target) : 0))
    if (!erasure) return
    try {
      await runSteps(db, erasure, budget, false)
    } catch (error) {
      logError('erasure_delayed', erasure, error)
    }
  }
}
