import { FILTERS, type FilterName } from '../activity/parameters.ts'
import { quote } from './columns.ts'

/** Which activities are asked for; what is left out does not restrict. */
export type Filter = {
  /** Values as text, of which one has to fit: of an `int` decimal digits, of a `bool` `true` or `false`. */
  readonly parameters: { readonly [Name in FilterName]?: readonly string[] }
  /** Exact values by the name of the header. */
  readonly labels?: Readonly<Record<string, string>>
  /** What brought it first. */
  readonly origin?: 'webhook' | 'api' | undefined
  /** UTC milliseconds, included. */
  readonly since?: number | undefined
  /** UTC milliseconds, not included. */
  readonly until?: number | undefined
}

/** A piece of SQL with a place for each of its values. */
export type Condition = { sql: string; values: (string | number)[] }

const TYPE_OF = new Map<string, string>(FILTERS.map(({ name, type }) => [name, type]))

/** Whether a row has one of the values in a column. */
export function isOneOf(name: FilterName, values: readonly string[]): Condition {
  const column = quote(name)
  const list = JSON.stringify(values)
  const each = (value: string) => `SELECT ${value} FROM json_each(?)`
  if (name === 'messageTag') {
    const sql = `EXISTS (SELECT 1 FROM ${tagsOf(column)} AS tag WHERE trim(tag.value) IN (${each('value')}))`
    return { sql, values: [list] }
  }
  switch (TYPE_OF.get(name)) {
    case 'int':
      return { sql: `${column} IN (${each('CAST(value AS INTEGER)')})`, values: [list] }
    case 'bool':
      return { sql: `${column} IN (${each("value = 'true'")})`, values: [list] }
    case 'array of strings': {
      const sql = `EXISTS (SELECT 1 FROM json_each(${column}) WHERE value IN (${each('value')}))`
      return { sql, values: [list] }
    }
    default:
      return { sql: `${column} IN (${each('value')})`, values: [list] }
  }
}

/** The tags of a message, which come as one text with commas, as a table. */
export function tagsOf(column: string): string {
  return `json_each('[' || replace(json_quote(${column}), ',', '","') || ']')`
}

/** Everything that a filter asks of a row besides its time, less what an index has answered. */
export function toConditions(filter: Filter, answered: readonly FilterName[]): Condition[] {
  const parameters = FILTERS.flatMap(({ name }) => {
    const values = filter.parameters[name]
    return values === undefined || answered.includes(name) ? [] : [isOneOf(name, values)]
  })
  const labels = Object.entries(filter.labels ?? {}).map(([name, value]) => ({
    sql: `EXISTS (SELECT 1 FROM json_each(labels) WHERE key = ? COLLATE NOCASE AND value = ?)`,
    values: [name, value],
  }))
  const origin = filter.origin ? [{ sql: 'origin = ?', values: [filter.origin] }] : []
  return [...parameters, ...labels, ...origin]
}

/** Conditions as one expression; true where there are none. */
export function allOf(conditions: readonly Condition[]): string {
  return conditions.map(({ sql }) => `(${sql})`).join(' AND ') || 'true'
}

/** Conditions as a clause; empty where there are none. */
export function where(conditions: readonly Condition[]): string {
  return conditions.length > 0 ? `WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}` : ''
}

/** The values of conditions, in order. */
export function valuesOf(conditions: readonly Condition[]): (string | number)[] {
  return conditions.flatMap(({ values }) => values)
}
