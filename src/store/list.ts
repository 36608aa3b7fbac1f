import { PARAMETERS, type ParameterName } from '../activity/parameters.ts'
import { everyDigit, INTEGERS, quote } from './columns.ts'

/** A stored activity, as its columns hold it; integers beyond 2^53 as text. */
export type StoredActivity = Position & {
  receivedAt: number
  origin: string
  labels: string | null
  extra: string | null
} & { readonly [Name in ParameterName]: string | number | null }

/** The place of an activity in the order of time: the table's key. */
export type Position = { occurredAt: number; id: string }

/** Which activities to list; what is left out does not restrict. */
export type Filter = {
  activityStatus?: readonly string[] | undefined
  mediaType?: readonly string[] | undefined
  /** Decimal digits: it may go beyond 2^53. */
  contactId?: string | undefined
  /** UTC milliseconds, included. */
  since?: number | undefined
  /** UTC milliseconds, not included. */
  until?: number | undefined
}

/** Newest first; `next` is where the following page begins, null where there is nothing more. */
export type Page = { activities: StoredActivity[]; next: Position | null }

/** Rows a page looks at when its filter has no index, however few it finds. */
const SCAN_BUDGET = 5_000

const NEWEST_FIRST = 'ORDER BY occurredAt DESC, id DESC'

const COLUMNS = ['occurredAt', 'id', 'receivedAt', 'origin', 'labels', 'extra']
  .concat(PARAMETERS.map(({ name }) => name))
  .map((name) => (INTEGERS.has(name) ? everyDigit(name) : quote(name)))
  .join(', ')

/**
 * A page of activities, newest first. Reads a bounded number of rows: where a filter finds little
 * among `SCAN_BUDGET` of them the page is short, and `next` goes on behind them.
 *
 * @param after the `next` of the page before
 */
export async function listActivities(
  db: D1Database,
  filter: Filter,
  limit: number,
  after: Position | undefined,
): Promise<Page> {
  const { range, rangeValues, scanned, scannedValues } = toConditions(filter, after)
  // One row more than asked for tells whether there is a next page.
  const source = scanned
    ? `(SELECT * FROM activity ${range} ${NEWEST_FIRST} LIMIT ${SCAN_BUDGET}) ${scanned}`
    : `activity ${range} ${NEWEST_FIRST}`
  const statements = [
    db
      .prepare(`SELECT ${COLUMNS} FROM ${source} LIMIT ${limit + 1}`)
      .bind(...rangeValues, ...scannedValues),
  ]
  if (scanned) {
    const sql = `SELECT occurredAt, id FROM activity ${range} ${NEWEST_FIRST} LIMIT 1 OFFSET ${SCAN_BUDGET - 1}`
    statements.push(db.prepare(sql).bind(...rangeValues))
  }
  // In one transaction, so that both see the same rows.
  const [found, lastScanned] = await db.batch<StoredActivity>(statements)
  const activities = found?.results ?? []
  const last = activities.length > limit ? activities[limit - 1] : lastScanned?.results[0]
  return {
    activities: activities.slice(0, limit),
    next: last ? { occurredAt: last.occurredAt, id: last.id } : null,
  }
}

/** One activity; null where there is none at this place. */
export async function findActivity(
  db: D1Database,
  { occurredAt, id }: Position,
): Promise<StoredActivity | null> {
  const sql = `SELECT ${COLUMNS} FROM activity WHERE occurredAt = ?1 AND id = ?2`
  return db.prepare(sql).bind(occurredAt, id).first<StoredActivity>()
}

type Conditions = {
  /** What the key or an index serves. */
  range: string
  rangeValues: (string | number)[]
  /** What has to be looked for row by row; empty where there is nothing of the kind. */
  scanned: string
  scannedValues: string[]
}

function toConditions(filter: Filter, after: Position | undefined): Conditions {
  const range: [condition: string, ...values: (string | number)[]][] = []
  if (filter.contactId !== undefined) {
    range.push(['contactId = CAST(? AS INTEGER)', filter.contactId])
  }
  if (filter.since !== undefined) range.push(['occurredAt >= ?', filter.since])
  if (filter.until !== undefined) range.push(['occurredAt < ?', filter.until])
  if (after) range.push(['(occurredAt, id) < (?, ?)', after.occurredAt, after.id])
  const scanned = (['activityStatus', 'mediaType'] as const).flatMap((name) => {
    const list = filter[name]
    return list ? [{ name, values: JSON.stringify(list) }] : []
  })
  return {
    range: where(range.map(([condition]) => condition)),
    rangeValues: range.flatMap(([, ...values]) => values),
    scanned: where(scanned.map(({ name }) => `${name} IN (SELECT value FROM json_each(?))`)),
    scannedValues: scanned.map(({ values }) => values),
  }
}

function where(conditions: readonly string[]): string {
  return conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''
}
