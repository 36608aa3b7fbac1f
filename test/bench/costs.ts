/** Dollars per million, beyond what the paid plan includes; https://developers.cloudflare.com/workers/platform/pricing/ */
const PRICES = {
  requests: 0.3,
  processorMs: 0.02,
  queueOperations: 0.4,
  rowsRead: 0.001,
  rowsWritten: 1,
} as const

/** The dollars per million events. @param used by one event */
export function priceMillion(used: Partial<Record<keyof typeof PRICES, number>>): number {
  const kinds = Object.keys(PRICES) as (keyof typeof PRICES)[]
  return kinds.reduce((sum, kind) => sum + (used[kind] ?? 0) * PRICES[kind], 0)
}
