import { FREE_QUOTAS } from '../quotas.ts'
import type { AlertRule } from './rule.ts'

/** The share of a daily quota that starts an alert, while there is still time to act. */
const NEAR = 0.7

/** A daily quota of the free plan is nearly used up. */
export const quotaAlerts = FREE_QUOTAS.map(({ name, limit }): AlertRule => ({
  name: `quota:${name}`,
  check({ settings, quotas }) {
    if (settings.plan !== 'free' || settings.errors.has('CLOUDFLARE_PLAN')) return null
    const used = quotas.find((quota) => quota.name === name)?.used ?? 0
    return used < NEAR * limit
      ? null
      : [{ key: `alerts.quota.${name}`, values: { share: NEAR, limit } }]
  },
}))
