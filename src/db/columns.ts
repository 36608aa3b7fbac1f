import type { ExactNumber } from '../event/exact-number.ts'
import type { Activity } from '../event/normalize.ts'
import { PARAMETERS, UUIDS, type ParameterName, type TypeName } from '../event/parameters.ts'

/** What a message's rows have of an event. */
export type RowColumn = 'occurredAt' | 'id' | 'extra' | ParameterName

/** The columns of a message's rows, in the order in which they travel. */
export const ROW_COLUMNS: readonly RowColumn[] = [
  'occurredAt',
  'id',
  'extra',
  ...PARAMETERS.map(({ name }) => name),
]

/** What a row of a message holds in one place. */
export type Cell = string | number | ExactNumber | null

/** The row of an activity, in the order of `ROW_COLUMNS`; what is missing at the end is null. */
export function toRow({ occurredAt, id, extra, parameters }: Activity): Cell[] {
  const row: Cell[] = [occurredAt, id, extra]
  for (const { name } of PARAMETERS) row.push(toCell(parameters[name]))
  return row.slice(0, row.findLastIndex((cell) => cell !== null) + 1)
}

function toCell(value: Activity['parameters'][ParameterName]): Cell {
  if (value === undefined) return null
  if (typeof value === 'boolean') return value ? 1 : 0
  // As text, so that SQLite never parses what is inside.
  return Array.isArray(value) ? JSON.stringify(value) : value
}

/** The value of a parameter from what its column holds, as JSON text. */
export function cellToJson(name: ParameterName, cell: string | number): string {
  switch (TYPE_OF[name]) {
    case 'string':
      return JSON.stringify(cell)
    case 'bool':
      return cell === 0 ? 'false' : 'true'
    case 'int': // as text where a JavaScript number would lose digits
    case 'array of strings':
      return String(cell)
  }
}

/** The parameters that many events share: the columns of `campaigns`, in the order in which its key has them. */
export const CAMPAIGN_COLUMNS = [
  'mediaType',
  'messageId',
  'messageName',
  'messageTag',
  'broadcastId',
  'workflowId',
  'from',
] as const

const OF_CAMPAIGN: ReadonlySet<string> = new Set(CAMPAIGN_COLUMNS)

/** Whether the table `campaigns` has a parameter, and not `activity`. */
export function isOfCampaign(name: string): boolean {
  return OF_CAMPAIGN.has(name)
}

/** A column's name in SQL, where it may be a word of the language (`from`). */
export function quote(column: string): string {
  return `"${column}"`
}

/** The parameters whose columns are integers, which may go beyond 2^53. */
export const INTEGERS: ReadonlySet<string> = new Set(
  PARAMETERS.filter(({ type }) => type === 'int').map(({ name }) => name),
)

const ARE_UUIDS: ReadonlySet<string> = new Set(UUIDS)

/**
 * What a column of `activity` or `campaigns` holds, in SQL and as Yespo spells it; the `id` as hexadecimal digits.
 * As the view `events` has it, for statements that name the tables.
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
  const places = ['1, 8', '9, 4', '13, 4', '17, 4', '21']
  const parts = places.map((place) => `substr(hex(${column}), ${place})`)
  return `CASE typeof(${column}) WHEN 'blob' THEN lower(format('%s-%s-%s-%s-%s', ${parts.join(', ')})) ELSE ${column} END`
}

/** What tells a contact's deliveries apart, as the index has it: the `iid`, or without one the campaign. */
export function deliveryOf(event: string): string {
  return `coalesce(nullif(${event}.iid, ''), ${event}.campaign)`
}

/** D1 hands integers over as doubles: beyond 2^53 only text keeps every digit. */
export function everyDigit(name: string): string {
  const column = quote(name)
  const safe = Number.MAX_SAFE_INTEGER
  return `CASE WHEN ${column} BETWEEN -${safe} AND ${safe} THEN ${column} ELSE CAST(${column} AS TEXT) END AS ${column}`
}

/** A time rounded down to a step, in SQL; `%` alone rounds up what is before 1970. */
export function floorTo(time: string, step: number): string {
  return `(${time} - ((${time} % ${step}) + ${step}) % ${step})`
}

const TYPE_OF = Object.fromEntries(PARAMETERS.map(({ name, type }) => [name, type])) as Record<
  ParameterName,
  TypeName
>
