import {
  archiveTargetOf,
  saveTargets,
  type Step,
  type Taken,
  type Target,
  type UnderWay,
} from './erasures.ts'
import { eraseActivity, eraseNameless } from './erase-events.ts'
import { eraseIdentifiers, eraseSuppressions } from './erase-derived.ts'
import { eraseQuarantined } from './erase-quarantined.ts'

type Stage = Exclude<Target['stage'], 'archive'>

const STEPS: Readonly<Record<Stage, (step: Step) => Promise<Taken>>> = {
  activity: eraseActivity,
  nameless: eraseNameless,
  names: eraseIdentifiers,
  suppressions: eraseSuppressions,
  quarantine: eraseQuarantined,
}

// Of what is removed; a step takes some more to find that, and to note how far it is.
const MAX_CHANGES: Readonly<Record<Stage, number>> = {
  activity: 4,
  nameless: 4,
  names: 3,
  suppressions: 2,
  quarantine: 4,
}
const OTHERS: Readonly<Record<Stage, number>> = {
  activity: 2,
  nameless: 2,
  names: 2,
  suppressions: 2,
  quarantine: 4, // but where a part is left of what was set aside
}

/** Statements that the next step takes at the most, or where it changes so many. */
export function countStatements({ stage }: Target, changes?: number): number {
  return stage === 'archive' ? 0 : OTHERS[stage] + (changes ?? MAX_CHANGES[stage])
}

/** Statements of any step. */
export const STEP_STATEMENTS = 8

/** Finds what the next step of an erasure changes in the database: a bounded number of rows. */
export async function findStep(db: D1Database, erasure: UnderWay): Promise<Taken> {
  const { target } = erasure
  if (target.stage === 'archive') return { next: target, changes: [] }
  return STEPS[target.stage]({ ...erasure, db })
}

/**
 * Takes a step, all or nothing. Any may be taken twice. With the stage `archive` the database holds nothing
 * more, and where there is no archive, the erasure is finished.
 */
export async function saveStep(
  db: D1Database,
  number: number,
  { next, changes }: Taken,
): Promise<void> {
  const note =
    next.stage === 'archive'
      ? [archiveTargetOf(db, number, next, Date.now())]
      : saveTargets(db, [{ number, target: next }])
  await db.batch([...changes, ...note])
}
