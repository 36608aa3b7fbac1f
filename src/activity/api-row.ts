/** Yespo's API has other names than its webhooks for two parameters. */
const NAMES: Readonly<Record<string, string>> = {
  webPushToken: 'webpush',
  mobPushToken: 'mobilepush',
}

// A cursor of the API, and no part of what happened.
const CURSOR = 'offset'

/**
 * A row of Yespo's method "Get contacts activity" as the webhook would report the event: so that both get
 * the same id. What the API adds besides stays, and tells no event from another: see `identity.ts`.
 */
export function toEvent(row: object): Record<string, unknown> {
  const event: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(row)) {
    if (name === CURSOR) continue
    const known = NAMES[name]
    if (known === undefined) event[name] = value
    else if (event[known] === undefined || event[known] === null) event[known] = value
  }
  return event
}
