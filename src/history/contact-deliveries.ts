import {
  listFirstOfDeliveries,
  listOfDeliveries,
  type NotableEvent,
} from '../db/events/contact-events.ts'
import { compareNewestFirst, type EventKey } from '../db/stored-event.ts'
import { deliveryOf, findOfContact, toNotableEvent, uniqueEvents } from './contact-record.ts'
import type { History } from './history.ts'
import { newerOf } from './merge.ts'

/** A page of the deliveries to a contact. */
export type DeliveryPage = {
  /** The events of each, oldest first; the delivery that began last is first. */
  deliveries: NotableEvent[][]
  /** Where the next page begins; null on the last one. A page may be short and have a next one. */
  next: EventKey | null
  /** Whether some of the events are from the archive. */
  isArchived: boolean
}

/**
 * The deliveries to a contact, newest first, with their events of the database and the archive.
 *
 * @param contactId decimal digits
 * @param after the `next` of the page before
 * @throws what D1 throws, and HttpError if the archive cannot be read
 */
export async function listDeliveries(
  history: History,
  contactId: string,
  after: EventKey | undefined,
  limit: number,
): Promise<DeliveryPage> {
  const { db } = history
  // First: an event that is moved meanwhile is in the archive before it leaves the database.
  const stored = await listFirstOfDeliveries(db, contactId, after, limit + 1)
  const archived = await readArchived(history, contactId, after)
  const groups = Map.groupBy(archived.events, deliveryOf)
  // A delivery has one place: that of its first archived event, if it has any.
  const begun = new Map(stored.map((event) => [deliveryOf(event), event]))
  for (const [delivery, events] of groups) {
    const first = events.at(-1)
    if (first) begun.set(delivery, first)
  }
  const full = stored[limit] ?? null
  const end = newerOf(full, archived.next)
  const starts = [...begun.values()]
    .filter((start) => !after || compareNewestFirst(start, after) > 0)
    .filter((start) => !end || compareNewestFirst(start, end) <= 0)
    .sort(compareNewestFirst)
  const chosen = starts.slice(0, limit)
  const last = starts.length > limit ? chosen.at(-1) : end
  const events = await listOfDeliveries(db, contactId, chosen)
  const own = Map.groupBy(events, deliveryOf)
  return {
    deliveries: chosen.map((start) => {
      const delivery = deliveryOf(start)
      const all = [...(own.get(delivery) ?? []), ...(groups.get(delivery) ?? [])]
      return uniqueEvents(all).reverse()
    }),
    next: last ? { occurredAt: last.occurredAt, id: last.id } : null,
    isArchived: archived.events.length > 0,
  }
}

/** Archived events, newest first, complete up to `next`; null if there is nothing older. */
type Archived = { events: NotableEvent[]; next: EventKey | null }

/**
 * The archived events of a contact: also those after the page before, as an older message may be read later, unless there
 * are too many.
 */
async function readArchived(
  history: History,
  contactId: string,
  after: EventKey | undefined,
): Promise<Archived> {
  let scanned = await findOfContact(history, contactId)
  const isTooFar = after && scanned?.next && compareNewestFirst(scanned.next, after) <= 0
  if (isTooFar) scanned = await findOfContact(history, contactId, after)
  return { events: (scanned?.matches ?? []).map(toNotableEvent), next: scanned?.next ?? null }
}
