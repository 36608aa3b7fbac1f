import { log } from '../../log.ts'
import { operateSettings } from '../../settings.ts'
import { hasArchive } from '../../store/archive.ts'
import { countRows } from '../../store/count-rows.ts'
import { takeErasureStep } from '../../store/erase/step.ts'
import { beginErasure, finishErasure } from '../../store/erasures.ts'
import type { Forgotten } from '../../store/person.ts'
import { noteRowsWritten } from '../../store/usage.ts'
import { withTimeLimit } from '../../time-limit.ts'
import { Budget } from '../budget.ts'

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
  const number = await withTimeLimit('the database', TIME_LIMIT_MS, beginning)
  const budget = new Budget(operateSettings(env).plan, 'request', TIME_LIMIT_MS)
  try {
    await withTimeLimit('the database', 2 * TIME_LIMIT_MS, moveOn(env.DB, number, budget))
  } catch (error) {
    // It has begun, and goes on with the next schedule.
    log('error', 'erasure_waits', { erasure: number, faults: [String(error).slice(0, 200)] })
  }
  return number
}

/**
 * Takes steps of an erasure; ends it where there is no archive to look through.
 *
 * @returns whether the database holds nothing more
 */
export async function moveOn(db: D1Database, number: number, budget: Budget): Promise<boolean> {
  const counted = countRows(db, 'rows_written')
  try {
    return await takeSteps(counted.db, number, budget)
  } finally {
    await noteRowsWritten(db, counted.rows(), Date.now())
  }
}

async function takeSteps(db: D1Database, number: number, budget: Budget): Promise<boolean> {
  while (budget.take(5)) {
    const target = await takeErasureStep(db, number)
    if (target === null) return true
    if (target.stage !== 'archive') continue
    if (!(await hasArchive(db))) await finishErasure(db, number, Date.now())
    return true
  }
  return false
}
