import {
  countContactEvents,
  kindOf,
  listContactKeys,
  listNotable,
  listOfDeliveries,
  MAX_CONTACT_EVENTS,
  MAX_NOTABLE,
  NOTABLE_COLUMNS,
  NOTABLE_OF_KIND,
  type NotableEvent,
  type StatusCount,
} from '../db/events/contact-events.ts'
import { compareNewestFirst, keyText, type EventKey } from '../db/stored-event.ts'
import { findArchived } from './archived.ts'
import type { History } from './history.ts'
import type { Match } from './scan.ts'

/** An event, with the time of the first of its kind: UTC milliseconds. */
export type Notable = NotableEvent & { firstAt: number }

/** What a contact's events add up to. */
export type ContactRecord = {
  /** The most frequent status first. */
  counts: StatusCount[]
  /** The newest events of each channel and status, newest first. */
  notable: Notable[]
  /** The events of the last message on each channel, oldest first. */
  last: ReadonlyMap<string | null, NotableEvent[]>
  /** Whether all events are included. */
  complete: boolean
  /** If not, those from this time on are, in UTC milliseconds; null if it is any `MAX_CONTACT_EVENTS`. */
  since: number | null
}

/**
 * Reads what tells whether a contact may be contacted, and what became of the last messages.
 *
 * @param contactId decimal digits
 * @throws what D1 throws, and HttpError if the archive cannot be read
 */
export async function readContact(history: History, contactId: string): Promise<ContactRecord> {
  const { db } = history
  // First: an event that is moved meanwhile is in the archive before it leaves the database.
  const [stored, notable] = await Promise.all([
    countContactEvents(db, contactId),
    listNotable(db, contactId),
  ])
  const isComplete = stored.reduce((sum, each) => sum + each.events, 0) < MAX_CONTACT_EVENTS
  const archived = isComplete ? await findOfContact(history, contactId) : undefined
  const matches = archived?.matches ?? []
  const events = matches.map(toNotableEvent)
  const all = mergeNotable(notable, events)
  const [counts, last] = await Promise.all([
    addCounts(db, contactId, stored, matches),
    readLast(db, contactId, all, events),
  ])
  return {
    counts,
    notable: all,
    last,
    complete: isComplete && !archived?.next,
    since: archived?.next?.occurredAt ?? null,
  }
}

/** The archived events of a contact, with the columns that tell what became of a message. @param after only older ones */
export function findOfContact(history: History, contactId: string, after?: EventKey) {
  const filter = { parameters: { contactId: [contactId] } }
  const query = { filter, limit: MAX_CONTACT_EVENTS, after }
  return findArchived(history, query, null, NOTABLE_COLUMNS)
}

/** An archived event. */
export function toNotableEvent({ occurredAt, id, cells }: Match): NotableEvent {
  const columns = NOTABLE_COLUMNS.map((name) => [name, cells[name] ?? null])
  // One reasoned cast: all columns, of which the file's types were checked.
  return { occurredAt, id, ...Object.fromEntries(columns) } as NotableEvent
}

/** Counts with archived events, each once. */
async function addCounts(
  db: D1Database,
  contactId: string,
  stored: readonly StatusCount[],
  matches: readonly Match[],
): Promise<StatusCount[]> {
  const [newest] = matches
  const overlap = newest ? await listContactKeys(db, contactId, newest.occurredAt) : []
  const isCounted = new Set(overlap.map(keyText))
  const counts = new Map(stored.map((each) => [each.activityStatus, each.events]))
  for (const match of matches) {
    const status = String(match.cells['activityStatus'])
    if (!isCounted.has(keyText(match))) counts.set(status, (counts.get(status) ?? 0) + 1)
  }
  return [...counts]
    .map(([activityStatus, events]) => ({ activityStatus, events }))
    .sort((a, b) => b.events - a.events || (a.activityStatus < b.activityStatus ? -1 : 1))
}

/** The newest events of each kind, from the database and the archive. */
function mergeNotable(
  stored: readonly NotableEvent[],
  archived: readonly NotableEvent[],
): Notable[] {
  const kinds = Map.groupBy(uniqueEvents([...stored, ...archived]), kindOf)
  const notable = [...kinds.values()].flatMap((events) => {
    const firstAt = events.at(-1)?.occurredAt ?? 0
    return events.slice(0, NOTABLE_OF_KIND).map((event) => ({ ...event, firstAt }))
  })
  return notable.sort(compareNewestFirst).slice(0, MAX_NOTABLE)
}

/** Events, newest first, each once. */
export function uniqueEvents<Event extends EventKey>(events: readonly Event[]): Event[] {
  const unique = new Map(events.map((event) => [keyText(event), event]))
  return [...unique.values()].sort(compareNewestFirst)
}

/** The statuses of a message's events. Which message was the last, the first ones tell: an old one may be read later. */
const SENDING: readonly unknown[] = ['SENT', 'DELIVERED', 'UNDELIVERED']
const ABOUT_MESSAGE: readonly unknown[] = [...SENDING, 'READ', 'CLICKED', 'SPAM', 'UNSUBSCRIBED']

/** The events of the last message on each channel. */
async function readLast(
  db: D1Database,
  contactId: string,
  notable: readonly Notable[],
  archived: readonly NotableEvent[],
): Promise<Map<string | null, NotableEvent[]>> {
  const channels = [...Map.groupBy(notable, channelOf).values()]
  const newest = channels.flatMap(
    (events) =>
      events.find(({ activityStatus }) => SENDING.includes(activityStatus)) ??
      events.find(({ activityStatus }) => ABOUT_MESSAGE.includes(activityStatus)) ??
      [],
  )
  const deliveries = new Set(newest.map(deliveryOf))
  const stored = await listOfDeliveries(db, contactId, newest)
  const events = [...stored, ...archived].filter((event) => deliveries.has(deliveryOf(event)))
  return Map.groupBy(uniqueEvents(events).reverse(), channelOf)
}

/** The channel of an event, in its one spelling. */
export function channelOf({ mediaType }: NotableEvent): string | null {
  return mediaType === null ? null : String(mediaType)
}

/** The delivery of an event: its `iid`, or without one its message. */
export function deliveryOf(event: NotableEvent): string {
  const { iid, mediaType, messageId, messageName, broadcastId, workflowId } = event
  const message = [messageId, messageName, broadcastId, workflowId]
  return JSON.stringify([mediaType, ...(iid === null || iid === '' ? message : [iid])])
}
