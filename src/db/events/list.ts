import { PARAMETERS } from '../../event/parameters.ts'
import { findCampaignSpans, isAboutCampaigns, type CampaignSpans } from './campaign-hours.ts'
import { everyDigit, INTEGERS, quote, valueOf } from '../columns.ts'
import {
  columnsOf,
  toConditions,
  toMatcher,
  valuesOf,
  where,
  type Condition,
  type Filter,
} from './filter.ts'
import { endOf, scanSpans } from './scan-spans.ts'
import { chooseScans, EVERYTHING, type Source } from './scan-plan.ts'
import type { Position, StoredActivity } from '../stored-activity.ts'

/** Newest first; `next` is where the following page begins, null where there is nothing more. */
export type Page = {
  activities: StoredActivity[]
  next: Position | null
  /** Whether it goes through rows that do not fit. */
  isScan: boolean
  /** Rows that were read to look where the campaigns of the filter had events, and nowhere else; otherwise 0. */
  spent: number
}

/** Rows a page looks at when its filter has no index, however few it finds. */
const SCAN_BUDGET = 5_000

/** Of the budget of a filter for campaigns, what finding the hours may take; the rest is for the events in them. */
const SHARE_OF_TOTALS = 0.2

/** The newest events, which are looked at first: a filter that most of them fit needs no more. */
const FIRST_ROWS = 100

/** Bytes of a page as they are stored; an event that alone has more is a page of its own. */
export const MAX_PAGE_BYTES = 4_000_000

/** Bytes of a text that comes with the page at once. Longer ones are rare, and fetched as far as there is room. */
const MAX_TEXT_BYTES = 2_000
/** Characters of a longer text, where only its beginning is asked for. */
const BEGINNING = 600

const NEWEST_FIRST = 'ORDER BY occurredAt DESC, id DESC'

const NAMES = ['occurredAt', 'id', 'receivedAt', 'origin', 'labels', 'extra'].concat(
  PARAMETERS.map(({ name }) => name),
)
const TYPES = new Map<string, string>(PARAMETERS.map(({ name, type }) => [name, type]))
/** The columns that may be long. */
const TEXTS = NAMES.filter(
  (name) => ['labels', 'extra'].includes(name) || /string/.test(TYPES.get(name) ?? ''),
)

const sent = (name: string) => `${valueOf(name)} AS ${quote(name)}`
const exact = (name: string) => (INTEGERS.has(name) ? everyDigit(name) : sent(name))
const isLong = (name: string) => `octet_length(${quote(name)}) > ${MAX_TEXT_BYTES}`
const choose = (how: (name: string) => string) =>
  NAMES.map((name) => (TEXTS.includes(name) ? how(name) : exact(name))).join(', ')

/** The columns of a `StoredActivity`, as a statement selects them from `activity` and `campaigns`. */
export const COLUMNS = NAMES.map(exact).join(', ')

const BYTES = TEXTS.map((name) => `coalesce(octet_length(${quote(name)}), 0)`).join(' + ')

// SQLite tells the length of a text without reading it.
const WITHOUT_LONG = `
  ${choose((name) => `CASE WHEN NOT ${isLong(name)} THEN ${valueOf(name)} END AS ${quote(name)}`)},
  CASE WHEN ${TEXTS.map(isLong).join(' OR ')} THEN ${BYTES} ELSE 0 END AS longBytes`

// Half of a JSON text is none, so these are left out.
const BEGINNINGS = `
  ${choose((name) => {
    const isText = TYPES.get(name) === 'string'
    const cut = isText ? ` ELSE substr(${quote(name)}, 1, ${BEGINNING})` : ''
    return `CASE WHEN NOT ${isLong(name)} THEN ${valueOf(name)}${cut} END AS ${quote(name)}`
  })},
  0 AS longBytes`

/**
 * A page of activities, newest first. Reads a bounded number of rows, and keeps to `MAX_PAGE_BYTES`: where a filter
 * finds little among `budget` rows, or events are long, the page is short, and `next` goes on behind them.
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
  const { found, ...page } = await findPage(db, filter, limit, after, budget, WITHOUT_LONG)
  const fitting = fitPage(found)
  const last = fitting.length < found.length ? fitting.at(-1) : undefined
  const activities = (await fillLong(db, fitting)).filter(matcherOf(filter))
  return { ...page, activities, next: last ? cursorOf(last) : page.next }
}

/**
 * The same for a list that shows little of each event: of texts above `MAX_TEXT_BYTES` only the beginning, and of
 * longer JSON (`labels`, `extra`, lists) nothing. No page is short because events are long.
 */
export async function listStarts(
  db: D1Database,
  filter: Filter,
  limit: number,
  after: Position | undefined,
  budget = SCAN_BUDGET,
): Promise<Page> {
  const { found, ...page } = await findPage(db, filter, limit, after, budget, BEGINNINGS)
  return { ...page, activities: found.map(withoutBytes).filter(matcherOf(filter)) }
}

/** Looks at whole rows: an identifier may be long. */
const matcherOf = (filter: Filter) => toMatcher(filter) ?? (() => true)

/** A row; `longBytes` is what all its texts have together, if some of them are long, and else 0. */
type Found = StoredActivity & { longBytes: number }

async function findPage(
  db: D1Database,
  filter: Filter,
  limit: number,
  after: Position | undefined,
  budget: number,
  columns: string,
): Promise<OnePage & { isScan: boolean; spent: number }> {
  const sources = await chooseScans(db, filter)
  if (sources.length === 0) return { found: [], next: null, isScan: false, spent: 0 }
  if (sources[0] === EVERYTHING && isAboutCampaigns(filter)) {
    const page = await findOfCampaigns(db, filter, limit, after, budget, columns)
    if (page) return page
  }
  const scan = Math.max(limit + 1, Math.ceil(budget / sources.length))
  const queries = sources.map((source) => toQuery(db, source, filter, limit, after, scan, columns))
  // In one transaction, so that all see the same rows.
  const results = await db.batch<Row>(queries.map(({ statement }) => statement))
  const pages = results.map(({ results: rows }) => toPage(rows, limit))
  const isScan = queries.some((query) => query.isScan)
  return { ...mergePages(pages, limit), isScan, spent: 0 }
}

/** A page by a filter for campaigns; undefined if all events have to be gone through. */
async function findOfCampaigns(
  db: D1Database,
  filter: Filter,
  limit: number,
  after: Position | undefined,
  budget: number,
  columns: string,
): Promise<(OnePage & { isScan: boolean; spent: number }) | undefined> {
  if (limit < FIRST_ROWS) {
    const query = toQuery(db, EVERYTHING, filter, limit, after, FIRST_ROWS, columns)
    const page = toPage((await query.statement.all<Row>()).results, limit)
    if (page.next === null || page.found.length === limit)
      return { ...page, isScan: true, spent: 0 }
  }
  const maxRows = Math.ceil(budget * SHARE_OF_TOTALS)
  const campaigns = await findCampaignSpans(db, filter, after, limit + 1, maxRows)
  return campaigns && findInSpans(db, filter, limit, after, campaigns, budget - maxRows, columns)
}

/** A page of what is in the spans of campaigns: they are gone through once, as far as the budget reaches. */
async function findInSpans(
  db: D1Database,
  filter: Filter,
  limit: number,
  after: Position | undefined,
  campaigns: CampaignSpans,
  budget: number,
  columns: string,
): Promise<OnePage & { isScan: boolean; spent: number }> {
  const { keys, next, tooMany, rows } = await scanSpans(db, filter, after, campaigns, budget)
  const scan = { isScan: true, spent: campaigns.rows + rows }
  if (tooMany) {
    const query = toQuery(db, EVERYTHING, { ...filter, ...tooMany }, limit, after, budget, columns)
    const page = toPage((await query.statement.all<Row>()).results, limit)
    return { ...page, next: page.next ?? endOf(tooMany.since), ...scan }
  }
  keys.sort(newestFirst)
  const chosen = keys.slice(0, limit)
  const last = keys.length > limit ? chosen.at(-1) : undefined
  if (chosen.length === 0) return { found: [], next, ...scan }
  const rowsFound = await selectAt<Found>(db, columns, chosen)
  return { found: rowsFound.sort(newestFirst), next: last ?? next, ...scan }
}

/** The rows that a page has room for, at least one. */
function fitPage(found: readonly Found[]): Found[] {
  let bytes = 0
  const end = found.findIndex((row, place) => {
    bytes += row.longBytes || lengthOf(row)
    return place > 0 && bytes > MAX_PAGE_BYTES
  })
  return end < 0 ? [...found] : found.slice(0, end)
}

/** About as many bytes: a row without a long text has few of them. */
function lengthOf(row: Found): number {
  return Object.values(row).reduce<number>(
    (sum, cell) => sum + (typeof cell === 'string' ? cell.length : 0),
    0,
  )
}

/** Rows with what is long of them. What was deleted meanwhile is left out. */
async function fillLong(db: D1Database, rows: readonly Found[]): Promise<StoredActivity[]> {
  const long = rows.filter(({ longBytes }) => longBytes > 0)
  const filled = new Map((await listAt(db, long)).map((row) => [keyOf(row), row]))
  return rows.flatMap((row) =>
    row.longBytes > 0 ? (filled.get(keyOf(row)) ?? []) : withoutBytes(row),
  )
}

/** What is stored at some places, in no order. */
export function listAt(db: D1Database, places: readonly Position[]): Promise<StoredActivity[]> {
  return selectAt(db, COLUMNS, places)
}

async function selectAt<Row>(
  db: D1Database,
  columns: string,
  places: readonly Position[],
): Promise<Row[]> {
  if (places.length === 0) return []
  const { results } = await db
    .prepare(
      `SELECT ${columns}
       FROM (SELECT value ->> 0 AS occurredAt, unhex(value ->> 1) AS id FROM json_each(?)) AS wanted
       CROSS JOIN activity USING (occurredAt, id) CROSS JOIN campaigns USING (campaign)`,
    )
    .bind(JSON.stringify(places.map(({ occurredAt, id }) => [occurredAt, id])))
    .all<Row>()
  return results
}

function keyOf({ occurredAt, id }: Position): string {
  return `${occurredAt}.${id}`
}

function withoutBytes({ longBytes: _bytes, ...activity }: Found): StoredActivity {
  return activity
}

/** A row, or with `isEnd` the last one that was looked at. */
type Row = Found & { isEnd: 0 | 1 }

function toPage(rows: readonly Row[], limit: number): OnePage {
  const found = rows.flatMap(({ isEnd, ...activity }) => (isEnd ? [] : [activity as Found]))
  const last = found.length > limit ? found[limit - 1] : rows.find(({ isEnd }) => isEnd)
  return { found: found.slice(0, limit), next: last ? cursorOf(last) : null }
}

type OnePage = { found: Found[]; next: Position | null }

/** One page of several, up to where each of them is sure to have shown everything. */
function mergePages(pages: readonly OnePage[], limit: number): OnePage {
  const [only] = pages
  if (pages.length === 1 && only) return only
  const ends = pages.flatMap(({ next }) => next ?? []).sort(newestFirst)
  const [end] = ends
  const found = pages
    .flatMap((page) => page.found)
    .filter((activity) => !end || newestFirst(activity, end) <= 0)
    .sort(newestFirst)
  const last = found.length > limit ? found[limit - 1] : end
  return { found: found.slice(0, limit), next: last ? cursorOf(last) : null }
}

function newestFirst(a: Position, b: Position): number {
  if (a.occurredAt !== b.occurredAt) return b.occurredAt - a.occurredAt
  return a.id === b.id ? 0 : a.id < b.id ? 1 : -1
}

function cursorOf({ occurredAt, id }: Position): Position {
  return { occurredAt, id }
}

/** One activity; null where there is none at this place. */
export async function findActivity(
  db: D1Database,
  { occurredAt, id }: Position,
): Promise<StoredActivity | null> {
  const sql = `
    SELECT ${COLUMNS} FROM activity CROSS JOIN campaigns USING (campaign)
    WHERE occurredAt = ?1 AND activity.id = unhex(?2)`
  return db.prepare(sql).bind(occurredAt, id).first<StoredActivity>()
}

function toQuery(
  db: D1Database,
  source: Source,
  filter: Filter,
  limit: number,
  after: Position | undefined,
  scan: number,
  columns: string,
) {
  const range: Condition[] = [...source.conditions]
  if (filter.since !== undefined) range.push({ sql: 'occurredAt >= ?', values: [filter.since] })
  // Of two ends SQLite takes the first to begin at, and goes through all that is between them.
  if (filter.until !== undefined && !(after && after.occurredAt < filter.until)) {
    range.push({ sql: 'occurredAt < ?', values: [filter.until] })
  }
  if (after) {
    range.push({ sql: '(occurredAt, id) < (?, unhex(?))', values: [after.occurredAt, after.id] })
  }
  const looked = toConditions(filter, source.answered)
  const isScan = looked.length > 0
  const end = isScan ? scan : limit + 1 // one row more than asked for tells whether there is a next page
  const keys = `SELECT occurredAt, id FROM ${source.table} ${where(range)} ${NEWEST_FIRST} LIMIT ${end}`
  // Of what does not fit, only what it is looked at for is read: it may be long.
  const scanned = ['occurredAt', 'id', ...columnsOf(filter).map(quote)].join(', ')
  const rows = source.isByTime
    ? `(SELECT ${scanned} FROM ${source.table} ${where(range)} ${NEWEST_FIRST} LIMIT ${end}) AS activity`
    : `(${keys}) CROSS JOIN activity USING (occurredAt, id)`
  const found = isScan
    ? `SELECT occurredAt, id FROM ${rows} ${where(looked)} LIMIT ${limit + 1}`
    : keys
  const whole = (place: string) => `FROM (${place})
    CROSS JOIN activity USING (occurredAt, id) CROSS JOIN campaigns USING (campaign)`
  if (!isScan && source.isByTime) {
    const statement = `SELECT ${columns}, 0 AS isEnd
      FROM ${source.table} CROSS JOIN campaigns USING (campaign) ${where(range)}
      ORDER BY occurredAt DESC, activity.id DESC LIMIT ${end}`
    return { statement: db.prepare(statement).bind(...valuesOf(range)), isScan }
  }
  // SQLite goes through the rows a second time, for the end, only where the first did not fill the page.
  const last = `
    UNION ALL SELECT ${columns}, 1 AS isEnd
    ${whole(`SELECT occurredAt, id FROM (${keys}) LIMIT 1 OFFSET ${end - 1}`)}`
  const sql = `SELECT ${columns}, 0 AS isEnd ${whole(found)} ${isScan ? last : ''} LIMIT ${limit + 1}`
  const values = valuesOf([...range, ...looked, ...(isScan ? range : [])])
  return { statement: db.prepare(sql).bind(...values), isScan }
}
