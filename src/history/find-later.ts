import { isAfterErasure, type EventKey, type StoredEvent } from '../db/stored-event.ts'
import { findArchived } from './archived.ts'
import type { History } from './history.ts'

const COLUMNS = ['contactId', 'receivedAt'] as const satisfies readonly (keyof StoredEvent)[]

const EVENTS_A_SCAN = 500
/** A contact with many events may take several; each takes a statement. */
const MAX_PASSES = 8

/**
 * Contacts with an event after their erasure, and where to continue the search for the others; null if it is complete.
 */
export type Later = { later: ReadonlySet<string>; next: EventKey | null }

/**
 * Finds contacts with an archived event that happened and came in after their erasure: all of them in one pass over the
 * files, as far as the work of a request goes.
 *
 * @param erased by contact, in decimal digits: UTC milliseconds
 * @param after the `next` of the search before, of the same contacts
 * @throws what D1 throws, and HttpError 503 `archive_unavailable` if a file cannot be read
 */
export async function findLater(
  history: History,
  erased: ReadonlyMap<string, number>,
  after: EventKey | undefined,
): Promise<Later> {
  const later = new Set<string>()
  let next: EventKey | null | undefined = after
  for (let passes = 0; later.size < erased.size && next !== null; passes++) {
    if (passes === MAX_PASSES || (passes > 0 && history.work.isSpent)) break
    const left = [...erased].filter(([contactId]) => !later.has(contactId))
    const filter = {
      since: Math.min(...left.map(([, erasedAt]) => erasedAt)) + 1,
      parameters: { contactId: left.map(([contactId]) => contactId) },
    }
    const query = { filter, limit: EVENTS_A_SCAN, after: next }
    const scanned = await findArchived(history, query, null, COLUMNS)
    for (const { occurredAt, cells } of scanned?.matches ?? []) {
      const contactId = String(cells['contactId'])
      const event = { occurredAt, receivedAt: Number(cells['receivedAt']) }
      if (isAfterErasure(event, erased.get(contactId) ?? Infinity)) later.add(contactId)
    }
    next = scanned?.next ?? null
  }
  return { later, next: later.size < erased.size ? (next ?? null) : null }
}
