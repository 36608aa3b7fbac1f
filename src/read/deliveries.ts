import type { Context } from 'hono'
import * as z from 'zod'
import { Refusal } from '../refusal.ts'
import {
  listActivities,
  MAX_PAGE_BYTES,
  type Position,
  type StoredActivity,
} from '../store/list.ts'
import { answerJson, toJson } from './activity-json.ts'
import { formatPosition } from './position.ts'
import { parseQuery } from './query.ts'

/** Of a delivery, in one answer. */
export const MAX_EVENTS = 500
const MAX_PAGES = 20 // of a contact who has more events than any person

/** How far a delivery got; a later step is never taken back by an earlier one that comes in late. */
export const LADDER = ['SENT', 'DELIVERED', 'READ', 'CLICKED'] as const

/** What is told beside the ladder. */
const BESIDE = { undelivered: 'UNDELIVERED', spam: 'SPAM', unsubscribed: 'UNSUBSCRIBED' } as const

/** `GET /deliveries/{iid}` takes no parameters. */
export const deliveryQuery = z.strictObject({})

/** `GET /deliveries/{iid}`: what became of one message to one contact. */
export async function showDelivery(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { env, req } = context
  parseQuery(deliveryQuery, new URL(req.url).searchParams)
  const iid = req.param('iid') ?? ''
  const { activities, isWhole } = await listAll(env.DB, iid)
  if (activities.length === 0) {
    const message = isWhole
      ? 'No event of a delivery with this iid is stored.'
      : 'No event of a delivery with this iid is among the newest that were looked at.'
    throw new Refusal(404, 'not_found', message)
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
    isWhole,
  })
  return answerJson(`${own.slice(0, -1)},"activity":[${activities.map(toJson)}]}`)
}

/** The events of a delivery, the oldest first; of very long ones only the newest. */
async function listAll(db: D1Database, iid: string) {
  const activities: StoredActivity[] = []
  let position: Position | undefined
  let length = 0
  const hasRoom = () => activities.length < MAX_EVENTS && length < MAX_PAGE_BYTES
  for (let pages = 0; pages < MAX_PAGES && hasRoom(); pages++) {
    const filter = { parameters: { iid: [iid] } }
    const page = await listActivities(db, filter, MAX_EVENTS - activities.length, position)
    activities.push(...page.activities)
    length += page.activities.reduce((sum, activity) => sum + toJson(activity).length, 0)
    if (!page.next) return { activities: activities.reverse(), isWhole: true }
    position = page.next
  }
  return { activities: activities.reverse(), isWhole: false }
}

function describe(activities: readonly StoredActivity[], status: string) {
  const events = activities.filter(({ activityStatus }) => activityStatus === status)
  const last = events.at(-1)
  return last ? noteOf(last, events.length) : null
}

function noteOf(told: StoredActivity, events: number) {
  return { events, occurredAt: told.occurredAt, activityId: formatPosition(told) }
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
