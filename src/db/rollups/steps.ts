import type { CampaignFilter, Period } from '../reports/totals.ts'
import { scanRollups } from './scan.ts'

/** The people whom each campaign reached, and the sum of seconds since the start of its workflow; in SQL. */
export function sumSteps(filter: CampaignFilter, period: Period) {
  const scan = scanRollups('steps', period, filter)
  return {
    sql: `
      SELECT row.value ->> 0 AS campaign, sum(row.value ->> 1) AS people, sum(row.value ->> 2) AS seconds
      ${scan.sql} GROUP BY row.value ->> 0`,
    values: scan.values,
  }
}

/** The average number of seconds from the start of a workflow to each of its blocks, by their ids. */
export async function averageDelays(
  db: D1Database,
  filter: CampaignFilter,
  period: Period,
): Promise<Map<string, number>> {
  const steps = sumSteps(filter, period)
  const { results } = await db
    .prepare(
      `SELECT workflowBlockId AS block, round(1.0 * sum(seconds) / sum(people)) AS delay
       FROM (${steps.sql}) CROSS JOIN campaigns USING (campaign)
       WHERE workflowBlockId IS NOT NULL GROUP BY workflowBlockId HAVING sum(people) > 0`,
    )
    .bind(...steps.values)
    .all<{ block: string; delay: number }>()
  return new Map(results.map(({ block, delay }) => [block, delay]))
}
