import { MAX_AHEAD_MS } from '../../event/clock.ts'
import type { Filter } from './filter.ts'
import { listEvents, listStarts, type Page } from './list.ts'
import type { EventKey } from '../stored-event.ts'

/**
 * A page of the newest events.
 * `datedAhead`: of a first page, UTC milliseconds from which on it omits events; null if it omits none.
 */
export type NewestPage = Page & { datedAhead: number | null }

const MAX_ROWS = 500 // that are scanned: a response does not wait for this

/**
 * The newest events. One that is dated further ahead than any time zone would be the first for ever: unless the filter
 * ends by itself, or begins ahead of now, the list begins at `MAX_AHEAD_MS` from now.
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

/** Whether the newest events of a filter are those of now. */
export function endsWithNow({ since, until }: Filter, now: number): boolean {
  return until === undefined && (since ?? now) <= now
}

/** Whether a filter matches events that are dated further ahead than any time zone. @param since UTC milliseconds */
export async function hasDatedAhead(
  db: D1Database,
  filter: Filter,
  since = Date.now() + MAX_AHEAD_MS,
): Promise<boolean> {
  const find = async (query: Filter) => {
    const ahead = { ...query, since, until: undefined }
    return (await listStarts(db, ahead, 1, undefined, MAX_ROWS)).events.length > 0
  }
  // Most often there is none at all, which costs nothing to find out; of a contact, all events would be scanned.
  return (await find({ parameters: {} })) && (await find(filter))
}
