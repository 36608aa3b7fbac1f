import { FREE_QUOTAS, type QuotaName } from '../quotas.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Checked } from './findings.ts'

/** From which share on a quota of the day is notified: there is time left to do something. */
const NEAR = 0.7

const AFTERWARDS: Readonly<Record<QuotaName, string>> = {
  rowsWritten:
    'Once all are used up, nothing can be stored until 00:00 UTC: events wait in the queue until then.',
  rowsRead:
    'Once all are used up, nothing can be stored or looked at until 00:00 UTC: events wait in the queue until then. Pages that stay open read, too.',
  queueOperations:
    'Once all are used up, the queue stands until 00:00 UTC: events are stored directly, and Yespo waits if that fails.',
}

/** Whether a quota of the free plan's day is nearly used up. */
export function checkQuotas({ settings, quotas }: Snapshot): Checked {
  if (settings.plan !== 'free' || settings.errors.has('CLOUDFLARE_PLAN')) {
    return { findings: new Map(FREE_QUOTAS.map(({ name }) => [`quota:${name}`, null])) }
  }
  return {
    findings: new Map(
      quotas.map(({ name, what, used, limit }) => [
        `quota:${name}`,
        used < NEAR * limit
          ? null
          : `More than ${Math.floor(NEAR * 100)} % of the free plan's ${what} of today are used: ${limit.toLocaleString('en')} a day are free, for all Workers of the account together. ${AFTERWARDS[name]} The paid plan has no such limit: set CLOUDFLARE_PLAN = "paid" once you have it.`,
      ]),
    ),
  }
}
