import type { Responded } from '../../../receiver.ts'
import type { Answer, Reader } from './reader.ts'
import type { Shelved } from './shelf.ts'

// The receiver leaves out of a first page what is dated further ahead.
const MAX_AHEAD_MS = 26 * 3_600_000
const FOREVER = 9_000_000_000_000_000

/** Which events were asked for; times are UTC milliseconds. */
export type Wanted = {
  since?: number
  until?: number
  contactId?: string
  status?: string
  channel?: string
  iid?: string
}

/** The events of a response, newest first, and the IDs between which it has all; null for no end. */
export type Shown = { ids: readonly string[]; after: string | null; next: string | null }

/** Compares a list of events, newest first, with what was stored. @throws Violation */
export function compareList(reader: Reader, wanted: Wanted, shown: Shown, answer: Answer): void {
  const { ids, after, next } = shown
  for (const [index, id] of ids.entries()) {
    compareId(reader, wanted, id, answer)
    const previous = ids[index - 1] ?? after
    if (previous !== null && !isOlder(id, previous))
      reader.fail(answer, `has ${id} after ${previous}`)
  }
  const last = ids.at(-1)
  if (last !== undefined && next !== null && isOlder(last, next)) {
    reader.fail(answer, `has ${last}, and continues before it`)
  }
  const found = new Set(ids)
  const missing = listCandidates(reader, wanted, shown, answer).find(({ id }) => !found.has(id))
  if (missing) {
    reader.fail(
      answer,
      `lacks ${missing.id} of contact ${missing.contactId}, stored at ${missing.storedAt}`,
    )
  }
}

/** The events that have to be in a list. */
function listCandidates(
  reader: Reader,
  wanted: Wanted,
  { after, next }: Shown,
  answer: Answer,
): Shelved[] {
  const { since = -FOREVER, until = answer.began + MAX_AHEAD_MS, contactId } = wanted
  const newest = after === null ? until : Math.min(until, timeOf(after) + 1)
  const oldest = next === null ? since : Math.max(since, timeOf(next))
  const near =
    contactId === undefined
      ? [...reader.shelf.inPeriod(oldest, newest)]
      : reader.shelf.ofContact(contactId)
  return near.filter(
    (each) =>
      each.occurredAt >= oldest &&
      each.occurredAt < newest &&
      (after === null || isOlder(each.id, after)) &&
      (next === null || !isOlder(each.id, next)) &&
      matches(each, wanted) &&
      reader.mustShow(each, answer),
  )
}

/** Compares the ID of an event in a response. */
export function compareId(reader: Reader, wanted: Wanted, id: string, answer: Answer): Shelved {
  const shelved = reader.shelf.get(id)
  if (!shelved) reader.fail(answer, `has ${id}, which was never stored`)
  if (!reader.mayShow(shelved, answer)) {
    const { storedAt, goneAt, contactId } = shelved
    reader.fail(
      answer,
      `has ${id} of contact ${contactId}, stored at ${storedAt}, gone at ${goneAt}`,
    )
  }
  if (!matches(shelved, wanted)) reader.fail(answer, `has ${id}, which was not asked for`)
  return shelved
}

/** Compares the content of events in a response. */
export function compareContent(reader: Reader, events: readonly Responded[], answer: Answer): void {
  for (const event of events) {
    const found = reader.simulation.ledger.find(event)
    if (!found || found !== reader.shelf.get(event.id)?.entry) {
      reader.fail(answer, `has ${event.id} altered: ${JSON.stringify(event).slice(0, 500)}`)
    }
  }
}

function matches(shelved: Shelved, wanted: Wanted): boolean {
  const { since = -FOREVER, until = FOREVER, contactId, status, channel, iid } = wanted
  return (
    shelved.occurredAt >= since &&
    shelved.occurredAt < until &&
    (contactId === undefined || shelved.contactId === contactId) &&
    (status === undefined || shelved.status === status) &&
    (channel === undefined || shelved.channel === channel) &&
    (iid === undefined || shelved.iid === iid)
  )
}

function timeOf(id: string): number {
  return Number(id.slice(0, id.indexOf('.')))
}

/** Whether an event comes after another in a list, newest first. */
export function isOlder(id: string, other: string): boolean {
  const difference = timeOf(id) - timeOf(other)
  return difference < 0 || (difference === 0 && id < other)
}
