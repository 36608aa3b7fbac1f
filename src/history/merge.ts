import { compareNewestFirst, keyText, type EventKey, type StoredEvent } from '../db/stored-event.ts'

/**
 * A part of a page, from one of the places that have events: newest first, and complete up to and including `next`;
 * null if there is nothing older.
 */
export type Part = { events: StoredEvent[]; next: EventKey | null }

const FIRST_ID = '0'.repeat(32)

/** The cursor after all events from a time on. @param time UTC milliseconds */
export function endOf(time: number): EventKey {
  return { occurredAt: time, id: FIRST_ID }
}

/** The last moment at which an event can be older than a cursor: UTC milliseconds. */
export function lastBefore({ occurredAt, id }: EventKey): number {
  return id === FIRST_ID ? occurredAt - 1 : occurredAt
}

/** The newer of two cursors: up to it, both parts are complete. */
export function newerOf(one: EventKey | null, other: EventKey | null): EventKey | null {
  if (!one || !other) return one ?? other
  return compareNewestFirst(one, other) <= 0 ? one : other
}

/** Merges parts up to the point at which both are complete; an event that is in both appears once. */
export function mergeParts(one: Part, other: Part, limit: number): Part {
  const end = newerOf(one.next, other.next)
  const found = new Map<string, StoredEvent>()
  for (const event of [...one.events, ...other.events]) {
    const isComplete = !end || compareNewestFirst(event, end) <= 0
    if (isComplete && !found.has(keyText(event))) found.set(keyText(event), event)
  }
  const events = [...found.values()].sort(compareNewestFirst)
  const last = events.length > limit ? events[limit - 1] : undefined
  return {
    events: events.slice(0, limit),
    next: last ? { occurredAt: last.occurredAt, id: last.id } : end,
  }
}
