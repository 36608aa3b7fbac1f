import { HOUR_MS } from '../../event/clock.ts'
import { deliveryOf, everyDigit, valueOf } from '../columns.ts'
import { isLate } from '../write/late-arrivals.ts'
import { encodeKeys, MAX_TIME, type EventKey } from '../stored-event.ts'
import type { RollupEvent } from './roll-up.ts'

/** Events to count, and with them all other events of their deliveries, oldest first. */
export type Slice = {
  events: RollupEvent[]
  /** The last event to count, if there may be more; otherwise undefined. */
  last: EventKey | undefined
}

const MAX_LINK = 2_000 // characters; no more distinguish links
const MAX_DESCRIPTION = 600

/** Other events per event to count: a delivery with more was not made by people. */
const MAX_OTHERS = 8

const isCounted = (value: string) => `CASE WHEN isCounted THEN ${value} END`

const EVENT_COLUMNS = [
  'number AS delivery',
  'isCounted',
  'occurredAt',
  'activityStatus',
  `CASE WHEN iid IS NULL OR iid = '' THEN messageInstanceId END AS instance`,
  `CASE WHEN activityStatus = 'CLICKED' THEN substr(clickEventLink, 1, ${MAX_LINK}) END AS clickEventLink`,
  'hardBounce',
  `${isCounted('campaign')} AS campaign`,
  `${isCounted('mediaType')} AS mediaType`,
  everyDigit('contactId'),
  `${isCounted('substr(email, -320)')} AS email`,
  `CASE WHEN isCounted AND activityStatus = 'UNDELIVERED' THEN substr(statusDescription, 1, ${MAX_DESCRIPTION}) END AS description`,
  `CASE WHEN isCounted AND activityStatus IN ('SENT', 'DELIVERED') AND workflowId IS NOT NULL THEN ${valueOf('workflowInstanceId')} END AS launch`,
]

/** @param slice a query for the events to count: occurredAt, id, contactId and delivery */
function selectSlice(slice: string, limit: number): string {
  return `
    WITH slice AS MATERIALIZED (${slice}),
    deliveries AS MATERIALIZED (
      SELECT contactId, delivery, row_number() OVER (ORDER BY contactId, delivery) AS number
      FROM slice WHERE contactId IS NOT NULL GROUP BY contactId, delivery
    ),
    chosen AS MATERIALIZED (
      SELECT slice.occurredAt, slice.id, number, 1 AS isCounted
      FROM slice LEFT JOIN deliveries USING (contactId, delivery)
      UNION ALL
      SELECT * FROM (
        SELECT near.occurredAt, near.id, number, 0 AS isCounted
        FROM deliveries
        CROSS JOIN activity AS near INDEXED BY activity_by_contact
          ON near.contactId = deliveries.contactId AND ${deliveryOf('near')} = deliveries.delivery
        LEFT JOIN slice ON slice.occurredAt = near.occurredAt AND slice.id = near.id
        WHERE slice.id IS NULL AND NOT ${isLate('near')}
        LIMIT ${MAX_OTHERS * limit}
      )
    )
    SELECT ${EVENT_COLUMNS.join(', ')}
    FROM chosen CROSS JOIN activity USING (occurredAt, id) CROSS JOIN campaigns USING (campaign)
    ORDER BY occurredAt, activity.id`
}

const OF_EVENT = `activity.occurredAt, activity.id, contactId, ${deliveryOf('activity')} AS delivery`

/**
 * Reads the next events of some hours, in their order, and the deliveries of the events.
 *
 * @param hours their beginnings: UTC milliseconds
 * @param after the last event of the slice before, if it was a part of the only hour
 */
export async function readSlice(
  db: D1Database,
  hours: readonly number[],
  after: EventKey | undefined,
  limit: number,
): Promise<Slice> {
  // In this order SQLite reads hour by hour, and stops at the limit.
  const range = `
    FROM json_each(?1) AS input CROSS JOIN activity
    WHERE occurredAt >= max(input.value, ?2) AND occurredAt < input.value + ${HOUR_MS}
      AND (occurredAt > ?2 OR activity.id > unhex(?3))
      AND NOT ${isLate('activity')} LIMIT`
  const slice = `SELECT ${OF_EVENT} ${range} ${limit}`
  const end = `SELECT occurredAt, lower(hex(activity.id)) AS id ${range} 1 OFFSET ${limit - 1}`
  const values = [JSON.stringify(hours), after?.occurredAt ?? -MAX_TIME, after?.id ?? '']
  const [found, last] = await db.batch([
    db.prepare(selectSlice(slice, limit)).bind(...values),
    db.prepare(end).bind(...values),
  ])
  return {
    // Two reasoned casts: the statements select these columns.
    events: (found?.results ?? []) as RollupEvent[],
    last: last?.results[0] as EventKey | undefined,
  }
}

/** Reads some stored events, and their deliveries. */
export async function readSliceAt(
  db: D1Database,
  keys: readonly EventKey[],
): Promise<RollupEvent[]> {
  const slice = `
    SELECT ${OF_EVENT} FROM json_each(?1) AS input CROSS JOIN activity
      ON activity.occurredAt = input.value ->> 0 AND activity.id = unhex(input.value ->> 1)`
  const { results } = await db
    .prepare(selectSlice(slice, keys.length))
    .bind(encodeKeys(keys))
    .all<RollupEvent>()
  return results
}
