import { toUtc } from '../event/clock.ts'
import type { Kept, TimeSlice } from './activity-log.ts'
import { parseOffset, type Row } from './activity-row.ts'

export type Query = {
  slice: TimeSlice
  maxRows: number
  /** The row that the response begins after. */
  after: Pick<Kept, 'wall' | 'serial'> | undefined
  /** Values that rows must have, by the parameter's name. */
  filters: readonly (readonly [name: string, value: string])[]
}

const MAX_ROWS = 1_000
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/

/** The filters, and the parameters that they compare. */
const FILTERS = { email: 'email', status: 'activityStatus' } as const

/** @returns the text of a 400 for a query that cannot be read */
export function readQuery(parameters: URLSearchParams): Query | string {
  const from = readTime(parameters.get('dateFrom'))
  if (from === undefined) return 'dateFrom must be a time such as 2026-01-05T07:00:00'
  const to = readTime(parameters.get('dateTo'))
  if (to === undefined) return 'dateTo must be a time such as 2026-01-05T07:00:00'
  if (to < from) return 'dateTo must not be before dateFrom'
  const maxRows = Number(parameters.get('maxrows') ?? MAX_ROWS)
  if (!(Number.isInteger(maxRows) && maxRows > 0)) return 'maxrows must be a number above 0'
  const offset = parameters.get('offset') ?? ''
  const after = parseOffset(offset)
  if (offset !== '' && !after) return 'offset must be that of a row'
  const filters = Object.entries(FILTERS).flatMap(([filter, name]) => {
    const value = parameters.get(filter)
    return value === null ? [] : [[name, value] as const]
  })
  return { slice: { from, to }, maxRows: Math.min(maxRows, MAX_ROWS), after, filters }
}

/** Whether a row has what the filters ask for. */
export function passes(row: Row, filters: Query['filters']): boolean {
  return filters.every(([name, value]) => row[name] === value)
}

function readTime(text: string | null): number | undefined {
  return text !== null && TIME.test(text) ? toUtc(text, 'UTC') : undefined
}
