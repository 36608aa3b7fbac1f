import { findEvent } from '../db/events/select-events.ts'
import type { EventKey, StoredEvent } from '../db/stored-event.ts'
import { listArchived } from './archived.ts'
import type { History } from './history.ts'

/**
 * An event, from the database or the archive; null if none has this key.
 *
 * @param contactId decimal digits: with it, an archived event is found with a few requests; without it, all events of
 * its time are searched
 * @throws what D1 throws, and HttpError if the archive cannot be searched
 */
export async function findInHistory(
  history: History,
  { occurredAt, id }: EventKey,
  contactId: string | undefined,
): Promise<StoredEvent | null> {
  const stored = await findEvent(history.db, { occurredAt, id })
  if (stored) return stored
  const parameters = contactId === undefined ? {} : { contactId: [contactId] }
  const filter = { parameters, since: occurredAt, until: occurredAt + 1 }
  const found = await listArchived(history, { filter, limit: 1, after: undefined, id }, null)
  return found?.events[0] ?? null
}
