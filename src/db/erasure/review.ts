import * as kv from '../kv.ts'
import { findItem } from '../quarantine/list.ts'
import { redactItems } from './redact-items.ts'
import { REVIEW_PREFIX } from '../keys.ts'

/** The maximum number of statements of a review. */
export const REVIEW_STATEMENTS = 16

/** The next item to review, in turns; null if there is none. */
export function takeReview(db: D1Database): Promise<kv.Entry | null> {
  return kv.takeNext(db, REVIEW_PREFIX)
}

/**
 * Removes erased data subjects from a quarantined item that came in before their erasure. The review is complete unless
 * another part of the item has come in since.
 *
 * @throws what D1 throws: it is reviewed again later
 */
export async function reviewItem(db: D1Database, review: kv.Entry): Promise<void> {
  const key = review.name.slice(REVIEW_PREFIX.length)
  const end = key.lastIndexOf('.')
  const item = await findItem(db, key.slice(0, end), Number(key.slice(end + 1)))
  const { changes } = item ? await redactItems(db, [item]) : { changes: [] }
  await kv.remove(db, review, changes)
}
