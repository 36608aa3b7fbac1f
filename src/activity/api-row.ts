/** Yespo's API has other names than its webhooks for two parameters. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['webPushToken', 'webpush'],
  ['mobPushToken', 'mobilepush'],
])

// A cursor of the API, and no part of what happened.
const CURSOR = 'offset'

/**
 * A row of Yespo's method "Get contacts activity" as the webhook would report the event: so that both get
 * the same id. What the API adds besides stays, and tells no event from another: see `identity.ts`.
 */
export function toEvent(row: object): Record<string, unknown> {
  const event = new Map<string, unknown>()
  for (const [name, value] of Object.entries(row)) {
    if (name === CURSOR) continue
    const known = NAMES.get(name)
    if (known === undefined) event.set(name, value)
    else if ((event.get(known) ?? null) === null) event.set(known, value)
  }
  return Object.fromEntries(event) // which takes any name, `__proto__` too
}
