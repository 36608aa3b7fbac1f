/** A request to an endpoint, and the response to it. */
export type Example = { url: string; body?: unknown; response?: unknown }

/** Examples by `operationId`. */
export type Examples = Readonly<Record<string, Example>>

const MAX_ITEMS = 2

/** A JSON value with only the first items of each list. */
export function shorten(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map(shorten)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shorten(member)]))
}
