import { quote } from '../columns.ts'
import type { EventKey } from '../stored-event.ts'
import type { PageRow } from './select-events.ts'
import {
  columnsOf,
  occurredIn,
  olderThan,
  toConditions,
  valuesOf,
  where,
  type Filter,
} from './filter.ts'
import type { ScanPlan } from './scan-plan.ts'

/** The query of a page; `after` is the `next` of the previous page, `columns` are those of a `PageRow`. */
export type PageQuery = {
  filter: Filter
  limit: number
  after: EventKey | undefined
  columns: string
}

/** Rows, newest first; `next` is the cursor of the next page, null on the last one. */
export type FoundPage = { found: PageRow[]; next: EventKey | null }

/** A row, or with `isEnd` the last one that was scanned. */
type Row = PageRow & { isEnd: 0 | 1 }

const NEWEST_FIRST = 'ORDER BY occurredAt DESC, id DESC'

/**
 * Reads a page by scan plans, in one transaction, so that all of them see the same rows.
 *
 * @param rows to scan for each plan, even if few of them match
 * @returns `isScan` is whether rows that do not match are scanned
 */
export async function scanPages(
  db: D1Database,
  plans: readonly ScanPlan[],
  query: PageQuery,
  rows: number,
): Promise<{ pages: FoundPage[]; isScan: boolean }> {
  const scans = plans.map((plan) => prepareScan(db, plan, query, rows))
  const results = await db.batch<Row>(scans.map(({ statement }) => statement))
  return {
    pages: results.map((result) => toPage(result.results, query.limit)),
    isScan: scans.some(({ isScan }) => isScan),
  }
}

function toPage(rows: readonly Row[], limit: number): FoundPage {
  const found = rows.flatMap(({ isEnd, ...row }) => (isEnd ? [] : [row as PageRow]))
  const last = found.length > limit ? found[limit - 1] : rows.find(({ isEnd }) => isEnd)
  return { found: found.slice(0, limit), next: last ? cursorOf(last) : null }
}

/** The key of an event, without its other fields. */
export function cursorOf({ occurredAt, id }: EventKey): EventKey {
  return { occurredAt, id }
}

function prepareScan(db: D1Database, plan: ScanPlan, query: PageQuery, rows: number) {
  const { filter, limit, after, columns } = query
  const { since, until } = filter
  // Of two upper bounds SQLite starts at the first, and scans all rows between them.
  const isEndedByCursor = after && until !== undefined && after.occurredAt < until
  const period = { since, until: isEndedByCursor ? undefined : until }
  const range = [...plan.conditions, ...occurredIn(period), ...olderThan(after)]
  const conditions = toConditions(filter, plan.answered)
  const isScan = conditions.length > 0
  const end = isScan ? rows : limit + 1 // one more row shows whether there is a next page
  if (!isScan && plan.isByTime) {
    const sql = `SELECT ${columns}, 0 AS isEnd
      FROM ${plan.table} CROSS JOIN campaigns USING (campaign) ${where(range)}
      ORDER BY occurredAt DESC, activity.id DESC LIMIT ${end}`
    return { statement: db.prepare(sql).bind(...valuesOf(range)), isScan }
  }
  const from = `FROM ${plan.table} ${where(range)} ${NEWEST_FIRST} LIMIT ${end}`
  const keys = `SELECT occurredAt, id ${from}`
  // If a row does not match, only the filter's columns are read: the others may be long.
  const scanned = ['occurredAt', 'id', ...columnsOf(filter).map(quote)].join(', ')
  const candidates = plan.isByTime
    ? `(SELECT ${scanned} ${from}) AS activity`
    : `(${keys}) CROSS JOIN activity USING (occurredAt, id)`
  const found = isScan
    ? `SELECT occurredAt, id FROM ${candidates} ${where(conditions)} LIMIT ${limit + 1}`
    : keys
  const select = (selectKeys: string, isEnd: 0 | 1) => `
    SELECT ${columns}, ${isEnd} AS isEnd FROM (${selectKeys})
    CROSS JOIN activity USING (occurredAt, id) CROSS JOIN campaigns USING (campaign)`
  // SQLite scans the rows a second time, for the end, only if the first scan did not fill the page.
  const last = `UNION ALL ${select(`SELECT occurredAt, id FROM (${keys}) LIMIT 1 OFFSET ${end - 1}`, 1)}`
  const sql = `${select(found, 0)} ${isScan ? last : ''} LIMIT ${limit + 1}`
  const values = valuesOf([...range, ...conditions, ...(isScan ? range : [])])
  return { statement: db.prepare(sql).bind(...values), isScan }
}
