import { everyDigit, quote, valueOf } from './columns.ts'
import { isOneOf, valuesOf, where } from './filter.ts'
import type { Source } from './fresh.ts'
import { COLUMNS as COLUMNS_OF_ACTIVITY, type StoredActivity } from './list.ts'
import { IS_RARE } from './sources.ts'
import { findWhomOf, isSuppressing, type Whom } from './whom.ts'

/** Someone who is not to be written to any more, on one channel. */
export type Suppression = {
  /** Its place in the feed. */
  number: number
  /** The event that it comes from. */
  occurredAt: number
  id: string
  reason: 'HARD_BOUNCE' | 'SPAM' | 'UNSUBSCRIBED'
  mediaType: string | null
  /** In that channel, or else another one by which the event says whom it is about. */
  address: string | null
  /** The parameter that the address is the value of. */
  addressType: string | null
  /** As text beyond 2^53. */
  contactId: number | string | null
  externalCustomerId: string | null
  statusDescription: string | null
}

/** A piece of the feed, in order of arrival; `next` is where it goes on, whether or not there is more yet. */
export type SuppressionPage = { suppressions: Suppression[]; next: number; isMore: boolean }

const SCAN_BUDGET = 5_000
const MAX_TEXT = 2_000 // of what is copied: a row has its limit

const COLUMNS = ['number', 'occurredAt', 'reason', 'mediaType', 'address', 'addressType']
  .map(quote)
  .concat(
    `${valueOf('id')} AS id`,
    everyDigit('contactId'),
    ['externalCustomerId', 'statusDescription'].map(quote),
  )
  .join(', ')

/**
 * What came into the feed after a place in it. Transactions come one after the other, so nothing ever
 * appears before a place that was seen.
 *
 * @param after the `next` of the page before; 0 for the beginning
 */
export async function listSuppressions(
  db: D1Database,
  filter: { reason?: readonly string[] | undefined; mediaType?: readonly string[] | undefined },
  after: number,
  limit: number,
): Promise<SuppressionPage> {
  const { reason, mediaType } = filter
  const conditions = [
    ...(reason
      ? [{ sql: 'reason IN (SELECT value FROM json_each(?))', values: [JSON.stringify(reason)] }]
      : []),
    ...(mediaType ? [isOneOf('mediaType', mediaType)] : []),
  ]
  const from = `(SELECT * FROM suppressions WHERE number > ? ORDER BY number LIMIT ${SCAN_BUDGET})`
  const [found, last] = await db.batch<Suppression & { looked: number }>([
    db
      .prepare(
        `SELECT ${COLUMNS} FROM ${from} ${where(conditions)} ORDER BY number LIMIT ${limit + 1}`,
      )
      .bind(after, ...valuesOf(conditions)),
    db.prepare(`SELECT max(number) AS number, count(*) AS looked FROM ${from}`).bind(after),
  ])
  const suppressions = found?.results.slice(0, limit) ?? []
  const extent = last?.results[0] // its number is null where nothing was looked at
  const isCut = (found?.results.length ?? 0) > limit
  return {
    suppressions,
    next: (isCut ? suppressions.at(-1)?.number : extent?.number) ?? after,
    isMore: isCut || extent?.looked === SCAN_BUDGET,
  }
}

/**
 * Puts who is not to be written to any more at the end of the feed, each event once.
 *
 * @param source of which ?1 is the JSON of a list of `Whom`
 */
export function insertSuppressions(source: Source): string {
  return `
    INSERT INTO suppressions (
      occurredAt, id, reason, mediaType, address, addressType, contactId, externalCustomerId,
      statusDescription
    )
    SELECT occurredAt, id,
      CASE activityStatus WHEN 'UNDELIVERED' THEN 'HARD_BOUNCE' ELSE activityStatus END,
      mediaType, whom ->> 2, whom ->> 3, contactId, whom ->> 4, substr(statusDescription, 1, ${MAX_TEXT})
    FROM (SELECT event.*, given.value AS whom ${source}) CROSS JOIN campaigns USING (campaign)
    WHERE true
    ORDER BY occurredAt, id
    ON CONFLICT (occurredAt, id) DO NOTHING`
}

/** Of a period, from ?1 to before ?2, the events that say so. */
const LIST_SUPPRESSING = `
  SELECT ${COLUMNS_OF_ACTIVITY} FROM activity INDEXED BY activity_rare CROSS JOIN campaigns USING (campaign)
  WHERE ${IS_RARE} AND activityStatus IN ('UNDELIVERED', 'SPAM', 'UNSUBSCRIBED')
    AND occurredAt >= ?1 AND occurredAt < ?2`

/** The events of a period, UTC milliseconds, by which someone is not to be written to any more: whom they are for. */
export async function listWhom(db: D1Database, since: number, until: number): Promise<Whom[]> {
  const { results } = await db.prepare(LIST_SUPPRESSING).bind(since, until).all<StoredActivity>()
  return toWhom(results)
}

/** The same of events that are at hand. */
export function toWhom(activities: readonly StoredActivity[]): Whom[] {
  return activities.flatMap((activity) =>
    isSuppressing((name) => activity[name]) ? [findWhomOf(activity)] : [],
  )
}
