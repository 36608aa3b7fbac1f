import { deliveryOf, everyDigit, INTEGERS, quote, valueOf } from '../columns.ts'
import type { EventKey, StoredEvent } from '../stored-event.ts'
import { packUuid } from '../write/stored-row.ts'

/** The number of events to read: a contact with more is not a person. */
export const MAX_CONTACT_EVENTS = 10_000

/** The number of events of a kind that are notable: the newest ones. */
export const NOTABLE_OF_KIND = 20
/** The number of notable events of a contact: a sender may make up channels. */
export const MAX_NOTABLE = 1_000
/** The number of events of the last deliveries of a contact. */
const MAX_OF_DELIVERIES = 5_000
const MAX_TEXT = 2_000 // characters

/** The number of a contact's events that have a status. */
export type StatusCount = { activityStatus: string; events: number }

/** How many events of each status a contact has. @param contactId decimal digits */
export async function countContactEvents(
  db: D1Database,
  contactId: string,
): Promise<StatusCount[]> {
  const { results } = await db
    .prepare(
      `SELECT activityStatus, count(*) AS events FROM (
         SELECT activityStatus FROM activity INDEXED BY activity_by_contact
         WHERE contactId = CAST(? AS INTEGER) LIMIT ${MAX_CONTACT_EVENTS}
       ) GROUP BY activityStatus ORDER BY events DESC, activityStatus`,
    )
    .bind(contactId)
    .all<StatusCount>()
  return results
}

/** The keys of a contact's events up to a time. @param contactId decimal digits */
export async function listContactKeys(
  db: D1Database,
  contactId: string,
  until: number,
): Promise<EventKey[]> {
  const { results } = await db
    .prepare(
      `SELECT occurredAt, ${valueOf('id')} AS id FROM activity INDEXED BY activity_by_contact
       WHERE contactId = CAST(? AS INTEGER) AND occurredAt <= ? LIMIT ${MAX_CONTACT_EVENTS}`,
    )
    .bind(contactId, until)
    .all<EventKey>()
  return results
}

/** Whether a contact has any event. @param contactId decimal digits */
export async function hasContactEvents(db: D1Database, contactId: string): Promise<boolean> {
  const sql = `
    SELECT 1 FROM activity INDEXED BY activity_by_contact WHERE contactId = CAST(? AS INTEGER) LIMIT 1`
  return (await db.prepare(sql).bind(contactId).first()) !== null
}

/** The columns that tell what became of a message. */
export const NOTABLE_COLUMNS = [
  'activityStatus',
  'hardBounce',
  'mediaType',
  'iid',
  'messageId',
  'messageName',
  'broadcastId',
  'workflowId',
  'clickEventLink',
  'statusDescription',
  'email',
  'sms',
  'webpush',
  'mobilepush',
] as const satisfies readonly (keyof StoredEvent)[]

/** An event of a contact, with the columns that tell what became of a message. Long texts are cut. */
export type NotableEvent = EventKey & Pick<StoredEvent, (typeof NOTABLE_COLUMNS)[number]>

const SELECTED = NOTABLE_COLUMNS.map((name) => {
  if (INTEGERS.has(name)) return everyDigit(name)
  if (name === 'iid' || name === 'hardBounce') return `${valueOf(name)} AS ${quote(name)}`
  return `substr(${quote(name)}, 1, ${MAX_TEXT}) AS ${quote(name)}`
})
  .concat('occurredAt', `${valueOf('id')} AS id`)
  .join(', ')

/** Events of the same channel, status and kind of bounce, and of the same address if that matters. */
const KIND = `mediaType, activityStatus, hardBounce, CASE WHEN hardBounce = 1 OR activityStatus = 'DELIVERED'
  THEN json_array(email, sms, webpush, mobilepush) END`

const IS_BLOCKING = `(activityStatus IN ('SPAM', 'UNSUBSCRIBED') OR activityStatus = 'UNDELIVERED' AND hardBounce = 1)`

/** The kind of an event as text, by the same rule. */
export function kindOf(event: Omit<NotableEvent, keyof EventKey>): string {
  const { mediaType, activityStatus, hardBounce, email, sms, webpush, mobilepush } = event
  const hasAddress = hardBounce === 1 || activityStatus === 'DELIVERED'
  const addresses = hasAddress ? [email, sms, webpush, mobilepush] : null
  return JSON.stringify([mediaType, activityStatus, hardBounce, addresses])
}

/**
 * The newest events of each kind and the first one, among `MAX_CONTACT_EVENTS` of a contact; those that block contact first.
 *
 * @param contactId decimal digits
 */
export async function listNotable(db: D1Database, contactId: string): Promise<NotableEvent[]> {
  const { results } = await db
    .prepare(
      `WITH seen AS (
         SELECT occurredAt, id FROM activity INDEXED BY activity_by_contact
         WHERE contactId = CAST(? AS INTEGER) LIMIT ${MAX_CONTACT_EVENTS}
       ), ranked AS (
         SELECT occurredAt, activity.id, row_number() OVER kind AS place, lead(1) OVER kind IS NULL AS isFirst
         FROM seen CROSS JOIN activity USING (occurredAt, id) CROSS JOIN campaigns USING (campaign)
         WINDOW kind AS (PARTITION BY ${KIND} ORDER BY occurredAt DESC, activity.id DESC)
       )
       SELECT ${SELECTED}
       FROM (SELECT * FROM ranked WHERE place <= ${NOTABLE_OF_KIND} OR isFirst) AS chosen
       CROSS JOIN activity USING (occurredAt, id) CROSS JOIN campaigns USING (campaign)
       ORDER BY ${IS_BLOCKING} DESC, occurredAt DESC LIMIT ${MAX_NOTABLE}`,
    )
    .bind(contactId)
    .all<NotableEvent>()
  return results
}

/**
 * The first events of the deliveries to a contact, newest first.
 *
 * @param contactId decimal digits
 * @param after only older ones
 */
export async function listFirstOfDeliveries(
  db: D1Database,
  contactId: string,
  after: EventKey | undefined,
  limit: number,
): Promise<NotableEvent[]> {
  const { results } = await db
    .prepare(
      `WITH seen AS (
         SELECT occurredAt, id, ${deliveryOf('activity')} AS delivery FROM activity INDEXED BY activity_by_contact
         WHERE contactId = CAST(?1 AS INTEGER) LIMIT ${MAX_CONTACT_EVENTS}
       ), started AS (
         SELECT min(occurredAt) AS occurredAt, id FROM seen GROUP BY delivery -- the id is of the same row
       ), chosen AS (
         SELECT occurredAt, id FROM started WHERE ?2 IS NULL OR (occurredAt, id) < (?2, unhex(?3))
         ORDER BY occurredAt DESC, id DESC LIMIT ${limit}
       )
       SELECT ${SELECTED} FROM chosen CROSS JOIN activity USING (occurredAt, id) CROSS JOIN campaigns USING (campaign)
       ORDER BY occurredAt DESC, activity.id DESC`,
    )
    .bind(contactId, after?.occurredAt ?? null, after?.id ?? null)
    .all<NotableEvent>()
  return results
}

/** The newest events of some deliveries to a contact. @param events one of each delivery, archived or not */
export async function listOfDeliveries(
  db: D1Database,
  contactId: string,
  events: readonly NotableEvent[],
): Promise<NotableEvent[]> {
  if (events.length === 0) return []
  const deliveries = events.map(({ iid, occurredAt, id }) => {
    const text = iid === null || iid === '' ? null : String(iid)
    const packed = text === null ? undefined : packUuid(text)
    return packed === undefined ? [null, text, occurredAt, id] : [packed, null, occurredAt, id]
  })
  const { results } = await db
    .prepare(
      `WITH delivery AS (
         SELECT DISTINCT coalesce(unhex(value ->> 0), value ->> 1, (
           SELECT campaign FROM activity WHERE occurredAt = value ->> 2 AND id = unhex(value ->> 3)
         )) AS delivery
         FROM json_each(?2)
       )
       SELECT ${SELECTED} FROM delivery CROSS JOIN activity INDEXED BY activity_by_contact
         ON contactId = CAST(?1 AS INTEGER) AND ${deliveryOf('activity')} = delivery
       CROSS JOIN campaigns USING (campaign)
       ORDER BY occurredAt DESC, activity.id DESC LIMIT ${MAX_OF_DELIVERIES}`,
    )
    .bind(contactId, JSON.stringify(deliveries))
    .all<NotableEvent>()
  return results
}
