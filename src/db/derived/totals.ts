import { HOUR_MS, QUARTER_MS } from '../../event/clock.ts'
import { deliveryOf, floorTo, quartersOf } from '../columns.ts'
import { KINDS } from '../reports/totals.ts'
import { isArchived, isLate } from '../write/late-arrivals.ts'
import type { Scope } from './scope.ts'

const MAX_STATUS_BYTES = 100

/** The kinds that are counted here; what machines did is counted later. */
const COUNTED = Object.values(KINDS).filter((kind) => kind !== KINDS.machines)

/** Events of one contact and campaign without an `iid` to look at, in each direction: more than any contact has. */
const MAX_NEAR = 50

/** Whether the status of an event is an attempt to deliver. */
const isAttempt = (event: string) => `${event}.activityStatus IN ('DELIVERED', 'UNDELIVERED')`
/** The other of the two statuses that are attempts. */
const otherAttempt = (event: string) =>
  `iif(${event}.activityStatus = 'DELIVERED', 'UNDELIVERED', 'DELIVERED')`

/**
 * The events of the same delivery as an event, with one status, before or after it, the nearest first: one look-up in
 * the index. Without an `iid`, a contact's events of one instance of a campaign are one delivery.
 *
 * @param kind soft or hard, to select only such UNDELIVERED events
 */
function ofDelivery(
  event: string,
  side: 'earlier' | 'later',
  status: string,
  kind = `${KINDS.all}`,
): string {
  const [operator, order] = side === 'earlier' ? ['<', 'DESC'] : ['>', 'ASC']
  const isOfKind = `${kind} NOT IN (${KINDS.soft}, ${KINDS.hard})`
  return `
    FROM (
      SELECT near.occurredAt, near.id FROM activity AS near INDEXED BY activity_by_contact
      WHERE near.contactId = ${event}.contactId AND ${deliveryOf('near')} = ${deliveryOf(event)} AND near.activityStatus = ${status}
        AND (near.occurredAt, near.id) ${operator} (${event}.occurredAt, ${event}.id)
      ORDER BY near.occurredAt ${order}, near.id ${order} LIMIT ${MAX_NEAR}
    ) AS found
    WHERE NOT ${isLate('found')} AND ((${event}.iid <> '' AND ${isOfKind}) OR EXISTS (
      SELECT 1 FROM activity AS same
      WHERE same.occurredAt = found.occurredAt AND same.id = found.id
        AND (${isOfKind} OR same.hardBounce = ${kind})
        AND (${event}.iid <> '' OR same.messageInstanceId IS ${event}.messageInstanceId)
    ))`
}

/** Whether the table still has all events of a time's hour, so that its totals can be rebuilt, in SQL. */
export const canRebuild = (time: string) => `
  NOT ${isArchived(time)}
    AND NOT EXISTS (SELECT 1 FROM frozen_hours AS frozen WHERE frozen.hour = ${floorTo(time, HOUR_MS)})`

/** Of the events counted before, the first after an event that counts a contact: it no longer counts one. */
const firstLater = (status: string, kind?: string) => `
  SELECT found.occurredAt, found.id ${ofDelivery('first', 'later', status, kind)}
    AND (found.occurredAt, found.id) NOT IN (SELECT occurredAt, id FROM found)
  ORDER BY found.occurredAt, found.id LIMIT 1`

const COLUMNS = (['events', 'contacts'] as const).flatMap((count) =>
  quartersOf(count).map((name, quarter) => ({ name, count, quarter })),
)

/**
 * Counts events by campaign, hour and kind: a kind is a status, or hard or soft UNDELIVERED. If the first event of a
 * kind comes in after a later one, the contact moves to it; a count never becomes negative, even if the later event was
 * not counted yet.
 *
 * DELIVERED and UNDELIVERED together are attempts: if a delivery has both, the later one is also counted as repeated,
 * which is the difference between the first events of a status and the first attempts. Few deliveries have both, so
 * this writes few rows.
 *
 * @param isRebuild whether the totals were deleted before, so that no contact moves
 */
export function addTotals(scope: Scope, isRebuild = false): string {
  const sums = COLUMNS.map(({ count, quarter }) => `sum(${count} * (quarter = ${quarter}))`)
  const displaced = `
    UNION ALL
    SELECT later.campaign, later.occurredAt, later.activityStatus, first.kind, 0, -1
    FROM (SELECT * FROM counted WHERE contacts = 1) AS first
    CROSS JOIN activity AS later ON (later.occurredAt, later.id) = (
      SELECT occurredAt, id FROM (
        SELECT * FROM (${firstLater('first.activityStatus', 'first.kind')})
        UNION ALL
        SELECT * FROM (${firstLater(otherAttempt('first'))}) WHERE first.kind = ${KINDS.repeated}
      ) ORDER BY occurredAt, id LIMIT 1
    )`
  return `
    WITH found AS MATERIALIZED (
      SELECT event.campaign, event.occurredAt, event.id, event.activityStatus, event.contactId, event.iid,
        event.messageInstanceId, event.hardBounce,
        event.contactId IS NOT NULL
          AND NOT EXISTS (SELECT 1 ${ofDelivery('event', 'earlier', 'event.activityStatus')}) AS isFirst,
        event.contactId IS NOT NULL AND ${isAttempt('event')}
          AND EXISTS (SELECT 1 ${ofDelivery('event', 'earlier', otherAttempt('event'))}) AS isRepeated
      ${scope}
      ${isRebuild ? `AND ${canRebuild('event.occurredAt')}` : ''}
    ),
    counted AS MATERIALIZED (
      SELECT event.*, kind.value AS kind, kind.value <> ${KINDS.repeated} AS events,
        CASE kind.value
          WHEN ${KINDS.all} THEN isFirst
          WHEN ${KINDS.repeated} THEN isFirst AND NOT isRepeated
          ELSE event.contactId IS NOT NULL
            AND NOT EXISTS (SELECT 1 ${ofDelivery('event', 'earlier', 'event.activityStatus', 'kind.value')})
        END AS contacts
      FROM found AS event
      CROSS JOIN json_each('[${COUNTED}]') AS kind
        ON kind.value = ${KINDS.all}
          OR (event.activityStatus = 'UNDELIVERED' AND kind.value = event.hardBounce)
          OR (kind.value = ${KINDS.repeated} AND ${isAttempt('event')})
    ),
    moved AS (
      SELECT campaign, occurredAt, activityStatus, kind, events, contacts FROM counted
      ${isRebuild ? '' : displaced}
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
    INSERT INTO totals (campaign, hour, activityStatus, hardBounce, ${COLUMNS.map(({ name }) => name).join(', ')})
    SELECT campaign, hour, status, kind, ${sums.join(', ')}
    FROM placed
    WHERE contacts >= 0 OR EXISTS (
      SELECT 1 FROM totals
      WHERE totals.campaign = placed.campaign AND totals.hour = placed.hour
        AND totals.activityStatus = placed.status AND totals.hardBounce = placed.kind
    )
    GROUP BY campaign, hour, status, kind
    ON CONFLICT (campaign, hour, activityStatus, hardBounce) DO UPDATE SET
      ${COLUMNS.map(({ name }) => `${name} = max(0, ${name} + excluded.${name})`).join(', ')}`
}
