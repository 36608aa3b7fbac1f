import type { CoverageCounts } from '../db/sync/coverage.ts'

/** Adds the share of the API's events that the webhook confirmed; null if the API has none. */
export function rate(counts: CoverageCounts) {
  const inApi = counts.both + counts.apiOnly
  return { ...counts, share: inApi === 0 ? null : counts.both / inApi }
}

/** The sum of all lines. */
export function addUp(lines: readonly CoverageCounts[]): CoverageCounts {
  const sum = { both: 0, webhookOnly: 0, apiOnly: 0 }
  for (const { both, webhookOnly, apiOnly } of lines) {
    sum.both += both
    sum.webhookOnly += webhookOnly
    sum.apiOnly += apiOnly
  }
  return sum
}
