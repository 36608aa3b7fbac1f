/** Dollars for a million, beyond what a paid plan includes; https://developers.cloudflare.com/workers/platform/pricing/ */
const PRICES = {
  requests: 0.3,
  processorMs: 0.02,
  queueOperations: 0.4,
  rowsRead: 0.001,
  rowsWritten: 1,
} as const

/** Dollars for a million events. @param used by one */
export function priceMillion(used: Partial<Record<keyof typeof PRICES, number>>): number {
  const kinds = Object.keys(PRICES) as (keyof typeof PRICES)[]
  return kinds.reduce((sum, kind) => sum + (used[kind] ?? 0) * PRICES[kind], 0)
}
