import type { DayUsage, Usage } from '../db/monitor/usage.ts'

/** A daily quota (UTC) of the free plan, and how much of it was used. */
export type Quota = { name: QuotaName; used: number; limit: number }

type QuotaName = keyof Usage

/**
 * The quotas that this Worker can measure. The use by the account's other Workers is unknown, as is the number of
 * requests. https://developers.cloudflare.com/d1/platform/pricing/,
 * https://developers.cloudflare.com/queues/platform/pricing/
 */
export const FREE_QUOTAS = [
  { name: 'rowsWritten', limit: 100_000 },
  { name: 'rowsRead', limit: 5_000_000 },
  { name: 'queueOperations', limit: 10_000 },
] as const satisfies readonly Omit<Quota, 'used'>[]

/** The usage of each quota on a day. @param day undefined if nothing was used */
export function listQuotas(day: DayUsage | undefined): Quota[] {
  return FREE_QUOTAS.map((quota) => ({ ...quota, used: day?.[quota.name] ?? 0 }))
}
