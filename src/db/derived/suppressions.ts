import { everyDigit, quote, valueOf } from '../columns.ts'
import { MENTIONS_SUBJECT } from '../erasure/subject-members.ts'
import { inList, isOneOf, valuesOf, where } from '../events/filter.ts'
import { IDENTIFIERS } from '../../event/identifier.ts'
import { IS_RARE } from '../events/scan-plan.ts'
import { readPages } from '../read-pages.ts'
import { bindList, runAll } from '../statements.ts'
import type { EventKey, StoredEvent } from '../stored-event.ts'
import { STORED, type Scope } from './scope.ts'
import {
  findSuppressed,
  isSuppressing,
  MAX_TEXT,
  type ValueOf,
  type SuppressedSubject,
} from './suppressed-subject.ts'

/** An address or a contact that must no longer be contacted, on one channel. */
export type Suppression = {
  /** Its cursor in the feed. */
  number: number
  /** The event that it comes from. */
  occurredAt: number
  id: string
  reason: 'HARD_BOUNCE' | 'SPAM' | 'UNSUBSCRIBED'
  mediaType: string | null
  /** The one of that channel, or another that identifies the contact. */
  address: string | null
  /** The parameter that has the address as its value. */
  addressType: 'email' | 'sms' | 'webpush' | 'mobilepush' | 'contactId' | null
  /** As text beyond 2^53. */
  contactId: number | string | null
  externalCustomerId: string | null
  statusDescription: string | null
}

/** A page of the feed, in order of arrival; `next` is where it continues, even if there is nothing more yet. */
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
 * The suppressions after a cursor. Transactions are serial, so nothing ever appears before a suppression that was
 * listed.
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
    ...(reason ? [inList('reason', reason)] : []),
    ...(mediaType ? [isOneOf('mediaType', mediaType)] : []),
  ]
  const from = `(SELECT * FROM suppressions WHERE number > ? ORDER BY number LIMIT ${SCAN_BUDGET})`
  const [found, last] = await db.batch<Suppression & { scanned: number }>([
    db
      .prepare(
        `SELECT ${COLUMNS} FROM ${from} ${where(conditions)} ORDER BY number LIMIT ${limit + 1}`,
      )
      .bind(after, ...valuesOf(conditions)),
    db.prepare(`SELECT max(number) AS number, count(*) AS scanned FROM ${from}`).bind(after),
  ])
  const suppressions = found?.results.slice(0, limit) ?? []
  const extent = last?.results[0] // its number is null if nothing was scanned
  const isCut = (found?.results.length ?? 0) > limit
  return {
    suppressions,
    next: (isCut ? suppressions.at(-1)?.number : extent?.number) ?? after,
    isMore: isCut || extent?.scanned === SCAN_BUDGET,
  }
}

/**
 * Appends suppressions to the feed, one for each event.
 *
 * @param scope with the JSON of a list of `SuppressedSubject` as ?1
 */
export function insertSuppressions(scope: Scope): string {
  return `
    INSERT INTO suppressions (
      occurredAt, id, reason, mediaType, address, addressType, contactId, externalCustomerId,
      statusDescription
    )
    SELECT occurredAt, id,
      CASE activityStatus WHEN 'UNDELIVERED' THEN 'HARD_BOUNCE' ELSE activityStatus END,
      mediaType, subject ->> 2, subject ->> 3, contactId, subject ->> 4, substr(statusDescription, 1, ${MAX_TEXT})
    FROM (SELECT event.*, input.value AS subject ${scope}) CROSS JOIN campaigns USING (campaign)
    WHERE true
    ORDER BY occurredAt, id
    ON CONFLICT (occurredAt, id) DO NOTHING`
}

const STATUSES = ['UNDELIVERED', 'SPAM', 'UNSUBSCRIBED']
const PAGE_EVENTS = 2_000

const READ_COLUMNS = ['activityStatus', 'hardBounce', 'mediaType', ...IDENTIFIERS]

const LIST_SUPPRESSING = `
  SELECT occurredAt, ${valueOf('id')} AS id, ${READ_COLUMNS.map(quote).join(', ')}, ${everyDigit('contactId')},
    CASE WHEN ${MENTIONS_SUBJECT} THEN extra END AS extra
  FROM activity INDEXED BY activity_rare CROSS JOIN campaigns USING (campaign)
  WHERE activityStatus = ?1 AND ${IS_RARE} AND (occurredAt, activity.id) > (?2, unhex(?3)) AND occurredAt < ?4
  ORDER BY occurredAt, activity.id LIMIT ${PAGE_EVENTS}`

type Row = EventKey & Record<string, unknown>

/** Appends the suppressions of a period's events that the feed lacks. @param since,until UTC milliseconds */
export async function suppressAgain(
  db: D1Database,
  { since, until }: { since: number; until: number },
): Promise<void> {
  for (const status of STATUSES) {
    const readAfter = async ({ occurredAt, id }: EventKey) => {
      const statement = db.prepare(LIST_SUPPRESSING).bind(status, occurredAt, id, until)
      return (await statement.all<Row>()).results
    }
    for await (const rows of readPages(since, PAGE_EVENTS, readAfter)) {
      const subjects = rows.flatMap((row) => toSuppressed(row, (name) => row[name]))
      await runAll(db, bindList(db, INSERT_STORED, subjects))
    }
  }
}

/** Appends the suppressions of stored events to the feed. */
export function suppressStored(
  db: D1Database,
  events: readonly StoredEvent[],
): D1PreparedStatement[] {
  const subjects = events.flatMap((each) => toSuppressed(each, (name) => each[name]))
  return bindList(db, INSERT_STORED, subjects)
}

const INSERT_STORED = insertSuppressions(STORED)

function toSuppressed(row: EventKey & { extra?: unknown }, valueOf: ValueOf): SuppressedSubject[] {
  return isSuppressing(valueOf) ? [findSuppressed(row, valueOf, row.extra)] : []
}

/** Suppressions of one reason in one channel. */
export type SuppressionCount = Pick<Suppression, 'reason' | 'mediaType'> & { count: number }

const MAX_COUNTED = 100_000

/**
 * Counts the suppressions of a period by reason and channel, most first.
 *
 * @param since,until UTC milliseconds
 */
export async function countSuppressions(
  db: D1Database,
  { since, until }: { since: number; until: number },
): Promise<SuppressionCount[]> {
  const { results } = await db
    .prepare(
      `SELECT reason, mediaType, count(*) AS count FROM (
         SELECT reason, mediaType FROM suppressions WHERE occurredAt >= ? AND occurredAt < ? LIMIT ${MAX_COUNTED}
       ) GROUP BY reason, mediaType ORDER BY count DESC, reason, mediaType`,
    )
    .bind(since, until)
    .all<SuppressionCount>()
  return results
}
