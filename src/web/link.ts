/** Parameters of a URL; undefined values are left out. */
export type Query = Readonly<Record<string, string | number | undefined>>

/** A path with parameters, such as `/recent?activityStatus=READ`. */
export function link(path: string, query: Query = {}): string {
  const defined = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  )
  // For readability: commas and colons need no escape in a query.
  const text = new URLSearchParams(defined).toString().replaceAll('%2C', ',').replaceAll('%3A', ':')
  return text === '' ? path : `${path}?${text}`
}

const MAX_VALUE = 500 // characters: a longer URL would be of no use

/**
 * Whether a URL can select by a value: blanks are ignored, commas separate the values of a list, and a
 * value with an @ may be somebody's email address.
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

/** A UTC time in a URL, as short as possible without loss. @param time milliseconds */
export function timeInLink(time: number): string {
  return new Date(time).toISOString().replace(/(:00)?\.000Z$/, 'Z')
}

/** Values of filters as parameters of a URL: several values become a comma-separated list. */
export function toQuery(values: Readonly<Record<string, string | string[] | undefined>>): Query {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, [value ?? []].flat().join() || undefined]),
  )
}
