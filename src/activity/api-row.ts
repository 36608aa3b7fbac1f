/** Yespo's API has other names than its webhooks for two parameters. */
const NAMES: Readonly<Record<string, string>> = {
  webPushToken: 'webpush',
  mobPushToken: 'mobilepush',
}

// What the API adds to a row. The first is a cursor, and no part of what happened.
const CURSOR = 'offset'
const EXTRAS = ['externalRequestId', 'statusData']

/**
 * A row of Yespo's method "Get contacts activity" as the webhook would report the event: so that both get
 * the same id. Where there is no `iid`, an event is told by all that it says, and what only the API says
 * is left out.
 */
export function toEvent(row: object): Record<string, unknown> {
  const members = Object.entries(row)
  const hasId = members.some(([name, value]) => name === 'iid' && value !== null && value !== '')
  const event: Record<string, unknown> = {}
  for (const [name, value] of members) {
    if (name === CURSOR || (EXTRAS.includes(name) && !hasId)) continue
    const known = NAMES[name]
    if (known === undefined) event[name] = value
    else if (event[known] === undefined || event[known] === null) event[known] = value
  }
  return event
}
