import type { CampaignFilter, Period } from '../reports/totals.ts'
import { scanRollups } from './scan.ts'

/** People, by how long after the delivery they read first: see `bucketOfDelay`. */
export type DelayCount = { bucket: number; people: number }

/** How long after the delivery reads came, shortest first. */
export async function countDelays(
  db: D1Database,
  filter: CampaignFilter,
  period: Period,
): Promise<DelayCount[]> {
  const scan = scanRollups('delays', period, filter)
  const { results } = await db
    .prepare(
      `SELECT row.value ->> 1 AS bucket, sum(row.value ->> 2) AS people
       ${scan.sql} GROUP BY bucket HAVING people > 0 ORDER BY bucket`,
    )
    .bind(...scan.values)
    .all<DelayCount>()
  return results
}
