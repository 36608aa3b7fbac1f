import { DAY_MS } from '../../event/clock.ts'
import { ENGAGED_KEY } from '../../db/keys.ts'
import type { Snapshot } from '../snapshot.ts'
import type { AlertRule } from './rule.ts'
import { writeCount, writeTime } from './words.ts'

const ADVICE =
  'No event is lost, and totals, lists and suppressions are complete. See the log of the Worker for the reason (task_failed).'

/** What is computed once an hour or a day is over is not, or not for some hours. */
export const rollupAlert: AlertRule = {
  name: 'rollups',
  check(snapshot) {
    const problem = describeProblem(snapshot)
    return problem && `${problem} ${ADVICE}`
  },
}

function describeProblem({ now, rollups, values }: Snapshot): string | null {
  const { until, failed, oldest } = rollups
  if (until !== null && now - until > DAY_MS) {
    return `Links, providers, machines and anomalies have been counted only until ${writeTime(until)}.`
  }
  if (failed > 0) {
    const since = oldest === null ? '' : `, the oldest open one from ${writeTime(oldest)}`
    return `${writeCount(failed, 'hour')} could not be counted in several tries${since}: links, providers, machines and engagement lack ${failed === 1 ? 'its' : 'their'} events.`
  }
  const engaged = values.get(ENGAGED_KEY)
  if (engaged !== undefined && now - Number(engaged) > 2 * DAY_MS) {
    return `Engagement has been counted only until ${writeTime(Number(engaged))}.`
  }
  return null
}
