import type { Context } from 'hono'
import * as z from 'zod'
import { HttpError } from '../platform/http-error.ts'
import { listActivities, MAX_PAGE_BYTES } from '../db/events/list.ts'
import { listAt } from '../db/events/select-events.ts'
import type { EventKey, StoredActivity } from '../db/stored-activity.ts'
import { MAX_SCANS } from '../db/events/scan-plan.ts'
import { findDelivery } from '../db/events/find-delivery.ts'
import { respondJson, toJson } from '../http/event-json.ts'
import { cursor, integer } from '../http/query-fields.ts'
import { formatCursor } from '../http/cursor.ts'
import { parseQuery } from '../http/parse-query.ts'

/** Of a delivery, in one answer. */
export const MAX_EVENTS = 500
const MAX_PAGES = 4

/** How far a delivery got; a later step is never taken back by an earlier one that comes in late. */
export const LADDER = ['SENT', 'DELIVERED', 'READ', 'CLICKED'] as const

/** What is told beside the ladder. */
const BESIDE = { undelivered: 'UNDELIVERED', spam: 'SPAM', unsubscribed: 'UNSUBSCRIBED' } as const

/** What `GET /deliveries/{iid}` can be asked. */
export const deliveryQuery = z.strictObject({
  contactId: integer
    .optional()
    .meta({ description: 'SuppressedSubject it went to: with it, the delivery is found at once.' }),
  cursor: cursor.optional().meta({
    description: 'Where to go on looking: the `next` of an answer that found nothing yet.',
  }),
})

/** `GET /deliveries/{iid}`: what became of one message to one contact. */
export async function showDelivery(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { env, req } = context
  const { contactId, cursor: after } = parseQuery(deliveryQuery, new URL(req.url).searchParams)
  const iid = req.param('iid') ?? ''
  const { activities, complete } =
    contactId === undefined
      ? await searchFor(env.DB, iid, after)
      : await listOfContacts(env.DB, iid, [contactId])
  if (activities.length === 0) {
    throw new HttpError(404, 'not_found', 'No event of this delivery to this contact is stored.')
  }
  const state = LADDER.findLast((step) =>
    activities.some(({ activityStatus }) => activityStatus === step),
  )
  const own = JSON.stringify({
    iid,
    state: state ?? null,
    undelivered: describeBounce(activities),
    spam: describe(activities, BESIDE.spam),
    unsubscribed: describe(activities, BESIDE.unsubscribed),
    complete,
  })
  return respondJson(`${own.slice(0, -1)},"activity":[${activities.map(toJson)}]}`)
}

type Found = { activities: StoredActivity[]; complete: boolean }

/** @throws HttpError 404 where none is found; with the `next` to go on with, where there is more to look at */
async function searchFor(db: D1Database, iid: string, after: EventKey | undefined): Promise<Found> {
  const { found, next } = await findDelivery(db, iid, after)
  if (found.length === 0) throw notFound(next)
  const contactIds = [...new Set(found.flatMap(({ contactId }) => contactId ?? []))]
  const nameless = found.filter(({ contactId }) => contactId === null)
  const ofContacts = await listOfContacts(db, iid, contactIds.slice(0, MAX_SCANS))
  const all = [...ofContacts.activities, ...(await listAt(db, nameless))]
  return {
    activities: all.sort(oldestFirst).slice(-MAX_EVENTS),
    complete:
      ofContacts.complete &&
      contactIds.length <= MAX_SCANS &&
      all.length <= MAX_EVENTS &&
      (nameless.length === 0 || !next),
  }
}

function notFound(next: EventKey | null): HttpError {
  if (!next)
    return new HttpError(404, 'not_found', 'No event of a delivery with this iid is stored.')
  return new HttpError(
    404,
    'not_found',
    'No event of a delivery with this iid is among those that were looked at. Ask again with the "next" as cursor to look further, or with contactId, which finds it at once.',
    { details: { next: formatCursor(next) } },
  )
}

/** The events of a delivery to some contacts, the oldest first; of very long ones only the newest. */
async function listOfContacts(
  db: D1Database,
  iid: string,
  contactIds: readonly string[],
): Promise<Found> {
  const activities: StoredActivity[] = []
  if (contactIds.length === 0) return { activities, complete: true }
  const filter = { parameters: { iid: [iid], contactId: contactIds } }
  let position: EventKey | undefined
  let length = 0
  const hasRoom = () => activities.length < MAX_EVENTS && length < MAX_PAGE_BYTES
  for (let pages = 0; pages < MAX_PAGES && hasRoom(); pages++) {
    const page = await listActivities(db, filter, MAX_EVENTS - activities.length, position)
    activities.push(...page.activities)
    length += page.activities.reduce((sum, activity) => sum + toJson(activity).length, 0)
    if (!page.next) return { activities: activities.reverse(), complete: true }
    position = page.next
  }
  return { activities: activities.reverse(), complete: false }
}

function oldestFirst(one: EventKey, other: EventKey): number {
  return one.occurredAt - other.occurredAt || (one.id < other.id ? -1 : 1)
}

function describe(activities: readonly StoredActivity[], status: string) {
  const events = activities.filter(({ activityStatus }) => activityStatus === status)
  const last = events.at(-1)
  return last ? noteOf(last, events.length) : null
}

function noteOf(told: StoredActivity, events: number) {
  return { events, occurredAt: told.occurredAt, activityId: formatCursor(told) }
}

/** A permanent bounce is told before a temporary one, and that before one that does not say. */
function describeBounce(activities: readonly StoredActivity[]) {
  const bounces = activities.filter(({ activityStatus }) => activityStatus === BESIDE.undelivered)
  const told =
    bounces.findLast(({ hardBounce }) => hardBounce === 1) ??
    bounces.findLast(({ hardBounce }) => hardBounce !== null) ??
    bounces.at(-1)
  if (!told) return null
  return {
    ...noteOf(told, bounces.length),
    hardBounce: told.hardBounce === null ? null : told.hardBounce === 1,
    statusDescription: told.statusDescription,
  }
}
