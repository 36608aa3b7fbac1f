import { ADDRESS_OF } from '../activity/address.ts'
import type { ParameterName } from '../activity/parameters.ts'
import { everyDigit, quote, valueOf } from './columns.ts'
import { isOneOf, valuesOf, where } from './filter.ts'
import type { Source } from './fresh.ts'

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

// What fills a field names nobody.
const IS_ADDRESS: readonly (readonly [name: ParameterName, condition: string])[] = [
  ['email', `instr(coalesce(email, ''), '@') > 1`],
  ['sms', `coalesce(sms, '') GLOB '*[0-9]*'`],
  ['webpush', `coalesce(webpush, '') <> ''`],
  ['mobilepush', `coalesce(mobilepush, '') <> ''`],
]

const CHANNELS = Object.entries(ADDRESS_OF)
const HAS_ADDRESSES = `coalesce(mediaType, '') IN (${CHANNELS.map(([channel]) => `'${channel}'`)})`
const IS_NAMED = `(contactId IS NOT NULL OR coalesce(externalCustomerId, '') <> '')`
const ADDRESSES = IS_ADDRESS.map(([, condition]) => `(${condition})`).join(' + ')

/**
 * The parameter with an event's address: that of its channel. Of a channel that is unknown, or has none, the
 * only one that the event has; and where nothing else tells whom it is about, whichever there is.
 */
const ADDRESS_TYPE = `CASE
  ${CHANNELS.map(([channel, name]) => `WHEN mediaType = '${channel}' AND ${name} <> '' THEN '${name}'`).join(' ')}
  WHEN ${IS_NAMED} AND (${HAS_ADDRESSES} OR ${ADDRESSES} > 1) THEN NULL
  ${IS_ADDRESS.map(([name, condition]) => `WHEN ${condition} THEN '${name}'`).join(' ')}
END`

/** An event's address, see `ADDRESS_TYPE`; null if it has none. */
export const ADDRESS = `substr(CASE ${ADDRESS_TYPE}
  ${IS_ADDRESS.map(([name]) => `WHEN '${name}' THEN ${name}`).join(' ')}
END, 1, ${MAX_TEXT})`

/** Puts who is not to be written to any more at the end of the feed, each event once. */
export function insertSuppressions(source: Source): string {
  return `
    INSERT INTO suppressions (
      occurredAt, id, reason, mediaType, address, addressType, contactId, externalCustomerId,
      statusDescription
    )
    SELECT occurredAt, id,
      CASE activityStatus WHEN 'UNDELIVERED' THEN 'HARD_BOUNCE' ELSE activityStatus END,
      mediaType, ${ADDRESS}, ${ADDRESS_TYPE},
      contactId, substr(externalCustomerId, 1, ${MAX_TEXT}), substr(statusDescription, 1, ${MAX_TEXT})
    FROM (SELECT event.* ${source}
      AND (event.activityStatus IN ('SPAM', 'UNSUBSCRIBED')
        OR (event.activityStatus = 'UNDELIVERED' AND event.hardBounce = 1))
    ) CROSS JOIN campaigns USING (campaign)
    WHERE true
    ORDER BY occurredAt, id
    ON CONFLICT (occurredAt, id) DO NOTHING`
}
