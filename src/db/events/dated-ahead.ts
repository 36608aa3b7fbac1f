import { MAX_AHEAD_MS } from '../../event/clock.ts'
import type { Filter } from './filter.ts'
import { listEvents, type Page } from './list.ts'
import { BEGINNINGS } from './select-events.ts'
import type { EventKey } from '../stored-event.ts'

/**
 * A page of the newest events. `datedAhead`: the time from which a first page omits events, in UTC milliseconds; null
 * if it omits none.
 */
export type NewestPage = Page & { datedAhead: number | null }

const MAX_ROWS = 500 // to scan, as a response waits for this

/**
 * The newest events. An event dated further ahead than any time zone explains would stay first for ever: so the list
 * begins `MAX_AHEAD_MS` from now, unless the filter has an end, or begins in the future.
 */
export async function listNewest(
  db: D1Database,
  filter: Filter,
  limit: number,
  after: EventKey | undefined,
): Promise<NewestPage> {
  const now = Date.now()
  const until = now + MAX_AHEAD_MS
  const isAhead = after !== undefined && after.occurredAt >= until
  if (isAhead || !endsWithNow(filter, now)) {
    return { ...(await listEvents(db, filter, limit, after)), datedAhead: null }
  }
  const [page, hasMore] = await Promise.all([
    listEvents(db, { ...filter, until }, limit, after),
    !after && hasDatedAhead(db, filter, until),
  ])
  return { ...page, datedAhead: hasMore ? until : null }
}

/** Whether a filter includes the present. */
export function endsWithNow({ since, until }: Filter, now: number): boolean {
  return until === undefined && (since ?? now) <= now
}

/** Whether a filter matches events dated further ahead than any time zone explains. @param since UTC milliseconds */
export async function hasDatedAhead(
  db: D1Database,
  filter: Filter,
  since = Date.now() + MAX_AHEAD_MS,
): Promise<boolean> {
  const find = async (query: Filter) => {
    const ahead = { ...query, since, until: undefined }
    const { events } = await listEvents(db, ahead, 1, undefined, MAX_ROWS, BEGINNINGS)
    return events.length > 0
  }
  // Usually there is none at all, which is cheap to find out; for a contact, all events would be scanned.
  return (await find({ parameters: {} })) && (await find(filter))
}
