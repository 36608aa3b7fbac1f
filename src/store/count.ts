import { HOUR_MS, QUARTER_MS } from '../activity/clock.ts'
import { campaignKey } from './campaigns.ts'
import { floorTo } from './columns.ts'
import { FRESH_EVENTS, neighbours, type Source } from './fresh.ts'
import { isArchived, isLate } from './late.ts'
import { KINDS } from './totals.ts'

const QUARTERS = [0, 1, 2, 3]
const MAX_STATUS_BYTES = 100

/** Whether a status tells that a delivery was attempted. */
const isAttempt = (event: string) => `${event}.activityStatus IN ('DELIVERED', 'UNDELIVERED')`

/** Whether `found` is of one delivery with `other`; without an `iid` that is one message. */
const isSameDelivery = (other: string, kind: string) => `
  nullif(found.iid, '') IS nullif(${other}.iid, '')
    AND ((${other}.iid <> '' AND ${kind} NOT IN (${KINDS.soft}, ${KINDS.hard})) OR EXISTS (
      SELECT 1 FROM activity
      WHERE activity.occurredAt = found.occurredAt AND activity.id = found.id
        AND (${kind} NOT IN (${KINDS.soft}, ${KINDS.hard}) OR activity.hardBounce = ${kind})
        AND (${other}.iid <> '' OR (
          activity.messageId IS ${other}.messageId
          AND activity.messageInstanceId IS ${other}.messageInstanceId
        ))
    ))
    AND NOT ${isLate('found')}`

/** Whether `found` is of one kind and one delivery with `other`. */
const isSameKind = (other: string, kind: string) => `
  (found.activityStatus = ${other}.activityStatus OR (${kind} = ${KINDS.repeated} AND ${isAttempt('found')}))
    AND ${isSameDelivery(other, kind)}`

/**
 * What is earlier of the delivery of an attempt: 1 for the same status, 2 for the other one, 3 for both, and null
 * for nothing. One look at the neighbours answers two questions.
 */
const EARLIER_ATTEMPTS = `
  SELECT max(found.activityStatus = event.activityStatus) + 2 * max(found.activityStatus <> event.activityStatus)
  FROM ${neighbours('event', 'earlier')} AS found
  WHERE ${isAttempt('found')} AND ${isSameDelivery('event', '-1')}`

/** Whether the events of a time's hour are all here still, so that a recount finds what they came to. */
export const isCountedAnew = (time: string) => `
  NOT ${isArchived(time)}
    AND NOT EXISTS (SELECT 1 FROM frozen_hours AS frozen WHERE frozen.hour = ${floorTo(time, HOUR_MS)})`

/**
 * Counts events by campaign, hour and kind; a kind is a status, and UNDELIVERED is two more: hard and
 * soft. If a first event of its kind comes in after a later one, the contact moves with it; never
 * below nothing, if the later one was not counted yet.
 *
 * DELIVERED and UNDELIVERED together are attempts: of a delivery that has both, the later one is counted
 * as repeated, too. That is the difference of what are first of their status, and what are first attempts:
 * few deliveries have both, so few rows are written for it.
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
    found AS MATERIALIZED (
      SELECT campaigns.campaign, event.occurredAt, event.id, event.activityStatus, event.contactId,
        event.iid, event.messageId, event.messageInstanceId, event.hardBounce,
        CASE WHEN ${isAttempt('event')} THEN (${EARLIER_ATTEMPTS}) END AS earlier
      FROM ${FRESH_EVENTS}
      CROSS JOIN campaigns ON campaigns.key = ${campaignKey('event')}
      ${isAnew ? `WHERE ${isCountedAnew('event.occurredAt')}` : ''}
    ),
    counted AS MATERIALIZED (
      SELECT event.*, kind.value AS kind, kind.value <> ${KINDS.repeated} AS events,
        event.contactId IS NOT NULL AND CASE
          WHEN kind.value = ${KINDS.repeated} THEN earlier IS NULL
          WHEN kind.value = ${KINDS.all} AND ${isAttempt('event')} THEN coalesce(earlier, 0) & 1 = 0
          ELSE NOT EXISTS (
            SELECT 1 FROM ${neighbours('event', 'earlier')} AS found
            WHERE ${isSameKind('event', 'kind.value')}
          )
        END AS contacts
      FROM found AS event
      CROSS JOIN json_each('[${Object.values(KINDS)}]') AS kind
        ON kind.value = ${KINDS.all}
          OR (event.activityStatus = 'UNDELIVERED' AND kind.value = event.hardBounce)
          OR (kind.value = ${KINDS.repeated} AND ${isAttempt('event')})
    ),
    moved AS (
      SELECT campaign, occurredAt, activityStatus, kind, events, contacts FROM counted
      ${isAnew ? '' : displaced}
    ),
    change AS (
      SELECT * FROM moved WHERE kind <> ${KINDS.repeated}
      UNION ALL
      SELECT campaign, occurredAt, activityStatus, ${KINDS.repeated}, 0,
        sum(iif(kind = ${KINDS.all}, contacts, -contacts)) AS repeated
      FROM moved WHERE kind IN (${KINDS.all}, ${KINDS.repeated}) AND ${isAttempt('moved')}
      GROUP BY campaign, occurredAt, activityStatus HAVING repeated <> 0
    ),
    placed AS (
      SELECT *, ${floorTo('occurredAt', HOUR_MS)} AS hour,
        (occurredAt - ${floorTo('occurredAt', HOUR_MS)}) / ${QUARTER_MS} AS quarter,
        CASE WHEN octet_length(activityStatus) <= ${MAX_STATUS_BYTES} THEN activityStatus
          ELSE substr(activityStatus, 1, ${MAX_STATUS_BYTES}) END AS status
      FROM change
    )
    INSERT INTO totals (campaign, hour, activityStatus, hardBounce, ${columns.map(({ name }) => name)})
    SELECT campaign, hour, status, kind, ${sums}
    FROM placed
    WHERE contacts >= 0 OR EXISTS (
      SELECT 1 FROM totals
      WHERE totals.campaign = placed.campaign AND totals.hour = placed.hour
        AND totals.activityStatus = placed.status AND totals.hardBounce = placed.kind
    )
    GROUP BY campaign, hour, status, kind
    ON CONFLICT (campaign, hour, activityStatus, hardBounce) DO UPDATE SET
      ${columns.map(({ name }) => `${name} = max(0, ${name} + excluded.${name})`)}`
}
