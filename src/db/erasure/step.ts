import {
  leaveToArchive,
  saveTargets,
  type Step,
  type StepResult,
  type Target,
  type RunningErasure,
} from './erasures.ts'
import { eraseEvents, eraseNameless } from './erase-events.ts'
import { eraseEngagement } from './erase-engagement.ts'
import { eraseIdentifiers, eraseSuppressions } from './erase-derived.ts'
import { eraseQuarantined } from './erase-quarantined.ts'

type Stage = Exclude<Target['stage'], 'archive'>

const STEPS: Readonly<Record<Stage, (step: Step) => Promise<StepResult>>> = {
  activity: eraseEvents,
  nameless: eraseNameless,
  engagement: eraseEngagement,
  identifiers: eraseIdentifiers,
  suppressions: eraseSuppressions,
  quarantine: eraseQuarantined,
}

// Statements to delete; a step takes some more to find the rows, and to record its progress.
const MAX_CHANGES: Readonly<Record<Stage, number>> = {
  activity: 4,
  nameless: 4,
  engagement: 4,
  identifiers: 3,
  suppressions: 2,
  quarantine: 4,
}
const MORE: Readonly<Record<Stage, number>> = {
  activity: 2,
  nameless: 2,
  engagement: 1,
  identifiers: 2,
  suppressions: 2,
  quarantine: 4, // unless something of an item is left
}

/** The statements of the next step: the maximum, or those for a number of changes. */
export function countStatements({ stage }: Target, changes?: number): number {
  return stage === 'archive' ? 0 : MORE[stage] + (changes ?? MAX_CHANGES[stage])
}

/** The maximum number of statements of any step. */
export const STEP_STATEMENTS = 8

/** Prepares the next step of an erasure in the database: a bounded number of rows. */
export async function findStep(db: D1Database, erasure: RunningErasure): Promise<StepResult> {
  const { target } = erasure
  if (target.stage === 'archive') return { next: target, changes: [] }
  return STEPS[target.stage]({ ...erasure, db })
}

/**
 * Runs a step in one transaction. Any step may run twice. When the stage is `archive`, the database has no more data of
 * the subject; if there is no archive, the erasure is finished.
 */
export async function saveStep(
  db: D1Database,
  number: number,
  { next, changes }: StepResult,
): Promise<void> {
  const progress =
    next.stage === 'archive'
      ? [leaveToArchive(db, number, next, Date.now())]
      : saveTargets(db, [{ number, target: next }])
  await db.batch([...changes, ...progress])
}
