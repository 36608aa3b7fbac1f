/** Parameters of an address; what is undefined is left out. */
export type Query = Readonly<Record<string, string | number | undefined>>

/** A path with parameters, such as `/recent?activityStatus=READ`. */
export function link(path: string, query: Query = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  )
  // Readable where it can be: commas and colons need no escape in a query.
  const text = new URLSearchParams(given).toString().replaceAll('%2C', ',').replaceAll('%3A', ':')
  return text === '' ? path : `${path}?${text}`
}

const MAX_VALUE = 500 // characters: a longer address is of no use

/**
 * Whether an address can ask for a value: blanks are taken for nothing, commas tell the values of a
 * list apart, and what has an @ may be somebody's address.
 */
export function isLinkable(value: string, isList: boolean): boolean {
  return (
    value !== '' &&
    value === value.trim() &&
    value.length <= MAX_VALUE &&
    !value.includes('@') &&
    !(isList && value.includes(','))
  )
}

/** A moment in an address, UTC, as short as it is exact. @param time milliseconds */
export function timeInLink(time: number): string {
  return new Date(time).toISOString().replace(/(:00)?\.000Z$/, 'Z')
}

/** Values of filters as parameters of an address: several of one are a comma-separated list. */
export function toQuery(values: Readonly<Record<string, string | string[] | undefined>>): Query {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, [value ?? []].flat().join() || undefined]),
  )
}
