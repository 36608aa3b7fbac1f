import { MAX_CONTACT_EVENTS } from './contact-counts.ts'
import { ADDRESS } from './suppressions.ts'

const MAX_STOPS = 100 // a sender may make up channels

/** Why a contact is not to be contacted on a channel: the newest event that says so. */
export type Stop = {
  /** Of an UNDELIVERED, it is permanent. */
  activityStatus: 'UNDELIVERED' | 'SPAM' | 'UNSUBSCRIBED'
  mediaType: string | null
  /** The address that bounced, if the event has one; a complaint or an unsubscription is for a whole channel. */
  address: string | null
  statusDescription: string | null
  occurredAt: number
  id: string
}

/**
 * Hard bounces, complaints and unsubscriptions among the newest `MAX_CONTACT_EVENTS` of a contact: the
 * newest of each, by channel, bounces by address too, the newest first.
 *
 * @param contactId decimal digits
 */
export async function listStops(db: D1Database, contactId: string): Promise<Stop[]> {
  // The status is in the index; the events themselves are looked up only where it is one of these. Of a
  // group, SQLite takes the other columns from the row with the greatest occurredAt.
  const { results } = await db
    .prepare(
      `SELECT max(event.occurredAt) AS occurredAt, lower(hex(event.id)) AS id, event.activityStatus, mediaType,
         CASE event.activityStatus WHEN 'UNDELIVERED' THEN ${ADDRESS} END AS address,
         event.statusDescription
       FROM (
         SELECT occurredAt, id, activityStatus FROM activity INDEXED BY activity_by_contact
         WHERE contactId = CAST(? AS INTEGER) LIMIT ${MAX_CONTACT_EVENTS}
       ) AS seen
       CROSS JOIN activity AS event USING (occurredAt, id) CROSS JOIN campaigns USING (campaign)
       WHERE seen.activityStatus IN ('UNDELIVERED', 'SPAM', 'UNSUBSCRIBED')
         AND (event.activityStatus <> 'UNDELIVERED' OR event.hardBounce = 1)
       GROUP BY event.activityStatus, mediaType, address
       ORDER BY occurredAt DESC LIMIT ${MAX_STOPS}`,
    )
    .bind(contactId)
    .all<Stop>()
  return results
}
