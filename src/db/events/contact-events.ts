import { valueOf } from '../columns.ts'
import { findSubjectOf } from '../derived/suppressed-subject.ts'
import type { EventKey, StoredEvent } from '../stored-event.ts'
import { listAt } from './select-events.ts'

/** The number of events to read: a contact with more is not a person. */
export const MAX_CONTACT_EVENTS = 10_000

const MAX_BLOCKS = 100 // a sender may make up channels
/** The number of events that are read to find blocks. */
export const MAX_SCANNED_BLOCKS = 200

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

/** Why a contact should not be contacted on a channel: the newest event of its kind. */
export type Block = {
  /** UNDELIVERED means a hard bounce. */
  activityStatus: 'UNDELIVERED' | 'SPAM' | 'UNSUBSCRIBED'
  mediaType: string | null
  /** The address that bounced, if the event has one; a complaint or an unsubscription is for a whole channel. */
  address: string | null
  statusDescription: string | null
  occurredAt: number
  id: string
}

/**
 * The newest hard bounce, complaint and unsubscription on each channel (for bounces, of each address), among
 * `MAX_CONTACT_EVENTS` of a contact; newest first.
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
       ORDER BY occurredAt DESC LIMIT ${MAX_SCANNED_BLOCKS}`,
    )
    .bind(contactId)
    .all<EventKey>()
  return chooseBlocks((await listAt(db, results)).map(toBlock))
}

/** The newest block of each kind, on each channel and of each address; newest first. */
export function chooseBlocks(blocks: readonly Block[]): Block[] {
  const newest = new Map<string, Block>()
  for (const block of blocks) {
    const kind = JSON.stringify([block.activityStatus, block.mediaType, block.address])
    const before = newest.get(kind)
    if (!before || before.occurredAt < block.occurredAt) newest.set(kind, block)
  }
  return [...newest.values()].sort((a, b) => b.occurredAt - a.occurredAt).slice(0, MAX_BLOCKS)
}

/** The block that a hard bounce, complaint or unsubscription is. */
export function toBlock(event: StoredEvent): Block {
  const { occurredAt, id, mediaType, statusDescription } = event
  const activityStatus = event.activityStatus as Block['activityStatus'] // as callers select events
  const [, , address] = activityStatus === 'UNDELIVERED' ? findSubjectOf(event) : []
  return {
    activityStatus,
    occurredAt,
    id,
    address: address ?? null,
    mediaType: mediaType === null ? null : String(mediaType),
    statusDescription: statusDescription === null ? null : String(statusDescription),
  }
}
