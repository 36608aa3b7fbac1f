import { findUnrecorded, markRecorded } from '../db/erasure/record.ts'
import { archiveBucket } from '../settings/settings.ts'

/** The prefix of records in the bucket; archived events have another. */
export const RECORD_PREFIX = 'erasures/'
/** The most digests of a record. */
export const PAGE_DIGESTS = 1_000

/** The statements that recording takes, if there is anything to record. */
export const RECORD_STATEMENTS = 4

/**
 * Writes the digests of all erasures since the last time to a file in the bucket, if one is bound. If it is
 * interrupted, some are written twice.
 *
 * @returns whether there were any
 * @throws what D1 and R2 throw
 */
export async function recordErased(env: Env): Promise<boolean> {
  const bucket = archiveBucket(env)
  const record = bucket && (await findUnrecorded(env.DB, PAGE_DIGESTS))
  if (!bucket || !record) return false
  const key = `${RECORD_PREFIX}${new Date().toISOString()}-${crypto.randomUUID()}.json`
  await bucket.put(key, JSON.stringify(record), {
    httpMetadata: { contentType: 'application/json' },
  })
  await markRecorded(env.DB, record.erased)
  return true
}
