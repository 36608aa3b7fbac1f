import { DAY_MS } from '../../event/clock.ts'
import { ENGAGED_KEY } from '../../db/keys.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Phrase } from '../../language/messages.ts'
import type { AlertRule } from './rule.ts'
import { timeOrUnknown, writeTime } from './words.ts'

/** What is computed once an hour or a day is over is not, or not for some hours. */
export const rollupAlert: AlertRule = {
  name: 'rollups',
  check(snapshot) {
    const problem = describeProblem(snapshot)
    return problem && [problem, { key: 'alerts.rollupAdvice' }]
  },
}

function describeProblem({ now, rollups, values }: Snapshot): Phrase | null {
  const { until, failed, oldest } = rollups
  if (until !== null && now - until > DAY_MS) {
    return { key: 'alerts.rollupsLate', values: { time: writeTime(until) } }
  }
  if (failed > 0) {
    return { key: 'alerts.rollupsFailed', values: { count: failed, time: timeOrUnknown(oldest) } }
  }
  const engaged = values.get(ENGAGED_KEY)
  if (engaged !== undefined && now - Number(engaged) > 2 * DAY_MS) {
    return { key: 'alerts.engagementLate', values: { time: writeTime(Number(engaged)) } }
  }
  return null
}
