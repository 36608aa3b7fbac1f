import { LAST_STORED } from './deliveries.ts'

/** When something new was stored last: UTC milliseconds; null where that is not known. */
export async function readLastStored(db: D1Database): Promise<number | null> {
  return db.prepare(LAST_STORED).first<number | null>('lastStoredAt')
}
