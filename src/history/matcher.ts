import { toMatcher as toIdentifierMatcher, type Filter } from '../db/events/filter.ts'
import type { StoredEvent } from '../db/stored-event.ts'
import { canonicalChannel } from '../event/channel.ts'
import { isIdentifierName } from '../event/identifier.ts'
import { FILTERS, type FilterName } from '../event/parameters.ts'

type Column = keyof StoredEvent
type Test = (row: Readonly<Record<string, unknown>>) => boolean

/** A filter as a function of an event, without its time. */
export type Matcher = {
  /** The columns that it reads. */
  columns: readonly Column[]
  test: Test
}

/** The meaning of the conditions in `db/events/filter.ts`, for events that are not in the database. */
export function matcherOf(filter: Filter): Matcher {
  const queried = FILTERS.flatMap(({ name, type }) => {
    const values = filter.parameters[name]
    return values === undefined ? [] : [{ name, type, values }]
  })
  const tests = queried.flatMap(({ name, type, values }) =>
    isIdentifierName(name) ? [] : testOf(name, type, values),
  )
  const columns: Column[] = queried.map(({ name }) => name)
  const identifies = toIdentifierMatcher(filter)
  // One reasoned cast: `columns` has the identifiers that the filter reads.
  if (identifies) tests.push((row) => identifies(row as Parameters<typeof identifies>[0]))
  const labels = Object.entries(filter.labels ?? {})
  if (labels.length > 0) {
    columns.push('labels')
    tests.push(({ labels: json }) => hasLabels(json, labels))
  }
  const { origin } = filter
  if (origin) {
    columns.push('origin')
    tests.push((row) => row['origin'] === origin)
  }
  return { columns, test: (row) => tests.every((test) => test(row)) }
}

/** Whether it is the event with an ID. */
export function hasId(id: string): Matcher {
  return { columns: [], test: (row) => row['id'] === id }
}

function testOf(
  name: FilterName,
  type: (typeof FILTERS)[number]['type'],
  values: readonly string[],
): Test {
  const texts = new Set(name === 'mediaType' ? values.map(canonicalChannel) : values)
  const isOne = (text: string) => texts.has(text)
  if (name === 'messageTag') return (row) => tagsOf(row[name]).some(isOne)
  switch (type) {
    case 'int': {
      const numbers = new Set(values.map((digits) => String(BigInt(digits))))
      return (row) => numbers.has(String(row[name]))
    }
    case 'bool':
      return (row) => row[name] !== null && isOne(row[name] === 1 ? 'true' : 'false')
    case 'array of strings':
      return (row) => listOf(row[name]).some(isOne)
    default:
      return (row) => typeof row[name] === 'string' && isOne(row[name])
  }
}

/** The tags of a message, a comma-separated text. */
function tagsOf(cell: unknown): string[] {
  return typeof cell === 'string' ? cell.split(',').map((tag) => tag.replace(/^ +| +$/g, '')) : []
}

function listOf(cell: unknown): string[] {
  // One reasoned cast: the column has no other values.
  return typeof cell === 'string' ? (JSON.parse(cell) as string[]) : []
}

function hasLabels(json: unknown, queried: readonly (readonly [string, string])[]): boolean {
  const labels = typeof json === 'string' ? Object.entries(JSON.parse(json) as object) : []
  return queried.every(([name, value]) =>
    labels.some(([key, other]) => toLower(key) === toLower(name) && other === value),
  )
}

/** Lower case in ASCII alone, as SQLite compares. */
function toLower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}
