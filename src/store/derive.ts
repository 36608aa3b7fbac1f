import { INTEGERS, quote } from './columns.ts'

/**
 * What is kept beside the events, for answers that would be dear to find among them: campaigns, totals,
 * contacts' names and suppressions. Each statement takes its events from a `source`, so that what is new
 * is counted in the transaction that stores it, and the whole can be made anew.
 */

/** A common table expression `fresh` (occurredAt, id) of events that are in the table, each once. */
export type Source = string

/** Events of a range of time: of ?1 to before ?2, UTC milliseconds. */
export const RANGE: Source = `fresh AS MATERIALIZED (
  SELECT occurredAt, id FROM activity WHERE occurredAt >= ?1 AND occurredAt < ?2
)`

/** The columns of `campaigns`, in the order in which its key has them. */
export const CAMPAIGN_COLUMNS = [
  'mediaType',
  'messageId',
  'messageName',
  'messageTag',
  'broadcastId',
  'workflowId',
  'from',
] as const

/** The parameters that a contact is known by; the first three can be looked up. */
export const NAMES = ['email', 'sms', 'externalCustomerId', 'webpush', 'mobilepush'] as const

const QUARTERS = [0, 1, 2, 3]
const HOUR_MS = 3_600_000
const QUARTER_MS = 900_000

// A longer text is none of Yespo's; a copy of it could be more than a row may hold.
const MAX_CAMPAIGN_TEXT = 2_000
const MAX_STATUS_LENGTH = 100
const MAX_NAME_LENGTH = 2_000

const campaignColumns = (table: string) =>
  CAMPAIGN_COLUMNS.map((column) => {
    const place = `${table}.${quote(column)}`
    return INTEGERS.has(column) ? place : `substr(${place}, 1, ${MAX_CAMPAIGN_TEXT})`
  }).join(', ')

const campaignKey = (table: string) => `json_array(${campaignColumns(table)})`

// In this order, so that each event is looked up by its key; SQLite would rather scan the whole table.
const FRESH_EVENTS = 'fresh CROSS JOIN activity AS event USING (occurredAt, id)'

/** Gives each campaign that is new its row. */
export function insertCampaigns(source: Source): string {
  const columns = CAMPAIGN_COLUMNS.map(quote)
  return `
    WITH ${source}
    INSERT INTO campaigns (key, ${columns.join(', ')})
    SELECT DISTINCT ${campaignKey('event')}, ${campaignColumns('event')}
    FROM ${FRESH_EVENTS}
    WHERE true
    ON CONFLICT (key) DO NOTHING`
}

// Of one contact, each way: more than a person ever gets, so that nobody's events slow down all others'.
const MAX_NEIGHBOURS = 1_000

/**
 * The events of one contact before or after another of theirs, the nearest first, from the index alone.
 *
 * @param event the name of a table with contactId, occurredAt and id
 */
export function neighbours(event: string, side: 'earlier' | 'later'): string {
  const [operator, order] = side === 'earlier' ? ['<', 'DESC'] : ['>', 'ASC']
  return `(
    SELECT neighbour.occurredAt, neighbour.id, neighbour.activityStatus, neighbour.iid
    FROM activity AS neighbour INDEXED BY activity_by_contact
    WHERE neighbour.contactId = ${event}.contactId
      AND (neighbour.occurredAt, neighbour.id) ${operator} (${event}.occurredAt, ${event}.id)
    ORDER BY neighbour.occurredAt ${order}, neighbour.id ${order} LIMIT ${MAX_NEIGHBOURS}
  )`
}

/** Whether `found` is of one kind and one delivery with `other`; without an `iid` that is one message. */
const isSameKind = (other: string, kind: string) => `
  found.activityStatus = ${other}.activityStatus
    AND nullif(found.iid, '') IS nullif(${other}.iid, '')
    AND ((${other}.iid <> '' AND ${kind} = -1) OR EXISTS (
      SELECT 1 FROM activity
      WHERE activity.occurredAt = found.occurredAt AND activity.id = found.id
        AND (${kind} = -1 OR activity.hardBounce = ${kind})
        AND (${other}.iid <> '' OR (
          activity.messageId IS ${other}.messageId
          AND activity.messageInstanceId IS ${other}.messageInstanceId
        ))
    ))`

/**
 * Counts events by campaign, hour and kind; a kind is a status, and UNDELIVERED is two more: hard and
 * soft. Where a first event of its kind comes in after a later one, the contact moves with it.
 *
 * @param isAnew whether the totals of the source's events are made anew, so that nothing moves
 */
export function addTotals(source: Source, isAnew = false): string {
  const columns = ['events', 'contacts'].flatMap((what) =>
    QUARTERS.map((quarter) => ({ name: `${what}${quarter}`, what, quarter })),
  )
  const sums = columns.map(({ what, quarter }) => `sum(${what} * (quarter = ${quarter}))`)
  const displaced = `
    UNION ALL
    SELECT campaigns.campaign, later.occurredAt, later.activityStatus, first.kind, 0, -1
    FROM (SELECT * FROM counted WHERE contacts = 1) AS first
    CROSS JOIN activity AS later ON (later.occurredAt, later.id) = (
      SELECT found.occurredAt, found.id
      FROM ${neighbours('first', 'later')} AS found
      WHERE ${isSameKind('first', 'first.kind')}
        AND (found.occurredAt, found.id) NOT IN (SELECT occurredAt, id FROM fresh)
      ORDER BY found.occurredAt, found.id LIMIT 1
    )
    JOIN campaigns ON campaigns.key = ${campaignKey('later')}`
  return `
    WITH ${source},
    counted AS MATERIALIZED (
      SELECT campaigns.campaign, event.occurredAt, event.id, event.activityStatus, event.contactId,
        event.iid, event.messageId, event.messageInstanceId, kind.value AS kind, 1 AS events,
        event.contactId IS NOT NULL AND NOT EXISTS (
          SELECT 1 FROM ${neighbours('event', 'earlier')} AS found
          WHERE ${isSameKind('event', 'kind.value')}
        ) AS contacts
      FROM ${FRESH_EVENTS}
      CROSS JOIN campaigns ON campaigns.key = ${campaignKey('event')}
      CROSS JOIN json_each('[-1, 0, 1]') AS kind
        ON kind.value = -1 OR (event.activityStatus = 'UNDELIVERED' AND kind.value = event.hardBounce)
    ),
    change AS (
      SELECT campaign, occurredAt, activityStatus, kind, events, contacts FROM counted
      ${isAnew ? '' : displaced}
    ),
    placed AS (
      SELECT *, ${floorTo('occurredAt', HOUR_MS)} AS hour,
        (occurredAt - ${floorTo('occurredAt', HOUR_MS)}) / ${QUARTER_MS} AS quarter
      FROM change
    )
    INSERT INTO totals (campaign, hour, activityStatus, hardBounce, ${columns.map(({ name }) => name)})
    SELECT campaign, hour, substr(activityStatus, 1, ${MAX_STATUS_LENGTH}) AS status, kind, ${sums}
    FROM placed
    GROUP BY campaign, hour, status, kind
    ON CONFLICT (campaign, hour, activityStatus, hardBounce) DO UPDATE SET
      ${columns.map(({ name }) => `${name} = ${name} + excluded.${name}`)}`
}

/** A time rounded down to a step, in SQL; `%` alone rounds up what is before 1970. */
export function floorTo(time: string, step: number): string {
  return `(${time} - ((${time} % ${step}) + ${step}) % ${step})`
}

/** Takes note of the names that a contact is seen under. */
export function insertNames(source: Source): string {
  const name = NAMES.map((each) => `WHEN '${each}' THEN event.${quote(each)}`).join(' ')
  return `
    WITH ${source}
    INSERT INTO contact_names (contactId, name, value)
    SELECT contactId, name, value FROM (
      SELECT event.contactId, known.value AS name, CASE known.value ${name} END AS value
      FROM ${FRESH_EVENTS} CROSS JOIN json_each('${JSON.stringify(NAMES)}') AS known
      WHERE event.contactId IS NOT NULL
    )
    WHERE length(value) BETWEEN 1 AND ${MAX_NAME_LENGTH}
    ON CONFLICT (contactId, name, value) DO NOTHING`
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
      substr(mediaType, 1, ${MAX_CAMPAIGN_TEXT}),
      substr(CASE lower(replace(replace(mediaType, ' ', ''), '-', ''))
        WHEN 'email' THEN email
        WHEN 'sms' THEN sms WHEN 'viber' THEN sms
        WHEN 'webpush' THEN webpush
        WHEN 'mobilepush' THEN mobilepush WHEN 'appinbox' THEN mobilepush WHEN 'inapp' THEN mobilepush
      END, 1, ${MAX_NAME_LENGTH}),
      contactId, substr(externalCustomerId, 1, ${MAX_NAME_LENGTH}), substr(statusDescription, 1, ${MAX_NAME_LENGTH})
    FROM ${FRESH_EVENTS}
    WHERE activityStatus IN ('SPAM', 'UNSUBSCRIBED')
      OR (activityStatus = 'UNDELIVERED' AND hardBounce = 1)
    ORDER BY occurredAt, id
    ON CONFLICT (occurredAt, id) DO NOTHING`
}
