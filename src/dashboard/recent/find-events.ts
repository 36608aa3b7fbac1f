import type { Filter } from '../../store/filter.ts'
import { listActivities, type Position, type StoredActivity } from '../../store/list.ts'

/** What came of a look for events, newest first. */
export type Found = {
  activities: StoredActivity[]
  /** Where to go on; null where there is nothing more. */
  next: Position | null
  /** How many pages of the table it took. */
  looks: number
}

/** Events of one page. */
export const EVENTS_PER_PAGE = 50

const MAX_LOOKS = 10
const TIME_LIMIT_MS = 300
const SIFTED_AT_ONCE = 500

/**
 * Events for a page. Where few fit, it looks on for as long as a reader waits; then the page is short,
 * and `next` goes on.
 *
 * @param fits what the table cannot be asked for
 * @param after the `next` of the page before
 */
export async function findEvents(
  db: D1Database,
  filter: Filter,
  fits: ((activity: StoredActivity) => boolean) | undefined,
  after: Position | undefined,
): Promise<Found> {
  const end = Date.now() + TIME_LIMIT_MS
  const activities: StoredActivity[] = []
  let next: Position | null = after ?? null
  let looks = 0
  do {
    const room = EVENTS_PER_PAGE - activities.length
    const page = await listActivities(db, filter, fits ? SIFTED_AT_ONCE : room, next ?? undefined)
    const fitting = fits ? page.activities.filter(fits) : page.activities
    activities.push(...fitting.slice(0, room))
    const last = fitting.length > room ? fitting[room - 1] : page.next
    next = last ? { occurredAt: last.occurredAt, id: last.id } : null
    looks++
  } while (next && activities.length < EVENTS_PER_PAGE && looks < MAX_LOOKS && Date.now() < end)
  return { activities, next, looks }
}
