import { ADDRESS_OF } from '../activity/address.ts'
import { everyDigit, quote } from './columns.ts'
import { isOneOf, valuesOf, where } from './filter.ts'
import { FRESH_EVENTS, type Source } from './fresh.ts'

/** Someone who is not to be written to any more, on one channel. */
export type Suppression = {
  /** Its place in the feed. */
  number: number
  /** The event that it comes from. */
  occurredAt: number
  id: string
  reason: 'HARD_BOUNCE' | 'SPAM' | 'UNSUBSCRIBED'
  mediaType: string | null
  address: string | null
  /** As text beyond 2^53. */
  contactId: number | string | null
  externalCustomerId: string | null
  statusDescription: string | null
}

/** A piece of the feed, in order of arrival; `next` is where it goes on, whether or not there is more yet. */
export type SuppressionPage = { suppressions: Suppression[]; next: number; isMore: boolean }

const SCAN_BUDGET = 5_000
const MAX_TEXT = 2_000 // of what is copied: a row has its limit

const ADDRESSES = Object.entries(ADDRESS_OF)
  .map(([channel, name]) => `WHEN '${channel}' THEN ${quote(name)}`)
  .join(' ')

/** The contact's address in the channel of an event, cut where it is long; null without one. */
export const ADDRESS = `substr(
  CASE lower(replace(replace(mediaType, ' ', ''), '-', '')) ${ADDRESSES} END, 1, ${MAX_TEXT}
)`

const COLUMNS = ['number', 'occurredAt', 'id', 'reason', 'mediaType', 'address']
  .map(quote)
  .concat(everyDigit('contactId'), ['externalCustomerId', 'statusDescription'].map(quote))
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

/** Puts who is not to be written to any more at the end of the feed, each event once. */
export function insertSuppressions(source: Source): string {
  return `
    WITH ${source}
    INSERT INTO suppressions (
      occurredAt, id, reason, mediaType, address, contactId, externalCustomerId, statusDescription
    )
    SELECT occurredAt, id,
      CASE activityStatus WHEN 'UNDELIVERED' THEN 'HARD_BOUNCE' ELSE activityStatus END,
      substr(mediaType, 1, ${MAX_TEXT}),
      ${ADDRESS},
      contactId, substr(externalCustomerId, 1, ${MAX_TEXT}), substr(statusDescription, 1, ${MAX_TEXT})
    FROM ${FRESH_EVENTS}
    WHERE activityStatus IN ('SPAM', 'UNSUBSCRIBED')
      OR (activityStatus = 'UNDELIVERED' AND hardBounce = 1)
    ORDER BY occurredAt, id
    ON CONFLICT (occurredAt, id) DO NOTHING`
}
