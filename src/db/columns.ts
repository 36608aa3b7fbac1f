import { DIMENSION_OF } from '../event/dimensions.ts'
import type { ExactNumber } from '../event/exact-number.ts'
import type { Activity } from '../event/normalize.ts'
import { PARAMETERS, UUIDS, type ParameterName, type TypeName } from '../event/parameters.ts'

/** A column of a message's rows. */
export type RowColumn = 'occurredAt' | 'id' | 'extra' | ParameterName

/** The columns of a message's rows, in the order in which they travel. */
export const ROW_COLUMNS: readonly RowColumn[] = [
  'occurredAt',
  'id',
  'extra',
  ...PARAMETERS.map(({ name }) => name),
]

const ROW_INDEXES = new Map<string, number>(ROW_COLUMNS.map((name, index) => [name, index]))

/** A value in a row of a message. */
export type Cell = string | number | ExactNumber | null

/** The value of a column in a row of a message; undefined beyond the end of the row. */
export function cellOf(row: readonly Cell[], name: RowColumn): Cell | undefined {
  return row[ROW_INDEXES.get(name) ?? NaN]
}

/** The row of an event, in the order of `ROW_COLUMNS`; nulls at the end are cut off. */
export function toRow({ occurredAt, id, extra, parameters }: Activity): Cell[] {
  const row: Cell[] = [occurredAt, id, extra]
  for (const { name } of PARAMETERS) row.push(toCell(parameters[name]))
  return row.slice(0, row.findLastIndex((cell) => cell !== null) + 1)
}

function toCell(value: Activity['parameters'][ParameterName]): Cell {
  if (value === undefined) return null
  if (typeof value === 'boolean') return value ? 1 : 0
  // As text, so that SQLite never parses it.
  return Array.isArray(value) ? JSON.stringify(value) : value
}

/** The value of a parameter as JSON text, from the value of its column. */
export function cellToJson(name: ParameterName, cell: string | number): string {
  switch (TYPE_OF[name]) {
    case 'string':
      return JSON.stringify(cell)
    case 'bool':
      return cell === 0 ? 'false' : 'true'
    case 'int': // as text if a JavaScript number would lose digits
    case 'array of strings':
      return String(cell)
  }
}

/** The parameters that many events share: the columns of `campaigns`, in the order of its key. */
export const CAMPAIGN_COLUMNS = [...DIMENSION_OF.keys(), 'messageName' as const]

const OF_CAMPAIGN: ReadonlySet<string> = new Set(CAMPAIGN_COLUMNS)

/** Whether a parameter is a column of `campaigns`, and not of `activity`. */
export function isOfCampaign(name: string): boolean {
  return OF_CAMPAIGN.has(name)
}

/** A column's name in SQL: it may be a keyword (`from`). */
export function quote(column: string): string {
  return `"${column}"`
}

/** The parameters whose columns are integers, perhaps beyond 2^53. */
export const INTEGERS: ReadonlySet<string> = new Set(
  PARAMETERS.filter(({ type }) => type === 'int').map(({ name }) => name),
)

const ARE_UUIDS: ReadonlySet<string> = new Set(UUIDS)

/**
 * The value of a column of `activity` or `campaigns` in SQL, in Yespo's spelling; the `id` as hexadecimal digits. It
 * matches the view `events`, for statements on the tables.
 */
export function valueOf(name: string): string {
  const column = quote(name)
  if (name === 'id') return `lower(hex(${column}))`
  if (name === 'activityDateTime') return TIME
  return ARE_UUIDS.has(name) ? uuidOf(column) : column
}

const TIME = `CASE typeof(activityDateTime) WHEN 'integer'
  THEN strftime('%Y-%m-%dT%H:%M:%S', occurredAt / 1000 + 60 * activityDateTime, 'unixepoch')
  ELSE activityDateTime END`

function uuidOf(column: string): string {
  const ranges = ['1, 8', '9, 4', '13, 4', '17, 4', '21']
  const parts = ranges.map((range) => `substr(hex(${column}), ${range})`)
  return `CASE typeof(${column}) WHEN 'blob' THEN lower(format('%s-%s-%s-%s-%s', ${parts.join(', ')})) ELSE ${column} END`
}

/** The delivery of a contact's event, as in the index: its `iid`, or without one its campaign. */
export function deliveryOf(event: string): string {
  return `coalesce(nullif(${event}.iid, ''), ${event}.campaign)`
}

/** An integer column without loss of digits: as text beyond 2^53, since D1 returns integers as doubles. */
export function everyDigit(name: string): string {
  const column = quote(name)
  const safe = Number.MAX_SAFE_INTEGER
  return `CASE WHEN ${column} BETWEEN -${safe} AND ${safe} THEN ${column} ELSE CAST(${column} AS TEXT) END AS ${column}`
}

/** Whether a table has a row with the key of an event, in SQL. */
export function hasEvent(table: string, event: string): string {
  return `EXISTS (SELECT 1 FROM ${table} WHERE ${table}.occurredAt = ${event}.occurredAt AND ${table}.id = ${event}.id)`
}

/** The columns of a count in the quarters of an hour, of `totals`. */
export function quartersOf(count: 'events' | 'contacts'): string[] {
  return [0, 1, 2, 3].map((quarter) => `${count}${quarter}`)
}

/** A time rounded down to a step, in SQL; `%` alone would round up times before 1970. */
export function floorTo(time: string, step: number): string {
  return `(${time} - ((${time} % ${step}) + ${step}) % ${step})`
}

const TYPE_OF = Object.fromEntries(PARAMETERS.map(({ name, type }) => [name, type])) as Record<
  ParameterName,
  TypeName
>
