import { neighbours, type Source } from './fresh.ts'
import { isLate } from './late.ts'

// Each chunk writes a row in every shard that it has deliveries for, and a look-up reads one shard.
const SHARDS = 4
const PAGE_LENGTH = 8_000 // in characters: what is appended to is written anew as a whole
const PAGES_OF_A_SHARD = 2 ** 32

/** The shards, as a table. */
export const EACH_SHARD = `json_each('[${[...Array(SHARDS).keys()]}]')`

// The migration leaves this page where events are stored already, and a recount removes it.
const UNCOUNTED_PAGE = -1
const BEGINNING = '!' // of the first page of a recount; entries begin with a semicolon

/** Which pages a delivery is on. */
export const shardOf = (iid: string) => `(coalesce(unicode(${iid}), 0) % ${SHARDS})`
/** The first page of a shard, and the end of the one before. */
export const firstPage = (shard: string) => `${shard} * ${PAGES_OF_A_SHARD}`
/** The page of a shard that is written to. */
export const lastPage = (shard: string) =>
  `(SELECT max(page) FROM deliveries WHERE page >= ${firstPage(shard)} AND page < ${firstPage(`(${shard} + 1)`)})`

/**
 * A stamp that no other transaction has; it begins with when that was, and when the webhook's newest came
 * in: UTC milliseconds. @param isKept whether an earlier transaction stored that
 */
export function newStamp(receivedAt: number, isKept = false): string {
  return `${Date.now()}.${receivedAt}.${isKept ? 'kept.' : ''}${crypto.randomUUID()}`
}

/** When something new was stored last: UTC milliseconds, or null where that is not known. */
export const LAST_STORED = `
  SELECT max(CAST(stamp AS INTEGER)) AS lastStoredAt FROM deliveries
  WHERE page IN (SELECT ${lastPage('shard.value')} FROM ${EACH_SHARD} AS shard)
    AND instr(stamp, '.') = 14`

/** Appends `written` (shard, contacts, fresh) to the open page of each shard. */
const append = (stamp: string) => `
  INSERT INTO deliveries (page, contacts, stamp, fresh)
  SELECT coalesce(
      (SELECT page + (length(contacts) >= ${PAGE_LENGTH}) FROM deliveries WHERE page = ${lastPage('written.shard')}),
      ${firstPage('written.shard')}
    ), coalesce(contacts, ''), ${stamp}, fresh
  FROM written
  WHERE true
  ON CONFLICT (page) DO UPDATE SET
    contacts = contacts || excluded.contacts, stamp = excluded.stamp, fresh = excluded.fresh`

/**
 * Writes down which of a chunk's events are to be counted, and which contact each new delivery of theirs
 * goes to. Binds ?1, the JSON of an `Arrived` list, and ?2, a stamp that no other transaction has.
 */
const registerArrivals = (isFresh: string) => `
  WITH arrived AS MATERIALIZED (
    SELECT value ->> 0 AS occurredAt, value ->> 1 AS id, value ->> 2 AS iid, value ->> 3 AS contactId
    FROM jsonb_each(?1)
  ),
  fresh AS (
    SELECT *, ${shardOf('iid')} AS shard FROM arrived WHERE ${isFresh}
  ),
  written AS (
    SELECT shard, jsonb_group_array(jsonb_array(occurredAt, id)) AS fresh, group_concat(
      DISTINCT CASE WHEN iid <> '' AND NOT EXISTS (
        SELECT 1 FROM ${neighbours('fresh', 'earlier')} AS found
        WHERE found.iid = fresh.iid AND NOT ${isLate('found')}
      ) THEN ${entryOf('iid', 'contactId', 'occurredAt')} END) AS contacts
    FROM fresh GROUP BY shard
  )
  ${append('?2')}`

/** Before they are stored: the events that are new, less those that first have to be looked up. */
export const REGISTER_ARRIVALS = registerArrivals(`
  NOT EXISTS (
    SELECT 1 FROM activity
    WHERE activity.occurredAt = arrived.occurredAt AND activity.id = arrived.id
  ) AND NOT ${isLate('arrived')}`)

/** Of events that are stored: those that were late. */
export const REGISTER_LATE = registerArrivals(isLate('arrived'))

/**
 * Writes down which contact each delivery went to that has events from ?1 to before ?2. By the first of
 * these, not by the first of all: that may come in later, at a time that is done already.
 */
export const REGISTER_RANGE = `
  WITH written AS (
    SELECT ${shardOf('iid')} AS shard, jsonb('[]') AS fresh,
      group_concat(DISTINCT ${entryOf('iid', 'contactId', 'occurredAt')}) AS contacts
    FROM activity AS event
    WHERE occurredAt >= ?1 AND occurredAt < ?2 AND iid <> '' AND instr(iid, char(0)) = 0
      AND NOT ${isLate('event')}
      AND NOT EXISTS (
        SELECT 1 FROM ${neighbours('event', 'earlier')} AS found
        WHERE found.iid = event.iid AND found.occurredAt >= ?1
      )
    GROUP BY shard
  )
  ${append("'recount'")}`

/** Empties what was noted for a transaction on pages that are full: it has served. */
export const FORGET_ARRIVALS = `
  UPDATE deliveries SET fresh = jsonb('[]')
  WHERE page IN (SELECT ${lastPage('shard.value')} - 1 FROM ${EACH_SHARD} AS shard)
    AND fresh <> jsonb('[]')`

/** Begins new pages, which a recount fills; those before serve until it is done. */
export const BEGIN_PAGES = `
  INSERT INTO deliveries (page, contacts, stamp, fresh)
  SELECT coalesce(${lastPage('shard.value')} + 1, ${firstPage('shard.value')}), '${BEGINNING}', 'recount', jsonb('[]')
  FROM ${EACH_SHARD} AS shard`

/** Removes the pages from before a recount, and the note that there are events which no page has. */
export const END_PAGES = `
  DELETE FROM deliveries
  WHERE page = ${UNCOUNTED_PAGE} OR page < (
    SELECT max(newer.page) FROM deliveries AS newer
    WHERE newer.contacts LIKE '${BEGINNING}%'
      AND newer.page / ${PAGES_OF_A_SHARD} = deliveries.page / ${PAGES_OF_A_SHARD}
  )`

/** The events that `REGISTER_ARRIVALS` found new with the stamp ?1. */
export const FRESH: Source = `fresh AS MATERIALIZED (
  SELECT event.value ->> 0 AS occurredAt, event.value ->> 1 AS id
  FROM ${EACH_SHARD} AS shard
  CROSS JOIN deliveries ON page = ${lastPage('shard.value')}
  CROSS JOIN jsonb_each(deliveries.fresh) AS event
  WHERE stamp = ?1
)`

/** What is kept of an iid: enough to tell UUIDs of all versions apart, and numbers with a beginning. */
export function entryKeyOf(iid: string): string {
  const characters = [...iid.replaceAll(';', ',')]
  return `${characters.slice(0, 8).join('')}${characters.slice(-4).join('')}`
}

/** `entryKeyOf` in SQL, as an entry behind its semicolon. */
export function entryOf(iid: string, contactId: string, occurredAt: string): string {
  const key = `replace(substr(${iid}, 1, 8) || substr(${iid}, -4), ';', ',')`
  return `';' || ${key} || ':' || coalesce(${contactId}, '@' || ${occurredAt})`
}

/** Whether events of an earlier version are stored, which nothing but the table knows of yet; in SQL. */
export const isUncountedYet = `EXISTS (SELECT 1 FROM deliveries WHERE page = ${UNCOUNTED_PAGE})`

/** `isUncountedYet` of a database. */
export async function isUncounted(db: D1Database): Promise<boolean> {
  return (await db.prepare(`SELECT ${isUncountedYet} AS yes`).first('yes')) === 1
}
