import { MAX_AHEAD_MS } from '../event/clock.ts'
import { endsWithNow, hasDatedAhead } from '../db/events/dated-ahead.ts'
import type { Filter } from '../db/events/filter.ts'
import { listEvents, type Page } from '../db/events/list.ts'
import type { EventKey } from '../db/stored-event.ts'
import { hasArchived, listArchived } from './archived.ts'
import type { History } from './history.ts'
import { mergeParts } from './merge.ts'

/** A page of events; `isArchived` is whether the archive was read for it, which takes time. */
export type HistoryPage = Page & { isArchived: boolean }

/**
 * A page of the newest events. `datedAhead`: the time from which a first page omits events, in UTC milliseconds; null
 * if it omits none.
 */
export type NewestPage = HistoryPage & { datedAhead: number | null }

/**
 * A page of events, newest first: those in the database, and those in the archive. Like `listEvents`, it reads a
 * bounded number of rows, so it may be short, or empty, and still have a `next`.
 *
 * @param after the `next` of the page before
 * @param reading the budget and the columns of `listEvents`
 * @throws what D1 throws, and HttpError 503 `archive_unavailable` if a file of the archive cannot be read
 */
export async function listHistory(
  history: History,
  filter: Filter,
  limit: number,
  after: EventKey | undefined,
  { budget, columns }: { budget?: number; columns?: string } = {},
): Promise<HistoryPage> {
  // First: an event that is moved meanwhile is in the archive before it leaves the database.
  const page = await listEvents(history.db, filter, limit, after, budget, columns)
  const next = page.next ?? (await findLast(history, filter, limit, page))
  const archived = await listArchived(history, { filter, limit, after }, next)
  if (!archived) return { ...page, next, isArchived: false }
  return { ...page, ...mergeParts({ ...page, next }, archived, limit), isArchived: true }
}

/** The last event of a page that is full, if the archive may have older ones. */
async function findLast(
  history: History,
  filter: Filter,
  limit: number,
  { events }: Page,
): Promise<EventKey | null> {
  const last = events[limit - 1]
  if (!last || !(await hasArchived(history, filter, last))) return null
  return { occurredAt: last.occurredAt, id: last.id }
}

/**
 * The newest events. An event dated further ahead than any time zone explains would stay first for ever: so the list
 * begins `MAX_AHEAD_MS` from now, unless the filter has an end, or begins in the future.
 */
export async function listNewest(
  history: History,
  filter: Filter,
  limit: number,
  after: EventKey | undefined,
): Promise<NewestPage> {
  const now = Date.now()
  const until = now + MAX_AHEAD_MS
  const isAhead = after !== undefined && after.occurredAt >= until
  if (isAhead || !endsWithNow(filter, now)) {
    return { ...(await listHistory(history, filter, limit, after)), datedAhead: null }
  }
  const [page, hasMore] = await Promise.all([
    listHistory(history, { ...filter, until }, limit, after),
    !after && hasDatedAhead(history.db, filter, until),
  ])
  return { ...page, datedAhead: hasMore ? until : null }
}
