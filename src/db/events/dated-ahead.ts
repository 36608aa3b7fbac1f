import { MAX_AHEAD_MS } from '../../event/clock.ts'
import type { Filter } from './filter.ts'
import { listEvents } from './list.ts'
import { BEGINNINGS } from './select-events.ts'

const MAX_ROWS = 500 // to scan, as a response waits for this

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
