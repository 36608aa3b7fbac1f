import { firstPage, entryKeyOf, shardOf } from './deliveries.ts'

/** Where the events of a delivery are to be looked for: with a contact, or at a time. */
export type DeliveryPlace = { contactId: string } | { occurredAt: number }

// Of those that look alike: a handful, unless someone makes iids in which only the middle differs.
const MAX_PAGES = 100
const MAX_CANDIDATES = 2_000
const FEW_CANDIDATES = 5
const MAX_VERIFIED = 1_000 // events of one candidate

/**
 * Where the events with this `iid` are. Places that only look like one are left out where there are
 * many; the few that remain turn out to be empty.
 */
export async function findDeliveries(db: D1Database, iid: string): Promise<DeliveryPlace[]> {
  const beginning = `;${entryKeyOf(iid)}:`
  const shard = shardOf('?1')
  const { results } = await db
    .prepare(
      `SELECT contacts FROM deliveries
       WHERE page >= ${firstPage(shard)} AND page < ${firstPage(`(${shard} + 1)`)}
         AND instr(contacts, ?2) > 0
       ORDER BY page DESC LIMIT ${MAX_PAGES}`,
    )
    .bind(iid, beginning)
    .all<{ contacts: string }>()
  const places = results.flatMap(({ contacts }) => contacts.split(beginning).slice(1))
  const candidates = new Set(places.flatMap((place) => /^@?-?\d+/.exec(place)?.[0] ?? []))
  const found =
    candidates.size <= FEW_CANDIDATES
      ? [...candidates]
      : await verify(db, iid, [...candidates].slice(0, MAX_CANDIDATES))
  return found.map((place) =>
    place.startsWith('@') ? { occurredAt: Number(place.slice(1)) } : { contactId: place },
  )
}

async function verify(
  db: D1Database,
  iid: string,
  candidates: readonly string[],
): Promise<string[]> {
  const events = (condition: string) => `
    SELECT iid FROM activity INDEXED BY activity_by_contact
    WHERE ${condition} ORDER BY occurredAt DESC LIMIT ${MAX_VERIFIED}`
  const { results } = await db
    .prepare(
      `SELECT value AS place FROM json_each(?1) AS candidate
       WHERE CASE substr(value, 1, 1) WHEN '@'
         THEN ?2 IN (${events('contactId IS NULL AND occurredAt = CAST(substr(value, 2) AS INTEGER)')})
         ELSE ?2 IN (${events('contactId = CAST(value AS INTEGER)')})
       END`,
    )
    .bind(JSON.stringify(candidates), iid)
    .all<{ place: string }>()
  return results.map(({ place }) => place)
}
