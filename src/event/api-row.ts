/** Parameters whose name in Yespo's API differs from the one in its webhooks. */
export const API_NAMES: ReadonlyMap<string, string> = new Map([
  ['webPushToken', 'webpush'],
  ['mobPushToken', 'mobilepush'],
])

// A cursor of the API, not part of the event.
const CURSOR = 'offset'

/** Parameters that only Yespo's API has: in its rows they do not distinguish events. */
export const API_EXTRAS: ReadonlySet<string> = new Set([CURSOR, 'externalRequestId', 'statusData'])

/**
 * A row of Yespo's API method "Get contacts activity" with the webhook's names of parameters, and without its
 * cursor. The API's other extras stay. A parameter that comes under both names keeps both.
 */
export function toEvent(row: object): Record<string, unknown> {
  const columns = new Map<string, unknown>(Object.entries(row))
  const event = new Map<string, unknown>()
  for (const [name, value] of columns) {
    if (name === CURSOR || value === null) continue
    const known = API_NAMES.get(name) ?? name
    event.set((columns.get(known) ?? null) === null ? known : name, value)
  }
  return Object.fromEntries(event) // which takes any name, `__proto__` too
}

/** A row without the parameters that only the API has. */
export function withoutExtras(row: object): object {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !API_EXTRAS.has(name)))
}
