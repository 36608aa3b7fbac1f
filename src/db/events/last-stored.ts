import { findRecentEvents } from '../monitor/arrivals.ts'

/** When something new was stored last: UTC milliseconds; null where that is not known. */
export async function readLastStored(db: D1Database): Promise<number | null> {
  return (await findRecentEvents(db)).lastStoredAt
}
