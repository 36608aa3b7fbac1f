import { everyDigit, quote, valueOf } from '../columns.ts'
import { isOneOf, valuesOf, where } from '../events/filter.ts'
import { STORED, type Source } from './scope.ts'
import { bindGroups } from '../chunk-by-size.ts'
import type { Position, StoredActivity } from '../stored-activity.ts'
import { MENTIONS_SUBJECT } from '../events/mentions.ts'
import { NAMES } from '../events/identifiers.ts'
import { IS_RARE } from '../events/scan-plan.ts'
import {
  findSuppressed,
  isSuppressing,
  MAX_TEXT,
  type ValueOf,
  type SuppressedSubject,
} from './suppressed-subject.ts'

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
 * @param source of which ?1 is the JSON of a list of `SuppressedSubject`
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

const STATUSES = ['UNDELIVERED', 'SPAM', 'UNSUBSCRIBED']
const PAGE_EVENTS = 2_000

const TELLING = ['activityStatus', 'hardBounce', 'mediaType', ...NAMES]

const LIST_SUPPRESSING = `
  SELECT occurredAt, ${valueOf('id')} AS id, ${TELLING.map(quote).join(', ')}, ${everyDigit('contactId')},
    CASE WHEN ${MENTIONS_SUBJECT} THEN extra END AS extra
  FROM activity INDEXED BY activity_rare CROSS JOIN campaigns USING (campaign)
  WHERE activityStatus = ?1 AND ${IS_RARE} AND (occurredAt, activity.id) > (?2, unhex(?3)) AND occurredAt < ?4
  ORDER BY occurredAt, activity.id LIMIT ${PAGE_EVENTS}`

type Telling = Position & Record<string, unknown>

/** Puts those of a period, UTC milliseconds, at the end of the feed that are not in it. */
export async function suppressAgain(
  db: D1Database,
  { since, until }: { since: number; until: number },
): Promise<void> {
  for (const status of STATUSES) {
    let after: Position | undefined = { occurredAt: since, id: '' }
    while (after) {
      const { occurredAt, id }: Position = after
      const { results } = await db
        .prepare(LIST_SUPPRESSING)
        .bind(status, occurredAt, id, until)
        .all<Telling>()
      const statements = insertAll(
        db,
        results.flatMap((row) => toSuppressed(row, (name) => row[name])),
      )
      if (statements.length > 0) await db.batch(statements)
      after = results.length === PAGE_EVENTS ? results.at(-1) : undefined
    }
  }
}

/** Puts those of events that are stored at the end of the feed. */
export function suppressStored(
  db: D1Database,
  activities: readonly StoredActivity[],
): D1PreparedStatement[] {
  return insertAll(
    db,
    activities.flatMap((each) => toSuppressed(each, (name) => each[name])),
  )
}

const INSERT_STORED = insertSuppressions(STORED)

function insertAll(db: D1Database, whom: readonly SuppressedSubject[]): D1PreparedStatement[] {
  return bindGroups(
    db,
    INSERT_STORED,
    whom.map((each) => JSON.stringify(each)),
  )
}

function toSuppressed(row: Position & { extra?: unknown }, valueOf: ValueOf): SuppressedSubject[] {
  return isSuppressing(valueOf) ? [findSuppressed(row, valueOf, row.extra)] : []
}
