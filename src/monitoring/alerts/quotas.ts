import { FREE_QUOTAS, type QuotaName } from '../quotas.ts'
import type { AlertRule } from './rule.ts'

/** The share of a daily quota that starts an alert, while there is still time to act. */
const NEAR = 0.7

const CONSEQUENCES: Readonly<Record<QuotaName, string>> = {
  rowsWritten:
    'Once all are used up, nothing can be stored until 00:00 UTC: events wait in the queue until then.',
  rowsRead:
    'Once all are used up, nothing can be stored or read until 00:00 UTC: events wait in the queue until then. Open pages read rows, too.',
  queueOperations:
    'Once all are used up, the queue stops until 00:00 UTC: events are stored directly, and Yespo waits if that fails.',
}

/** A daily quota of the free plan is nearly used up. */
export const quotaAlerts = FREE_QUOTAS.map(({ name, label, limit }): AlertRule => ({
  name: `quota:${name}`,
  check({ settings, quotas }) {
    if (settings.plan !== 'free' || settings.errors.has('CLOUDFLARE_PLAN')) return null
    const used = quotas.find((quota) => quota.name === name)?.used ?? 0
    return used < NEAR * limit
      ? null
      : `Today's ${label} are above ${Math.floor(NEAR * 100)} % of the free plan's limit: ${limit.toLocaleString('en')} a day, for all Workers of the account together. ${CONSEQUENCES[name]} The paid plan has no such limit: set CLOUDFLARE_PLAN = "paid" once you are on it.`
  },
}))
