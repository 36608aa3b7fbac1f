import { HOUR_MS, QUARTER_MS } from '../activity/clock.ts'

/** An event, with what tells its delivery. */
export type Told = [occurredAt: number, contactId: string, iid: string, activityStatus: string]

/** How the times of events compare with those of the same events from the webhook. */
export type Comparison = {
  /** How many have one at the same moment. */
  exact: number
  /** Of the others, how many have one at the distance that most have: milliseconds to add. */
  shifted: number
  shift: number
}

const MAX_SHIFT_MS = 14 * HOUR_MS
const MAX_TOLD = 200
const MAX_OF_CONTACT = 5 // each of whom may have many events
const LOOKED_THROUGH = 2_000

/** Compares the times of events, some of each contact, with what is stored. Zones differ by quarters of an hour. */
export async function compareTimes(db: D1Database, told: readonly Told[]): Promise<Comparison> {
  const ofContacts = [...Map.groupBy(told, ([, contactId]) => contactId).values()]
  const asked = ofContacts.flatMap((theirs) => pick(theirs, MAX_OF_CONTACT)).slice(0, MAX_TOLD)
  if (asked.length === 0) return { exact: 0, shifted: 0, shift: 0 }
  const { results } = await db
    .prepare(
      `WITH pairs AS MATERIALIZED (
         SELECT given.key AS place, stored.occurredAt - (given.value ->> 0) AS shift
         FROM json_each(?) AS given
         CROSS JOIN activity AS stored INDEXED BY activity_by_contact
           ON stored.contactId = CAST(given.value ->> 1 AS INTEGER)
             AND stored.iid = given.value ->> 2 AND stored.activityStatus = given.value ->> 3
             AND stored.occurredAt BETWEEN (given.value ->> 0) - ${MAX_SHIFT_MS} AND (given.value ->> 0) + ${MAX_SHIFT_MS}
         WHERE stored.origin <> 'api'
       )
       SELECT shift, count(DISTINCT place) AS matches FROM pairs
       WHERE shift % ${QUARTER_MS} = 0
         AND (shift = 0 OR place NOT IN (SELECT place FROM pairs WHERE shift = 0))
       GROUP BY shift ORDER BY matches DESC`,
    )
    .bind(JSON.stringify(asked))
    .all<{ shift: number; matches: number }>()
  const same = results.find(({ shift }) => shift === 0)
  const other = results.find(({ shift }) => shift !== 0)
  return {
    exact: same?.matches ?? 0,
    shifted: other?.matches ?? 0,
    shift: other?.shift ?? 0,
  }
}

/** So many of a list, from all over it. */
function pick<T>(items: readonly T[], most: number): T[] {
  const step = Math.max(1, items.length / most)
  return items.filter((_, place) => Math.floor(place / step) > Math.floor((place - 1) / step))
}

/**
 * When the newest event of a delivery happened that the webhook brought, in a period; undefined where there is none
 * among the newest of all.
 */
export async function findDelivery(
  db: D1Database,
  { since, until }: { since: number; until: number },
): Promise<number | undefined> {
  const sql = `
    SELECT occurredAt FROM (
      SELECT occurredAt, origin, iid FROM activity WHERE occurredAt >= ? AND occurredAt < ?
      ORDER BY occurredAt DESC, id DESC LIMIT ${LOOKED_THROUGH}
    )
    WHERE origin <> 'api' AND iid <> '' LIMIT 1`
  return (await db.prepare(sql).bind(since, until).first<number>('occurredAt')) ?? undefined
}
