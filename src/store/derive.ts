import { insertCampaigns } from './campaigns.ts'
import { addTotals } from './count.ts'
import { FRESH } from './deliveries.ts'
import { insertSuppressions } from './suppressions.ts'

/** Counts what a transaction found new, and notes what comes of it; each binds the stamp. */
export const DERIVE = [insertCampaigns, addTotals, insertSuppressions].map((statement) =>
  statement(FRESH),
)
