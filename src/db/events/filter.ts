import { canonicalChannel } from '../../event/channel.ts'
import {
  IDENTIFIERS,
  isIdentifierName,
  normalizeIdentifier,
  type IdentifierName,
} from '../../event/identifier.ts'
import { FILTERS, type FilterName } from '../../event/parameters.ts'
import { isOfCampaign, quote, valueOf } from '../columns.ts'
import type { EventKey } from '../stored-event.ts'

/** The conditions of a query for events; an omitted one does not restrict it. */
export type Filter = {
  /** Values as text, one of which has to match: decimal digits of an `int`, `true` or `false` of a `bool`. */
  readonly parameters: { readonly [Name in FilterName]?: readonly string[] }
  /** Exact values by the name of the header. */
  readonly labels?: Readonly<Record<string, string>>
  /** What reported it first. */
  readonly origin?: 'webhook' | 'api' | undefined
  /** UTC milliseconds, included. */
  readonly since?: number | undefined
  /** UTC milliseconds, not included. */
  readonly until?: number | undefined
}

/** An expression in SQL, with a question mark for each of its values. */
export type Condition = { sql: string; values: (string | number)[] }

/** Whether an expression has one of some values. */
export function inList(sql: string, values: readonly string[]): Condition {
  return { sql: `${sql} IN (SELECT value FROM json_each(?))`, values: [JSON.stringify(values)] }
}

/** Whether an event is in a period: UTC milliseconds, `until` not included. An undefined end is open. */
export function occurredIn({ since, until }: Pick<Filter, 'since' | 'until'>): Condition[] {
  const conditions: Condition[] = []
  if (since !== undefined) conditions.push({ sql: 'occurredAt >= ?', values: [since] })
  if (until !== undefined) conditions.push({ sql: 'occurredAt < ?', values: [until] })
  return conditions
}

/** Whether an event is older than another one; none if there is no other. */
export function olderThan(key: EventKey | undefined): Condition[] {
  if (!key) return []
  return [{ sql: '(occurredAt, id) < (?, unhex(?))', values: [key.occurredAt, key.id] }]
}

const TYPE_OF = new Map<string, string>(FILTERS.map(({ name, type }) => [name, type]))

/** Whether a row of `activity`, or of `campaigns`, has one of the values in a column. */
export function isOneOf(name: FilterName, values: readonly string[]): Condition {
  const column = valueOf(name)
  const texts = name === 'mediaType' ? values.map(canonicalChannel) : values
  const list = JSON.stringify(texts)
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
      return inList(column, texts)
  }
}

/** The tags of a message, a comma-separated text, as a table. */
export function tagsOf(column: string): string {
  return `json_each('[' || replace(json_quote(${column}), ',', '","') || ']')`
}

const HAS_MORE_THAN_ASCII = /[^ -~]/
const COMPARED_DIGITS = 7 // of a phone number: the digits before them can be written in several ways

/**
 * Whether a row may have one of some identifiers. SQLite can only tell roughly, as it ignores case in ASCII alone and
 * cannot normalize identifiers; `toMatcher` decides.
 */
function mayIdentify(name: IdentifierName, values: readonly string[]): Condition {
  const column = quote(name)
  const conditions = values.map((value): Condition => {
    const key = normalizeIdentifier(name, value)
    return key === undefined ? { sql: 'false', values: [] } : mayHave(name, key)
  })
  const exact = `${column} IN (SELECT value FROM json_each(?))`
  // Text beyond ASCII may be normalized to ASCII, but never the other way round.
  const others = values.some((value) => normalizeIdentifier(name, value) !== undefined)
    ? ` OR ${column} GLOB '*[^ -~]*'`
    : ''
  return {
    sql: `(${exact}${others} OR ${conditions.map(({ sql }) => sql).join(' OR ')})`,
    values: [JSON.stringify(values), ...valuesOf(conditions)],
  }
}

/** Whether a row may have an identifier, written in ASCII. */
function mayHave(name: IdentifierName, key: string): Condition {
  const column = quote(name)
  if (name === 'sms' && /^\d+$/.test(key)) {
    const digits = key.slice(-COMPARED_DIGITS).split('').join('%')
    // The letter O is read as a zero.
    return { sql: `${column} LIKE ? OR instr(lower(${column}), 'o') > 0`, values: [`%${digits}%`] }
  }
  const text = name === 'email' ? key.slice(0, key.lastIndexOf('@')) : key
  if (HAS_MORE_THAN_ASCII.test(text)) return { sql: 'false', values: [] }
  const sent = name === 'email' ? `lower(${column})` : column
  return { sql: `instr(${sent}, ?) > 0`, values: [text] }
}

/** Returns a function that decides whether a row has the identifiers of a filter; undefined if it has none. */
export function toMatcher({
  parameters,
}: Filter): ((row: { readonly [Name in IdentifierName]: unknown }) => boolean) | undefined {
  const queried = IDENTIFIERS.flatMap((name) => {
    const values = parameters[name]
    const keyOf = (value: string) => normalizeIdentifier(name, value) ?? value
    return values === undefined ? [] : [{ name, keyOf, keys: new Set(values.map(keyOf)) }]
  })
  if (queried.length === 0) return undefined
  return (row) =>
    queried.every(({ name, keyOf, keys }) => {
      const value = row[name]
      return typeof value === 'string' && keys.has(keyOf(value))
    })
}

/** Whether the campaign of a row of `activity` meets conditions. Reads the campaign of each scanned row. */
function hasCampaign(conditions: readonly Condition[]): Condition[] {
  if (conditions.length === 0) return []
  const sql = `EXISTS (
    SELECT 1 FROM campaigns WHERE campaigns.campaign = activity.campaign AND ${allOf(conditions)}
  )`
  return [{ sql, values: valuesOf(conditions) }]
}

/**
 * The conditions of a filter for a row of `activity`, except for its time and the parameters that an index has
 * answered.
 */
export function toConditions(filter: Filter, answered: readonly FilterName[]): Condition[] {
  const queried = FILTERS.flatMap(({ name }) => {
    const values = filter.parameters[name]
    if (values === undefined || answered.includes(name)) return []
    const sql = isIdentifierName(name) ? mayIdentify(name, values) : isOneOf(name, values)
    return [{ name, sql }]
  })
  const [ofCampaign = [], own = []] = [true, false].map((isCampaign) =>
    queried.flatMap(({ name, sql }) => (isOfCampaign(name) === isCampaign ? [sql] : [])),
  )
  const parameters = [...own, ...hasCampaign(ofCampaign)]
  const labels = Object.entries(filter.labels ?? {}).map(([name, value]) => ({
    sql: `EXISTS (SELECT 1 FROM json_each(labels) WHERE key = ? COLLATE NOCASE AND value = ?)`,
    values: [name, value],
  }))
  const origin = filter.origin ? [{ sql: 'origin = ?', values: [filter.origin] }] : []
  return [...parameters, ...labels, ...origin]
}

/** The columns of `activity` that a filter reads, except for the time. */
export function columnsOf({ parameters, labels, origin }: Filter): string[] {
  const names = Object.entries(parameters).flatMap(([name, values]) =>
    values ? [isOfCampaign(name) ? 'campaign' : name] : [],
  )
  if (labels && Object.keys(labels).length > 0) names.push('labels')
  if (origin) names.push('origin')
  return [...new Set(names)]
}

/** Conditions as one expression; true if there are none. */
export function allOf(conditions: readonly Condition[]): string {
  return conditions.map(({ sql }) => `(${sql})`).join(' AND ') || 'true'
}

/** Conditions as a clause; empty if there are none. */
export function where(conditions: readonly Condition[]): string {
  return conditions.length > 0 ? `WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}` : ''
}

/** The values of conditions, in order. */
export function valuesOf(conditions: readonly Condition[]): (string | number)[] {
  return conditions.flatMap(({ values }) => values)
}
