import { HOUR_MS, QUARTER_MS } from '../../event/clock.ts'
import { deliveryOf } from '../columns.ts'
import { packUuid } from '../write/stored-row.ts'

/** An event, with what tells its delivery. */
export type Told = [occurredAt: number, contactId: string, iid: string, activityStatus: string]

const MAX_SHIFT_MS = 14 * HOUR_MS
const MAX_NOTIFIED = 200
const MAX_OF_CONTACT = 5 // each of whom may have many events
const SEARCHED = 2_000

/** Of a delivery these happen once; others may happen again, and by chance at a distance of some hours. */
const ONCE = ['SENT', 'DELIVERED', 'UNDELIVERED']
const MIN_SHIFTED = 3

/**
 * How far the times of most events are from those of the same events that are stored, if that cannot be
 * chance: milliseconds to add; 0 if it can.
 *
 * @param told what tells their deliveries, as far as they have one
 */
export async function findShift(db: D1Database, told: readonly Told[]): Promise<number> {
  const ofContacts = [...Map.groupBy(told, ([, contactId]) => contactId).values()]
  const asked = pick(
    ofContacts.flatMap((theirs) => pick(theirs, MAX_OF_CONTACT)),
    MAX_NOTIFIED,
  )
  if (asked.length === 0) return 0
  const { results } = await db
    .prepare(LIST_SHIFTS)
    .bind(JSON.stringify(asked.map((each) => [...each, packUuid(each[2]) ?? null])))
    .all<{ shift: number; matches: number; once: number; paired: number }>()
  const still = results.find(({ shift }) => shift === 0) ?? { matches: 0, once: 0 }
  const moved = results.find(({ shift, matches, once, paired }) => {
    if (shift === 0) return false
    const isMost = matches >= MIN_SHIFTED && 2 * matches >= paired && matches > still.matches
    return once > still.once || isMost
  })
  return moved?.shift ?? 0
}

// Zones differ by quarters of an hour. An event that has its like at the same time tells nothing by others.
const LIST_SHIFTS = `
  WITH pairs AS MATERIALIZED (
    SELECT given.key AS place, stored.occurredAt - (given.value ->> 0) AS shift,
      stored.activityStatus IN (${ONCE.map((status) => `'${status}'`).join(', ')}) AS isOnce
    FROM json_each(?) AS given
    CROSS JOIN activity AS stored INDEXED BY activity_by_contact
      ON stored.contactId = CAST(given.value ->> 1 AS INTEGER)
        AND ${deliveryOf('stored')} = coalesce(unhex(given.value ->> 4), given.value ->> 2) AND stored.activityStatus = given.value ->> 3
        AND stored.occurredAt BETWEEN (given.value ->> 0) - ${MAX_SHIFT_MS} AND (given.value ->> 0) + ${MAX_SHIFT_MS}
  )
  SELECT shift, count(DISTINCT place) AS matches, count(DISTINCT CASE WHEN isOnce THEN place END) AS once,
    (SELECT count(DISTINCT place) FROM pairs) AS paired
  FROM pairs
  WHERE shift % ${QUARTER_MS} = 0
    AND (shift = 0 OR place NOT IN (SELECT place FROM pairs WHERE shift = 0))
  GROUP BY shift ORDER BY matches DESC`

/** So many of a list, from all over it. */
function pick<T>(items: readonly T[], most: number): T[] {
  const step = Math.max(1, items.length / most)
  return items.filter((_, place) => Math.floor(place / step) > Math.floor((place - 1) / step))
}

/**
 * When the newest event of a delivery happened that the webhook confirmed, in a period; undefined where there is none
 * among the newest of all.
 */
export async function findDelivery(
  db: D1Database,
  { since, until }: { since: number; until: number },
): Promise<number | undefined> {
  const sql = `
    SELECT occurredAt FROM (
      SELECT occurredAt, origin, iid FROM activity WHERE occurredAt >= ? AND occurredAt < ?
      ORDER BY occurredAt DESC, id DESC LIMIT ${SEARCHED}
    )
    WHERE origin <> 'api' AND iid <> '' LIMIT 1`
  return (await db.prepare(sql).bind(since, until).first<number>('occurredAt')) ?? undefined
}
