import { compareNewestFirst, keyText, type EventKey, type StoredEvent } from '../stored-event.ts'
import { isAboutCampaigns } from './campaign-hours.ts'
import { listAt, WITHOUT_LONG, type PageRow } from './select-events.ts'
import { toMatcher, type Filter } from './filter.ts'
import { findInCampaigns } from './scan-campaigns.ts'
import { cursorOf, scanPages, type FoundPage, type PageQuery } from './scan-page.ts'
import { chooseScans, EVERYTHING } from './scan-plan.ts'

/** Newest first; `next` is the cursor of the next page, null on the last one. */
export type Page = {
  events: StoredEvent[]
  next: EventKey | null
  /** Whether rows that do not match are scanned. */
  isScan: boolean
  /** Rows that were read to find the events of campaigns; 0 for other filters. */
  spent: number
}

/** Rows that a page scans if its filter has no index, however few match. */
const SCAN_BUDGET = 5_000

/** The maximum bytes of a page, as stored; a larger event is a page of its own. */
export const MAX_PAGE_BYTES = 4_000_000

/**
 * A page of events, newest first. Reads a bounded number of rows, and keeps to `MAX_PAGE_BYTES`: if few of `budget`
 * rows match the filter, or events are long, the page is short, and `next` continues behind them.
 *
 * @param after the `next` of the page before
 * @param columns `BEGINNINGS` if the caller shows little of each event; by default, long texts are read, too
 */
export async function listEvents(
  db: D1Database,
  filter: Filter,
  limit: number,
  after: EventKey | undefined,
  budget = SCAN_BUDGET,
  columns = WITHOUT_LONG,
): Promise<Page> {
  const { found, ...page } = await findPage(db, { filter, limit, after, columns }, budget)
  const fitting = fitPage(found)
  const last = fitting.length < found.length ? fitting.at(-1) : undefined
  // Complete rows, as an identifier may be long.
  const events = (await fillLong(db, fitting)).filter(toMatcher(filter) ?? (() => true))
  return { ...page, events, next: last ? cursorOf(last) : page.next }
}

async function findPage(
  db: D1Database,
  query: PageQuery,
  budget: number,
): Promise<FoundPage & { isScan: boolean; spent: number }> {
  const { filter, limit } = query
  const plans = await chooseScans(db, filter)
  if (plans.length === 0) return { found: [], next: null, isScan: false, spent: 0 }
  if (plans[0] === EVERYTHING && isAboutCampaigns(filter)) {
    const page = await findInCampaigns(db, query, budget)
    if (page) return { ...page, isScan: true }
  }
  const rows = Math.max(limit + 1, Math.ceil(budget / plans.length))
  const { pages, isScan } = await scanPages(db, plans, query, rows)
  return { ...mergePages(pages, limit), isScan, spent: 0 }
}

/** Merges pages up to the point at which all of them are complete. */
function mergePages(pages: readonly FoundPage[], limit: number): FoundPage {
  const [only] = pages
  if (pages.length === 1 && only) return only
  const [end] = pages.flatMap(({ next }) => next ?? []).sort(compareNewestFirst)
  const found = pages
    .flatMap((page) => page.found)
    .filter((row) => !end || compareNewestFirst(row, end) <= 0)
    .sort(compareNewestFirst)
  const last = found.length > limit ? found[limit - 1] : end
  return { found: found.slice(0, limit), next: last ? cursorOf(last) : null }
}

/** The rows that fit on a page, at least one. */
function fitPage(found: readonly PageRow[]): PageRow[] {
  let bytes = 0
  const end = found.findIndex((row, index) => {
    bytes += row.longBytes || lengthOf(row)
    return index > 0 && bytes > MAX_PAGE_BYTES
  })
  return end < 0 ? [...found] : found.slice(0, end)
}

/** The approximate bytes of a row without long texts: its characters. */
function lengthOf(row: PageRow): number {
  const lengths = Object.values(row).map((cell) => (typeof cell === 'string' ? cell.length : 0))
  return lengths.reduce((sum, length) => sum + length, 0)
}

/** Rows with their long texts. Those that were deleted meanwhile are omitted. */
async function fillLong(db: D1Database, rows: readonly PageRow[]): Promise<StoredEvent[]> {
  const long = rows.filter(({ longBytes }) => longBytes > 0)
  const filled = new Map((await listAt(db, long)).map((row) => [keyText(row), row]))
  return rows.flatMap(({ longBytes, ...event }) =>
    longBytes > 0 ? (filled.get(keyText(event)) ?? []) : event,
  )
}
