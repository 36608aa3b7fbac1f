/** Yespo's API has other names than its webhooks for two parameters. */
export const API_NAMES: ReadonlyMap<string, string> = new Map([
  ['webPushToken', 'webpush'],
  ['mobPushToken', 'mobilepush'],
])

// A cursor of the API, and no part of what happened.
const CURSOR = 'offset'

/** Yespo's API adds these to what its webhooks report: in its rows they tell no event from another. */
export const API_EXTRAS: ReadonlySet<string> = new Set([CURSOR, 'externalRequestId', 'statusData'])

/**
 * A row of Yespo's method "Get contacts activity" with the webhook's names of parameters, and without its
 * cursor. What the API adds besides stays. A parameter that comes under both names keeps both.
 */
export function toEvent(row: object): Record<string, unknown> {
  const given = new Map<string, unknown>(Object.entries(row))
  const event = new Map<string, unknown>()
  for (const [name, value] of given) {
    if (name === CURSOR || value === null) continue
    const known = API_NAMES.get(name) ?? name
    event.set((given.get(known) ?? null) === null ? known : name, value)
  }
  return Object.fromEntries(event) // which takes any name, `__proto__` too
}

/** What the API tells of an event and its webhooks do, too. */
export function withoutExtras(row: object): object {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !API_EXTRAS.has(name)))
}
