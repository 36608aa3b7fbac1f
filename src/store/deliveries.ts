import type { Source } from './derive.ts'

// Each chunk writes a row in every shard that it has deliveries for, and a look-up reads one shard.
const SHARDS = 4
const PAGE_LENGTH = 8_000 // in characters: what is appended to is written anew as a whole
const PREFIX_LENGTH = 8
const PAGES_OF_A_SHARD = 2 ** 32

const shardOf = (iid: string) => `(coalesce(unicode(${iid}), 0) % ${SHARDS})`
const firstPage = (shard: string) => `${shard} * ${PAGES_OF_A_SHARD}`
const lastPage = (shard: string) =>
  `(SELECT max(page) FROM deliveries WHERE page >= ${firstPage(shard)} AND page < ${firstPage(`(${shard} + 1)`)})`

/** Appends `written` (shard, contacts, fresh) to the open page of each shard. */
const append = (stamp: string) => `
  INSERT INTO deliveries (page, contacts, stamp, fresh)
  SELECT coalesce(
      (SELECT page + (length(contacts) >= ${PAGE_LENGTH}) FROM deliveries WHERE page = ${lastPage('written.shard')}),
      ${firstPage('written.shard')}
    ), contacts, ${stamp}, fresh
  FROM written
  WHERE true
  ON CONFLICT (page) DO UPDATE SET
    contacts = contacts || excluded.contacts, stamp = excluded.stamp, fresh = excluded.fresh`

/**
 * Finds out which of a chunk's events are new, before they are stored, and writes that down; with them,
 * which contact each new delivery goes to.
 *
 * Binds ?1, the JSON of an `Arrived` list, and ?2, a stamp that no other transaction has.
 */
export const REGISTER_ARRIVALS = `
  WITH arrived AS MATERIALIZED (
    SELECT value ->> 0 AS occurredAt, value ->> 1 AS id, value ->> 2 AS iid, value ->> 3 AS contactId
    FROM jsonb_each(?1)
  ),
  fresh AS (
    SELECT *, ${shardOf('iid')} AS shard FROM arrived
    WHERE NOT EXISTS (
      SELECT 1 FROM activity
      WHERE activity.occurredAt = arrived.occurredAt AND activity.id = arrived.id
    )
  ),
  written AS (
    SELECT shard, jsonb_group_array(jsonb_array(occurredAt, id)) AS fresh, group_concat(
      CASE WHEN iid <> '' AND NOT EXISTS (
        SELECT 1 FROM activity INDEXED BY activity_by_contact
        WHERE activity.contactId = fresh.contactId AND activity.iid = fresh.iid
      ) THEN ${entryOf('iid', 'contactId', 'occurredAt')} ELSE '' END, '') AS contacts
    FROM fresh GROUP BY shard
  )
  ${append('?2')}`

/**
 * Writes down which contact each delivery went to that has events from ?1 to before ?2. By the first of
 * these, not by the first of all: that may come in later, at a time that is done already.
 */
export const REGISTER_RANGE = `
  WITH written AS (
    SELECT ${shardOf('iid')} AS shard, jsonb('[]') AS fresh,
      group_concat(${entryOf('iid', 'contactId', 'occurredAt')}, '') AS contacts
    FROM activity AS event
    WHERE occurredAt >= ?1 AND occurredAt < ?2 AND iid <> '' AND NOT EXISTS (
      SELECT 1 FROM activity AS earlier INDEXED BY activity_by_contact
      WHERE earlier.contactId = event.contactId AND earlier.iid = event.iid
        AND earlier.occurredAt >= ?1 AND (earlier.occurredAt, earlier.id) < (event.occurredAt, event.id)
    )
    GROUP BY shard
  )
  ${append("'recount'")}`

/** The events that `REGISTER_ARRIVALS` found new with the stamp ?1. */
export const FRESH: Source = `fresh AS MATERIALIZED (
  SELECT event.value ->> 0 AS occurredAt, event.value ->> 1 AS id
  FROM json_each('[${[...Array(SHARDS).keys()]}]') AS shard
  CROSS JOIN deliveries ON page = ${lastPage('shard.value')}
  CROSS JOIN jsonb_each(deliveries.fresh) AS event
  WHERE stamp = ?1
)`

function entryOf(iid: string, contactId: string, occurredAt: string): string {
  return `';' || substr(${iid}, 1, ${PREFIX_LENGTH}) || ':' || coalesce(${contactId}, '@' || ${occurredAt})`
}

/** Where the events of a delivery are to be looked for: with a contact, or at a time. */
export type DeliveryPlace = { contactId: string } | { occurredAt: number }

const MAX_PAGES = 100 // with that beginning: a handful, unless someone makes iids that all begin alike

/** Where events with this `iid` may be; some places may turn out to have none. */
export async function findDeliveries(db: D1Database, iid: string): Promise<DeliveryPlace[]> {
  const beginning = `;${[...iid].slice(0, PREFIX_LENGTH).join('')}:`
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
  const found = new Set<string>()
  for (const { contacts } of results) {
    for (const piece of contacts.split(beginning).slice(1)) {
      const [place] = /^@?-?\d+/.exec(piece) ?? []
      if (place !== undefined) found.add(place)
    }
  }
  return [...found].map((place) =>
    place.startsWith('@') ? { occurredAt: Number(place.slice(1)) } : { contactId: place },
  )
}
