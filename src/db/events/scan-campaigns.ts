import { CAMPAIGN_COLUMNS, quote, valueOf } from '../columns.ts'
import { compareNewestFirst, type EventKey } from '../stored-event.ts'
import { findCampaignSpans, type CampaignSpans, type Span } from './campaign-hours.ts'
import { selectAt, type PageRow } from './select-events.ts'
import { allOf, columnsOf, olderThan, toConditions, valuesOf, where } from './filter.ts'
import { scanPages, type FoundPage, type PageQuery } from './scan-page.ts'
import { EVERYTHING } from './scan-plan.ts'

/** The share of a budget that is for finding the hours of campaigns; the rest is for the events in them. */
const SHARE_OF_TOTALS = 0.2

/** The number of newest events that are scanned first: a common filter needs no more. */
const FIRST_ROWS = 100

/**
 * A page of events of campaigns, from the quarters of an hour in which these had events.
 *
 * @param budget rows to read
 * @returns `spent` is rows that were read; undefined if all events have to be scanned
 */
export async function findInCampaigns(
  db: D1Database,
  query: PageQuery,
  budget: number,
): Promise<(FoundPage & { spent: number }) | undefined> {
  const { filter, limit, after } = query
  if (limit < FIRST_ROWS) {
    const page = await scanEverything(db, query, FIRST_ROWS)
    if (page.next === null || page.found.length === limit) return { ...page, spent: 0 }
  }
  const maxRows = Math.ceil(budget * SHARE_OF_TOTALS)
  const campaigns = await findCampaignSpans(db, filter, after, limit + 1, maxRows)
  return campaigns && findInSpans(db, query, campaigns, budget - maxRows)
}

async function scanEverything(db: D1Database, query: PageQuery, rows: number): Promise<FoundPage> {
  const { pages } = await scanPages(db, [EVERYTHING], query, rows)
  return pages[0] ?? { found: [], next: null }
}

/** A page of the events in spans, which are scanned once, as far as the budget allows. */
async function findInSpans(
  db: D1Database,
  query: PageQuery,
  campaigns: CampaignSpans,
  budget: number,
): Promise<FoundPage & { spent: number }> {
  const { filter, limit, columns } = query
  const { keys, next, tooMany, rows } = await scanSpans(db, query, campaigns, budget)
  const spent = campaigns.rows + rows
  if (tooMany) {
    const page = await scanEverything(db, { ...query, filter: { ...filter, ...tooMany } }, budget)
    return { ...page, next: page.next ?? endOf(tooMany.since), spent }
  }
  keys.sort(compareNewestFirst)
  const chosen = keys.slice(0, limit)
  const last = keys.length > limit ? chosen.at(-1) : undefined
  const found = await selectAt<PageRow>(db, columns, chosen)
  return { found: found.sort(compareNewestFirst), next: last ?? next, spent }
}

/** The matches in spans. */
type Scanned = {
  /** In no order. */
  keys: EventKey[]
  /** The cursor after them; null at the end. */
  next: EventKey | null
  /** The newest span, if it alone has more events than may be read: then there are no keys. */
  tooMany: Span | undefined
  /** Rows that were read. */
  rows: number
}

/** Sorts after every ID. */
const LAST_ID = 'f'.repeat(32)

/** A cursor after all events from a time on. @param time UTC milliseconds */
function endOf(time: number): EventKey {
  return { occurredAt: time - 1, id: LAST_ID }
}

/**
 * Scans spans once, newest first, for events that match a filter. Returns only complete spans.
 *
 * @param budget rows of `activity` to read
 */
async function scanSpans(
  db: D1Database,
  { filter, after }: PageQuery,
  { campaigns, spans, reached }: CampaignSpans,
  budget: number,
): Promise<Scanned> {
  const next = reached === null ? null : endOf(reached)
  if (spans.length === 0) return { keys: [], next, tooMany: undefined, rows: 0 }
  // By number: looking up the campaign of each event would double the rows read.
  const conditions = [
    ...toConditions(filter, CAMPAIGN_COLUMNS),
    { sql: 'campaign IN (SELECT value FROM json_each(?))', values: [JSON.stringify(campaigns)] },
  ]
  const range = olderThan(after)
  const names = ['occurredAt', 'id', ...columnsOf(filter).map(quote)].join(', ')
  // As one value: rows that are sorted, or counted to find their end, are billed twice.
  const scanned = await db
    .prepare(
      `SELECT json_group_array(json_array("index", occurredAt, ${valueOf('id')})) FILTER (WHERE ${allOf(conditions)}) AS found,
         count(*) AS rows, max("index") AS last
       FROM (
         SELECT "index", ${names}
         FROM (SELECT key AS "index", value ->> 'since' AS since, value ->> 'until' AS until FROM json_each(?)) AS span
         CROSS JOIN activity ON occurredAt >= since AND occurredAt < until
         ${where(range)}
         LIMIT ${budget}
       ) AS activity`,
    )
    .bind(...valuesOf(conditions), JSON.stringify(spans), ...valuesOf(range))
    .first<{ found: string; rows: number; last: number | null }>()
  const { found = '[]', rows = 0 } = scanned ?? {}
  // One reasoned cast: the statement made it.
  const matches = JSON.parse(found) as [index: number, ...of: [occurredAt: number, id: string]][]
  // A span is scanned oldest first, so one that was cut off is of no use.
  const end = rows < budget ? spans.length : (scanned?.last ?? 0)
  const keys = matches.flatMap(([index, occurredAt, id]) => (index < end ? { occurredAt, id } : []))
  const cut = spans[end]
  return {
    keys,
    next: cut ? endOf(cut.until) : next,
    tooMany: end === 0 ? cut : undefined,
    rows,
  }
}
