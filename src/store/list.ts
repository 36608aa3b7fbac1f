import { PARAMETERS, type ParameterName } from '../activity/parameters.ts'
import { everyDigit, INTEGERS, quote } from './columns.ts'
import { toConditions, toMatcher, valuesOf, where, type Condition, type Filter } from './filter.ts'
import { chooseSources, type Source } from './sources.ts'

/** A stored activity, as its columns hold it; integers beyond 2^53 as text. */
export type StoredActivity = Position & {
  receivedAt: number
  origin: string
  labels: string | null
  extra: string | null
} & { readonly [Name in ParameterName]: string | number | null }

/** The place of an activity in the order of time: the table's key. */
export type Position = { occurredAt: number; id: string }

/** Newest first; `next` is where the following page begins, null where there is nothing more. */
export type Page = {
  activities: StoredActivity[]
  next: Position | null
  /** Whether it goes through rows that do not fit. */
  isScan: boolean
}

/** Rows a page looks at when its filter has no index, however few it finds. */
const SCAN_BUDGET = 5_000

const NEWEST_FIRST = 'ORDER BY occurredAt DESC, id DESC'

/** The columns of a `StoredActivity`, as a statement selects them. */
export const COLUMNS = ['occurredAt', 'id', 'receivedAt', 'origin', 'labels', 'extra']
  .concat(PARAMETERS.map(({ name }) => name))
  .map((name) => (INTEGERS.has(name) ? everyDigit(name) : quote(name)))
  .join(', ')

/**
 * A page of activities, newest first. Reads a bounded number of rows: where a filter finds little
 * among `budget` of them the page is short, and `next` goes on behind them.
 *
 * @param after the `next` of the page before
 */
export async function listActivities(
  db: D1Database,
  filter: Filter,
  limit: number,
  after: Position | undefined,
  budget = SCAN_BUDGET,
): Promise<Page> {
  const sources = await chooseSources(db, filter)
  if (sources.length === 0) return { activities: [], next: null, isScan: false }
  const scan = Math.max(limit + 1, Math.ceil(budget / sources.length))
  const queries = sources.map((source) => toQuery(db, source, filter, limit, after, scan))
  // In one transaction, so that all see the same rows.
  const results = await db.batch<Row>(queries.map(({ statement }) => statement))
  const matches = toMatcher(filter) ?? (() => true)
  const pages = results.map(({ results: rows }) => toPage(rows, limit, matches))
  return { ...mergePages(pages, limit), isScan: queries.some(({ isScan }) => isScan) }
}

/** A row, or with `isEnd` the last one that was looked at. */
type Row = StoredActivity & { isEnd: 0 | 1 }

function toPage(
  rows: readonly Row[],
  limit: number,
  matches: (row: StoredActivity) => boolean,
): OnePage {
  const found = rows.flatMap(({ isEnd, ...activity }) =>
    isEnd ? [] : [activity as StoredActivity],
  )
  const last = found.length > limit ? found[limit - 1] : rows.find(({ isEnd }) => isEnd)
  return {
    activities: found.slice(0, limit).filter(matches),
    next: last ? positionOf(last) : null,
  }
}

type OnePage = Omit<Page, 'isScan'>

/** One page of several, up to where each of them is sure to have shown everything. */
function mergePages(pages: readonly OnePage[], limit: number): OnePage {
  const [only] = pages
  if (pages.length === 1 && only) return only
  const ends = pages.flatMap(({ next }) => next ?? []).sort(newestFirst)
  const [end] = ends
  const activities = pages
    .flatMap((page) => page.activities)
    .filter((activity) => !end || newestFirst(activity, end) <= 0)
    .sort(newestFirst)
  const last = activities.length > limit ? activities[limit - 1] : end
  return { activities: activities.slice(0, limit), next: last ? positionOf(last) : null }
}

function newestFirst(a: Position, b: Position): number {
  if (a.occurredAt !== b.occurredAt) return b.occurredAt - a.occurredAt
  return a.id === b.id ? 0 : a.id < b.id ? 1 : -1
}

function positionOf({ occurredAt, id }: Position): Position {
  return { occurredAt, id }
}

/** One activity; null where there is none at this place. */
export async function findActivity(
  db: D1Database,
  { occurredAt, id }: Position,
): Promise<StoredActivity | null> {
  const sql = `SELECT ${COLUMNS} FROM activity WHERE occurredAt = ?1 AND id = ?2`
  return db.prepare(sql).bind(occurredAt, id).first<StoredActivity>()
}

function toQuery(
  db: D1Database,
  source: Source,
  filter: Filter,
  limit: number,
  after: Position | undefined,
  scan: number,
) {
  const range: Condition[] = [...source.conditions]
  if (filter.since !== undefined) range.push({ sql: 'occurredAt >= ?', values: [filter.since] })
  if (filter.until !== undefined) range.push({ sql: 'occurredAt < ?', values: [filter.until] })
  if (after) {
    range.push({ sql: '(occurredAt, id) < (?, ?)', values: [after.occurredAt, after.id] })
  }
  const looked = toConditions(filter, source.answered)
  const isScan = looked.length > 0
  const from = `${source.table} ${where(range)} ${NEWEST_FIRST}`
  const rows = isScan ? `(SELECT * FROM ${from} LIMIT ${scan}) ${where(looked)}` : from
  // SQLite goes through the rows a second time, for the end, only where the first did not fill the page.
  const end = `
    UNION ALL SELECT ${COLUMNS}, 1 AS isEnd FROM (SELECT * FROM ${from} LIMIT 1 OFFSET ${scan - 1})`
  // One row more than asked for tells whether there is a next page.
  const sql = `SELECT ${COLUMNS}, 0 AS isEnd FROM ${rows} ${isScan ? end : ''} LIMIT ${limit + 1}`
  const values = valuesOf([...range, ...looked, ...(isScan ? range : [])])
  return { statement: db.prepare(sql).bind(...values), isScan }
}
