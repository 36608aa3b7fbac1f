import { HOUR_MS, QUARTER_MS } from '../../event/clock.ts'
import { deliveryOf } from '../columns.ts'
import { packUuid } from '../write/stored-row.ts'

/** An event, with its contact and delivery. */
export type DeliveredEvent = [
  occurredAt: number,
  contactId: string,
  iid: string,
  activityStatus: string,
]

const MAX_SHIFT_MS = 14 * HOUR_MS
const MAX_COMPARED = 200
const MAX_OF_CONTACT = 5 // as one may have many events
const SEARCHED = 2_000

/** Statuses that occur once per delivery; others may occur again, and by chance some whole hours later. */
const ONCE = ['SENT', 'DELIVERED', 'UNDELIVERED']
const MIN_SHIFTED = 3

/**
 * The shift between most events and the same events as stored, in milliseconds to add; 0 if it may be by chance.
 *
 * @param events those that have a delivery
 */
export async function findShift(
  db: D1Database,
  events: readonly DeliveredEvent[],
): Promise<number> {
  const byContact = [...Map.groupBy(events, ([, contactId]) => contactId).values()]
  const compared = pick(
    byContact.flatMap((ofContact) => pick(ofContact, MAX_OF_CONTACT)),
    MAX_COMPARED,
  )
  if (compared.length === 0) return 0
  const { results } = await db
    .prepare(LIST_SHIFTS)
    .bind(JSON.stringify(compared.map((each) => [...each, packUuid(each[2]) ?? null])))
    .all<{ shift: number; matches: number; once: number; paired: number }>()
  const still = results.find(({ shift }) => shift === 0) ?? { matches: 0, once: 0 }
  const moved = results.find(({ shift, matches, once, paired }) => {
    if (shift === 0) return false
    const isMost = matches >= MIN_SHIFTED && 2 * matches >= paired && matches > still.matches
    return once > still.once || isMost
  })
  return moved?.shift ?? 0
}

// Zones differ by quarters of an hour. An event that matches a stored one at the same time is not paired with others.
const LIST_SHIFTS = `
  WITH pairs AS MATERIALIZED (
    SELECT input.key AS "index", stored.occurredAt - (input.value ->> 0) AS shift,
      stored.activityStatus IN (${ONCE.map((status) => `'${status}'`).join(', ')}) AS isOnce
    FROM json_each(?) AS input
    CROSS JOIN activity AS stored INDEXED BY activity_by_contact
      ON stored.contactId = CAST(input.value ->> 1 AS INTEGER)
        AND ${deliveryOf('stored')} = coalesce(unhex(input.value ->> 4), input.value ->> 2) AND stored.activityStatus = input.value ->> 3
        AND stored.occurredAt BETWEEN (input.value ->> 0) - ${MAX_SHIFT_MS} AND (input.value ->> 0) + ${MAX_SHIFT_MS}
  )
  SELECT shift, count(DISTINCT "index") AS matches, count(DISTINCT CASE WHEN isOnce THEN "index" END) AS once,
    (SELECT count(DISTINCT "index") FROM pairs) AS paired
  FROM pairs
  WHERE shift % ${QUARTER_MS} = 0
    AND (shift = 0 OR "index" NOT IN (SELECT "index" FROM pairs WHERE shift = 0))
  GROUP BY shift ORDER BY matches DESC`

/** Some items of a list, evenly spread over it. */
function pick<T>(items: readonly T[], most: number): T[] {
  const step = Math.max(1, items.length / most)
  return items.filter((_, index) => Math.floor(index / step) > Math.floor((index - 1) / step))
}

/**
 * The time of the webhook's newest event of a delivery in a period; undefined if there is none among the newest events.
 *
 * @param receivedSince only those that came in since: UTC milliseconds
 */
export async function findDelivery(
  db: D1Database,
  { since, until }: { since: number; until: number },
  receivedSince: number,
): Promise<number | undefined> {
  const sql = `
    SELECT occurredAt FROM (
      SELECT occurredAt, receivedAt, origin, iid FROM activity WHERE occurredAt >= ? AND occurredAt < ?
      ORDER BY occurredAt DESC, id DESC LIMIT ${SEARCHED}
    )
    WHERE origin <> 'api' AND iid <> '' AND receivedAt >= ? LIMIT 1`
  const found = db.prepare(sql).bind(since, until, receivedSince)
  return (await found.first<number>('occurredAt')) ?? undefined
}
