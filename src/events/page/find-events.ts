import type { Filter } from '../../db/events/filter.ts'
import { BEGINNINGS } from '../../db/events/select-events.ts'
import type { EventKey, StoredEvent } from '../../db/stored-event.ts'
import type { History } from '../../history/history.ts'
import { listHistory } from '../../history/list.ts'

/** A condition that SQL cannot express. */
export type Sieve = (event: StoredEvent) => boolean

/** The events of a page, newest first. */
export type Found = {
  events: StoredEvent[]
  /** The cursor of the next page; null on the last page. */
  next: EventKey | null
  /** Whether each search scans many rows. */
  isSlow: boolean
  /** Whether some of the events are from the archive. */
  isArchived: boolean
}

/** Events of one page. */
export const EVENTS_PER_PAGE = 50

const TIME_LIMIT_MS = 300
const SIFTED_AT_ONCE = 500

/** How much to search for a reader; `budget` is rows. */
const FOR_READERS = { maxScans: 10, budget: 4_000 }

/** The same for a list that renews itself, thousands of times a day. Rows are read twice if few match. */
export const FOR_POLLS = { maxScans: 1, budget: 500 }

/**
 * The events of a page. If few match, the search ends before a reader would lose patience: the page is then short, and
 * `next` continues.
 *
 * @param after the `next` of the previous page
 */
export async function findEvents(
  history: History,
  filter: Filter,
  sieve: Sieve | undefined,
  after: EventKey | undefined,
  { maxScans, budget } = FOR_READERS,
): Promise<Found> {
  const end = Date.now() + TIME_LIMIT_MS
  const events: StoredEvent[] = []
  let next: EventKey | null = after ?? null
  let [scans, spent] = [0, 0]
  let [isScan, isArchived] = [false, false]
  do {
    const room = EVENTS_PER_PAGE - events.length
    const limit = sieve ? SIFTED_AT_ONCE : room
    const reading = { budget: budget - spent, columns: BEGINNINGS }
    const page = await listHistory(history, filter, limit, next ?? undefined, reading)
    spent += page.spent
    isScan ||= page.isScan
    isArchived = page.isArchived
    const matches = sieve ? page.events.filter(sieve) : page.events
    events.push(...matches.slice(0, room))
    const last = matches.length > room ? matches[room - 1] : page.next
    next = last ? { occurredAt: last.occurredAt, id: last.id } : null
    scans++
  } while (
    next &&
    events.length < EVENTS_PER_PAGE &&
    scans < maxScans &&
    !isArchived &&
    spent < budget / 2 &&
    Date.now() < end
  )
  return { events, next, isSlow: isScan || scans > 1, isArchived }
}
