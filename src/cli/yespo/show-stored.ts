import { setTimeout as wait } from 'node:timers/promises'

const TIMEOUT_MS = 60_000
const POLL_MS = 200
const MAX_PAGES = 20
const ANY_ZONE_MS = 14 * 3_600_000 // Yespo's times carry no zone, so they may differ from UTC by as much

/** An event as it is sent, or as the read API returns it. */
type Event = Readonly<Record<string, unknown>>

/**
 * Waits until the events of bodies can be read, and prints them as a table.
 *
 * @param webhookUrl whose origin serves the read API
 * @param accepted how many of them the receiver accepted
 * @returns whether all of them could be read in time
 */
export async function showStored(
  webhookUrl: string,
  token: string,
  bodies: readonly Uint8Array[],
  accepted: number,
): Promise<boolean> {
  const sent = bodies.flatMap(readEvents)
  const keys = new Set(sent.map(identify))
  const deadline = Date.now() + TIMEOUT_MS
  let stored: Event[] = []
  while (stored.length < accepted && Date.now() < deadline) {
    await wait(POLL_MS)
    const lists = await Promise.all(toQueries(sent).map((query) => list(webhookUrl, token, query)))
    stored = lists.flat().filter((event) => keys.has(identify(event)))
  }
  console.table(stored.map(toTableRow))
  if (stored.length >= accepted) return true
  console.error(
    `Only ${stored.length} of ${accepted} events could be read within ${TIMEOUT_MS / 1000} seconds.`,
  )
  return false
}

function readEvents(body: Uint8Array): Event[] {
  const value: unknown = JSON.parse(new TextDecoder().decode(body))
  const elements: unknown[] = Array.isArray(value) ? value : [value]
  return elements.filter((element): element is Event => {
    if (typeof element !== 'object' || element === null) return false
    const { activityStatus, activityDateTime } = element as Event
    return typeof activityStatus === 'string' && typeof activityDateTime === 'string'
  })
}

function identify({ iid, activityStatus, activityDateTime, clickEventLink }: Event): string {
  return JSON.stringify([iid, activityStatus, activityDateTime, clickEventLink])
}

/** One query per contact, as a contact has few events; one for all contacts without an id. */
function toQueries(sent: readonly Event[]): URLSearchParams[] {
  const contacts = new Set(
    sent.map(({ contactId }) => (typeof contactId === 'number' ? contactId : null)),
  )
  const times = sent.map(({ activityDateTime }) =>
    Date.parse(`${String(activityDateTime).slice(0, 19)}Z`),
  )
  const known = times.filter((time) => !Number.isNaN(time))
  return [...contacts].map((contactId) => {
    const query = new URLSearchParams({ limit: '500' })
    if (contactId !== null) query.set('contactId', String(contactId))
    if (known.length > 0) {
      query.set('since', String(Math.min(...known) - ANY_ZONE_MS))
      query.set('until', String(Math.max(...known) + ANY_ZONE_MS))
    }
    return query
  })
}

async function list(webhookUrl: string, token: string, query: URLSearchParams): Promise<Event[]> {
  const events: Event[] = []
  for (let page = 0; page < MAX_PAGES; page++) {
    const url = new URL(`/activity?${query.toString()}`, webhookUrl)
    const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` } })
    if (!response.ok) throw new Error(`GET /activity: ${response.status} ${await response.text()}`)
    const { activity, next } = (await response.json()) as { activity: Event[]; next: string | null }
    events.push(...activity)
    if (next === null) break
    query.set('cursor', next)
  }
  query.delete('cursor')
  return events
}

function toTableRow(event: Event): Record<string, unknown> {
  const { occurredAt, activityStatus, mediaType, contactId, email, sms, messageName } = event
  return {
    'occurred (UTC)': new Date(Number(occurredAt)).toISOString(),
    status: activityStatus,
    channel: mediaType,
    contact: contactId,
    address: email ?? sms,
    message: messageName,
  }
}
