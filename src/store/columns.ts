import type { ExactNumber } from '../activity/exact-number.ts'
import type { Activity } from '../activity/normalize.ts'
import { PARAMETERS, TYPES, type ParameterName } from '../activity/parameters.ts'

/** A column of the table `activity` that is filled from the rows of a message. */
export type RowColumn = 'occurredAt' | 'id' | 'extra' | ParameterName

/**
 * The columns of a message's rows, in the order in which they travel. Messages of the release
 * before have to be readable: only ever add at the end, as `parameters.ts` does.
 */
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

/** A column's name in SQL, where it may be a word of the language (`from`). */
export function quote(column: string): string {
  return `"${column}"`
}

/** The parameters whose columns are integers, which may go beyond 2^53. */
export const INTEGERS: ReadonlySet<string> = new Set(
  PARAMETERS.filter(({ type }) => type === 'int').map(({ name }) => name),
)

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
  keyof typeof TYPES
>
