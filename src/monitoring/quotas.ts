import type { DayUsage, Usage } from '../db/monitor/usage.ts'

/** What the free plan grants for each day (UTC), and what was used of it. */
export type Quota = { name: QuotaName; label: string; used: number; limit: number }

export type QuotaName = keyof Usage

/**
 * Of this Worker alone: the use of the account's other Workers is unknown, as is the number of requests.
 * https://developers.cloudflare.com/d1/platform/pricing/, https://developers.cloudflare.com/queues/platform/pricing/
 */
export const FREE_QUOTAS = [
  { name: 'rowsWritten', label: 'rows written', limit: 100_000 },
  { name: 'rowsRead', label: 'rows read', limit: 5_000_000 },
  { name: 'queueOperations', label: 'queue operations', limit: 10_000 },
] as const satisfies readonly Omit<Quota, 'used'>[]

/** What a day used of each quota. @param day undefined if nothing was used */
export function listQuotas(day: DayUsage | undefined): Quota[] {
  return FREE_QUOTAS.map((quota) => ({ ...quota, used: day?.[quota.name] ?? 0 }))
}
