import { valueOf } from '../columns.ts'
import { MAX_CONTACT_EVENTS } from './contact-counts.ts'
import { listAt } from './list.ts'
import type { Position, StoredActivity } from '../stored-activity.ts'
import { findSubjectOf } from '../derived/suppressed-subject.ts'

const MAX_BLOCKS = 100 // a sender may make up channels
const MAX_SCANNED = 200

/** Why a contact is not to be contacted on a channel: the newest event that says so. */
export type Block = {
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
 * Hard bounces, complaints and unsubscriptions among `MAX_CONTACT_EVENTS` of a contact: the newest of each, by channel,
 * bounces by address too, the newest first.
 *
 * @param contactId decimal digits
 */
export async function listBlocks(db: D1Database, contactId: string): Promise<Block[]> {
  const { results } = await db
    .prepare(
      `SELECT occurredAt, ${valueOf('id')} AS id FROM (
         SELECT occurredAt, id, activityStatus FROM activity INDEXED BY activity_by_contact
         WHERE contactId = CAST(? AS INTEGER) LIMIT ${MAX_CONTACT_EVENTS}
       ) AS seen
       CROSS JOIN activity AS event USING (occurredAt, id)
       WHERE seen.activityStatus IN ('UNDELIVERED', 'SPAM', 'UNSUBSCRIBED')
         AND (seen.activityStatus <> 'UNDELIVERED' OR event.hardBounce = 1)
       ORDER BY occurredAt DESC LIMIT ${MAX_SCANNED}`,
    )
    .bind(contactId)
    .all<Position>()
  const newest = new Map<string, Block>()
  for (const activity of await listAt(db, results)) {
    const stop = toBlock(activity)
    const kind = JSON.stringify([stop.activityStatus, stop.mediaType, stop.address])
    const before = newest.get(kind)
    if (!before || before.occurredAt < stop.occurredAt) newest.set(kind, stop)
  }
  return [...newest.values()].sort((a, b) => b.occurredAt - a.occurredAt).slice(0, MAX_BLOCKS)
}

function toBlock(activity: StoredActivity): Block {
  const { occurredAt, id, mediaType, statusDescription } = activity
  const activityStatus = activity.activityStatus as Block['activityStatus'] // as it was asked for
  const [, , address] = activityStatus === 'UNDELIVERED' ? findSubjectOf(activity) : []
  return {
    activityStatus,
    occurredAt,
    id,
    address: address ?? null,
    mediaType: mediaType === null ? null : String(mediaType),
    statusDescription: statusDescription === null ? null : String(statusDescription),
  }
}
