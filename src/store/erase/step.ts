import { noteProgress, readTarget, type Target } from '../erasures.ts'
import { eraseActivity, eraseNameless } from './activity.ts'
import { eraseDeliveries, eraseNames, eraseSuppressions } from './kept.ts'
import { eraseSetAside } from './set-aside.ts'

/** What a step of an erasure works on. */
export type Step = {
  db: D1Database
  /** Of the erasure. */
  number: number
  /** When it was asked for: UTC milliseconds. */
  erasedAt: number
  target: Target
}

type Stage = Exclude<Target['stage'], 'archive'>

const STEPS: Readonly<Record<Stage, (step: Step) => Promise<Target>>> = {
  activity: eraseActivity,
  nameless: eraseNameless,
  deliveries: eraseDeliveries,
  names: eraseNames,
  suppressions: eraseSuppressions,
  quarantine: eraseSetAside,
}

/**
 * Takes the next step of an erasure in the database: a few statements, of a bounded number of rows.
 * Any may be taken twice.
 *
 * @returns how far it is; `archive` where the database holds nothing more, null where it is finished
 */
export async function takeErasureStep(db: D1Database, number: number): Promise<Target | null> {
  const found = await readTarget(db, number)
  if (!found || found.target.stage === 'archive') return found?.target ?? null
  const { target, erasedAt } = found
  const next = await STEPS[found.target.stage]({ db, number, erasedAt, target })
  await noteProgress(db, number, next).run()
  return next
}
