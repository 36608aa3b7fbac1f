import { DAY_MS, MINUTE_MS } from '../event/clock.ts'
import { findDelivery, timeOfUuid } from '../db/events/find-delivery.ts'
import { listAt } from '../db/events/select-events.ts'
import type { EventKey, StoredEvent } from '../db/stored-event.ts'
import { listArchived } from './archived.ts'
import type { History } from './history.ts'
import { endOf, newerOf, type Part } from './merge.ts'

const MAX_FOUND = 500

/** Most events of a delivery happen within this time. */
const USUAL_MS = 3 * DAY_MS

/** What a search for a delivery found; `next` is where the following one begins, null if nothing is left to search. */
export type FoundDelivery = {
  /** Decimal digits. */
  contactIds: string[]
  /** Its events without a contact, in no order. */
  nameless: StoredEvent[]
  next: EventKey | null
}

/**
 * Searches for events of a delivery by its `iid` alone: in the database, and if that finds no contact, in the archive.
 *
 * @param after the `next` of the search before
 * @throws what D1 throws, and HttpError if the archive cannot be searched
 */
export async function searchDelivery(
  history: History,
  iid: string,
  after: EventKey | undefined,
): Promise<FoundDelivery> {
  const { db } = history
  const { found, next } = await findDelivery(db, iid, after)
  const stored = await listAt(
    db,
    found.filter(({ contactId }) => contactId === null),
  )
  const known = found.flatMap(({ contactId }) => contactId ?? [])
  if (known.length > 0) return { contactIds: [...new Set(known)], nameless: stored, next }
  const archived = await searchArchive(history, iid, after, next)
  const ofContacts = archived.events.flatMap(({ contactId }) => contactId ?? []).map(String)
  return {
    contactIds: [...new Set(ofContacts)],
    nameless: [...stored, ...archived.events.filter(({ contactId }) => contactId === null)],
    next: newerOf(next, archived.next),
  }
}

/** Searches from the time in an `iid` on, if it has one; then the newest events. @param end of the database's search */
async function searchArchive(
  history: History,
  iid: string,
  after: EventKey | undefined,
  end: EventKey | null,
): Promise<Part> {
  const madeAt = timeOfUuid(iid)
  const parameters = { iid: [iid] }
  if (madeAt !== undefined && !after) {
    const until = madeAt + USUAL_MS
    const filter = { parameters, since: madeAt - MINUTE_MS, until }
    const first = await listArchived(history, { filter, limit: MAX_FOUND, after: undefined }, null)
    if (first && first.events.length > 0) return { events: first.events, next: endOf(until) }
  }
  // With a wrong time zone setting, events are dated up to a day earlier.
  const filter = { parameters, since: madeAt === undefined ? undefined : madeAt - DAY_MS }
  const found = await listArchived(history, { filter, limit: MAX_FOUND, after }, end)
  return found ?? { events: [], next: null }
}
