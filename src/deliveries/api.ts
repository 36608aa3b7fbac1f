import * as z from 'zod'
import { HttpError } from '../platform/http-error.ts'
import { MAX_PAGE_BYTES } from '../db/events/list.ts'
import type { EventKey, StoredEvent } from '../db/stored-event.ts'
import { MAX_SCANS } from '../db/events/scan-plan.ts'
import { searchDelivery } from '../history/find-delivery.ts'
import { openHistory, type History } from '../history/history.ts'
import { listHistory } from '../history/list.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { eventSchema, toJson } from '../http/event-json.ts'
import { respondJson } from '../http/respond-json.ts'
import { cursor, integer } from '../http/query-fields.ts'
import { formatCursor } from '../http/cursor.ts'
import { moment } from '../http/response-fields.ts'

/** Events of a delivery in one response. */
const MAX_EVENTS = 500
const MAX_PAGES = 4

/** The states of a delivery; an event of an earlier state that arrives late does not reset it. */
const LADDER = ['SENT', 'DELIVERED', 'READ', 'CLICKED'] as const

/** Statuses that are reported in addition to the state. */
const BESIDE = { undelivered: 'UNDELIVERED', spam: 'SPAM', unsubscribed: 'UNSUBSCRIBED' } as const

const deliveryQuery = z.strictObject({
  contactId: integer
    .optional()
    .meta({ description: 'The contact it was sent to. With it, the delivery is found quickly.' }),
  cursor: cursor.optional().meta({
    description: 'Continue searching here: the `next` of an error that found nothing yet.',
  }),
})

const deliverySchema = lazily(() => {
  const mark = z.strictObject({
    events: z.int(),
    occurredAt: moment('The last time; for bounces, of the permanent one if any'),
    activityId: z.string(),
  })
  return z
    .strictObject({
      iid: z.string(),
      state: z
        .enum(LADDER)
        .nullable()
        .meta({ description: `The highest state reached: ${LADDER.join(' < ')}.` }),
      undelivered: mark
        .extend({
          hardBounce: z
            .boolean()
            .nullable()
            .meta({ description: 'Whether any bounce was permanent.' }),
          statusDescription: z.string().nullable(),
        })
        .nullable(),
      spam: mark.nullable(),
      unsubscribed: mark.nullable(),
      complete: z.boolean().meta({
        description: `False if the delivery has more than ${MAX_EVENTS} events or a few megabytes, or names no contact and there are more events to search.`,
      }),
      activity: z.array(eventSchema()).meta({ description: 'Oldest first.' }),
    })
    .meta({ id: 'Delivery' })
})

const showDelivery = defineEndpoint({
  method: 'get',
  path: '/deliveries/{iid}',
  access: 'readToken',
  operationId: 'showDelivery',
  tag: 'Contacts',
  summary: 'Show the delivery of one message to one contact',
  description: 'Its state does not depend on the order in which its events were received.',
  parameter: {
    description: 'The `iid`, which all events of a delivery have in common.',
    type: 'string',
  },
  query: deliveryQuery,
  response: deliverySchema,
  async handle({ env, parameter: iid, query: { contactId, cursor: after } }) {
    const history = openHistory(env)
    const { events, complete, next } =
      contactId === undefined
        ? await searchFor(history, iid, after)
        : await listOfContacts(history, iid, [contactId], after)
    if (events.length === 0) throw notFound(next)
    const state = LADDER.findLast((step) =>
      events.some(({ activityStatus }) => activityStatus === step),
    )
    const own = {
      iid,
      state: state ?? null,
      undelivered: describeBounce(events),
      spam: describe(events, BESIDE.spam),
      unsubscribed: describe(events, BESIDE.unsubscribed),
      complete,
    } satisfies Omit<z.input<ReturnType<typeof deliverySchema>>, 'activity'>
    const json = JSON.stringify(own)
    return respondJson(`${json.slice(0, -1)},"activity":[${events.map(toJson)}]}`)
  },
})

export const deliveryEndpoints = [showDelivery]

/** The events that were found, and where the search goes on; null if there is no more to search. */
type Found = { events: StoredEvent[]; complete: boolean; next: EventKey | null }

async function searchFor(
  history: History,
  iid: string,
  after: EventKey | undefined,
): Promise<Found> {
  const { contactIds, nameless, next } = await searchDelivery(history, iid, after)
  if (contactIds.length + nameless.length === 0) return { events: [], complete: !next, next }
  const ofContacts = await listOfContacts(history, iid, contactIds.slice(0, MAX_SCANS), after)
  const all = [...ofContacts.events, ...nameless]
  return {
    events: all.sort(oldestFirst).slice(-MAX_EVENTS),
    complete:
      ofContacts.complete &&
      contactIds.length <= MAX_SCANS &&
      all.length <= MAX_EVENTS &&
      (nameless.length === 0 || !next),
    next: ofContacts.next,
  }
}

/** The error for a delivery of which nothing is found. @param next where to search further */
function notFound(next: EventKey | null): HttpError {
  if (!next) return new HttpError(404, 'not_found', 'No event of this delivery is stored.')
  return new HttpError(
    404,
    'not_found',
    'No event of this delivery found yet. Repeat with “next” as cursor to search further; contactId makes that fast.',
    { details: { next: formatCursor(next) } },
  )
}

/** The events of a delivery to some contacts, oldest first; only the newest if there are very many. */
async function listOfContacts(
  history: History,
  iid: string,
  contactIds: readonly string[],
  after: EventKey | undefined,
): Promise<Found> {
  const events: StoredEvent[] = []
  if (contactIds.length === 0) return { events, complete: true, next: null }
  const filter = { parameters: { iid: [iid], contactId: contactIds } }
  let next = after ?? null
  let length = 0
  const hasRoom = () => events.length < MAX_EVENTS && length < MAX_PAGE_BYTES
  for (let pages = 0; pages < MAX_PAGES && hasRoom(); pages++) {
    const limit = MAX_EVENTS - events.length
    const page = await listHistory(history, filter, limit, next ?? undefined)
    events.push(...page.events)
    length += page.events.reduce((sum, event) => sum + toJson(event).length, 0)
    next = page.next
    if (!next) break
  }
  return { events: events.reverse(), complete: !next, next }
}

function oldestFirst(one: EventKey, other: EventKey): number {
  return one.occurredAt - other.occurredAt || (one.id < other.id ? -1 : 1)
}

function describe(all: readonly StoredEvent[], status: string) {
  const events = all.filter(({ activityStatus }) => activityStatus === status)
  const last = events.at(-1)
  return last ? markOf(last, events.length) : null
}

function markOf(event: StoredEvent, events: number) {
  return { events, occurredAt: event.occurredAt, activityId: formatCursor(event) }
}

/** Describes the bounce: a permanent one if there is one, otherwise a temporary one, or one of unknown kind. */
function describeBounce(events: readonly StoredEvent[]) {
  const bounces = events.filter(({ activityStatus }) => activityStatus === BESIDE.undelivered)
  const bounce =
    bounces.findLast(({ hardBounce }) => hardBounce === 1) ??
    bounces.findLast(({ hardBounce }) => hardBounce !== null) ??
    bounces.at(-1)
  if (!bounce) return null
  return {
    ...markOf(bounce, bounces.length),
    hardBounce: bounce.hardBounce === null ? null : bounce.hardBounce === 1,
    statusDescription: bounce.statusDescription === null ? null : String(bounce.statusDescription),
  }
}
