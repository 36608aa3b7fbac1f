import type { DayUsage, Usage } from '../db/monitor/usage.ts'

/** Something that the free plan has so much of for each day (UTC). */
export type Quota = { name: QuotaName; what: string; used: number; limit: number }

export type QuotaName = keyof Usage

/**
 * What is counted here; what other Workers of the account use, and requests, nobody tells.
 * https://developers.cloudflare.com/d1/platform/pricing/, https://developers.cloudflare.com/queues/platform/pricing/
 */
export const FREE_QUOTAS = [
  { name: 'rowsWritten', what: 'rows written', limit: 100_000 },
  { name: 'rowsRead', what: 'rows read', limit: 5_000_000 },
  { name: 'queueOperations', what: 'queue operations', limit: 10_000 },
] as const satisfies readonly Omit<Quota, 'used'>[]

/** How much of each was used on a day. @param today undefined when nothing was */
export function listQuotas(today: DayUsage | undefined): Quota[] {
  return FREE_QUOTAS.map((quota) => ({ ...quota, used: today?.[quota.name] ?? 0 }))
}
