import { forgetObjects, keepListed, listDiscarded } from '../db/archive/garbage.ts'

const MAX_OBJECTS = 1_000 // R2 deletes so many in one call

/** The statements that purging takes. */
export const PURGE_STATEMENTS = 3

/**
 * Deletes objects from the bucket that were discarded before a time; never one that a file has.
 *
 * @param before UTC milliseconds
 * @returns whether there may be more
 */
export async function purge(db: D1Database, bucket: R2Bucket, before: number): Promise<boolean> {
  await keepListed(db)
  const keys = await listDiscarded(db, before, MAX_OBJECTS)
  if (keys.length === 0) return false
  await bucket.delete(keys)
  await forgetObjects(db, keys).run()
  return keys.length === MAX_OBJECTS
}
