import type { Content } from '../db/archive/files.ts'
import type { EventKey, StoredEvent } from '../db/stored-event.ts'

type Ordered = EventKey & Pick<StoredEvent, 'contactId'>

/** The order of a file's rows: those without a contact, then by contact; each in ascending order of time and ID. */
export function compareByContact(a: Ordered, b: Ordered): number {
  return compareContacts(a.contactId, b.contactId) || compareOldestFirst(a, b)
}

/** Null first; integers beyond 2^53 come as text. */
function compareContacts(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0
  if (a === null || b === null) return a === null ? -1 : 1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return BigInt(a) < BigInt(b) ? -1 : Number(BigInt(a) > BigInt(b))
}

export function compareOldestFirst(a: EventKey, b: EventKey): number {
  return a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : Number(a.id > b.id))
}

/** What a file of some rows contains. @param rows in the order of `compareByContact` */
export function describeContent(rows: readonly Ordered[], bytes: number): Content {
  let [firstAt, lastAt, withoutContact] = [Infinity, -Infinity, 0]
  for (const { occurredAt, contactId } of rows) {
    firstAt = Math.min(firstAt, occurredAt)
    lastAt = Math.max(lastAt, occurredAt)
    if (contactId === null) withoutContact++
  }
  const events = rows.length
  return {
    events,
    bytes,
    firstAt: events > 0 ? firstAt : null,
    lastAt: events > 0 ? lastAt : null,
    minContact: toDigits(rows[withoutContact]?.contactId),
    maxContact: toDigits(rows.at(-1)?.contactId),
    withoutContact,
  }
}

function toDigits(contactId: string | number | null | undefined): string | null {
  return contactId === null || contactId === undefined ? null : String(contactId)
}
