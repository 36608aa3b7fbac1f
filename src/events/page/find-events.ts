import type { Filter } from '../../db/events/filter.ts'
import { listStarts } from '../../db/events/list.ts'
import type { Position, StoredActivity } from '../../db/stored-activity.ts'

/** What came of a look for events, newest first. */
export type Found = {
  activities: StoredActivity[]
  /** Where to go on; null where there is nothing more. */
  next: Position | null
  /** Whether each look goes through many rows. */
  isSlow: boolean
}

/** Events of one page. */
export const EVENTS_PER_PAGE = 50

const MAX_REVIEWS = 10
const PAGE_ROWS = 4_000 // of one look; of all of them, where the hours of campaigns are known
const TIME_LIMIT_MS = 300
const SIFTED_AT_ONCE = 500
const POLL_ROWS = 500 // read twice where few fit; a page that is open asks thousands of times a day

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
  return look(db, filter, fits, after, MAX_REVIEWS, PAGE_ROWS)
}

/** The newest events, of few rows: what a page that renews itself asks for. */
export async function findNewest(
  db: D1Database,
  filter: Filter,
  fits: ((activity: StoredActivity) => boolean) | undefined,
): Promise<Found> {
  return look(db, filter, fits, undefined, 1, POLL_ROWS)
}

async function look(
  db: D1Database,
  filter: Filter,
  fits: ((activity: StoredActivity) => boolean) | undefined,
  after: Position | undefined,
  most: number,
  budget: number,
): Promise<Found> {
  const end = Date.now() + TIME_LIMIT_MS
  const activities: StoredActivity[] = []
  let next: Position | null = after ?? null
  let [looks, spent] = [0, 0]
  let isScan = false
  do {
    const room = EVENTS_PER_PAGE - activities.length
    const page = await listStarts(
      db,
      filter,
      fits ? SIFTED_AT_ONCE : room,
      next ?? undefined,
      budget - spent,
    )
    spent += page.spent
    isScan ||= page.isScan
    const fitting = fits ? page.activities.filter(fits) : page.activities
    activities.push(...fitting.slice(0, room))
    const last = fitting.length > room ? fitting[room - 1] : page.next
    next = last ? { occurredAt: last.occurredAt, id: last.id } : null
    looks++
  } while (
    next &&
    activities.length < EVENTS_PER_PAGE &&
    looks < most &&
    spent < budget / 2 &&
    Date.now() < end
  )
  return { activities, next, isSlow: isScan || looks > 1 }
}
