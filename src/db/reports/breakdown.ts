import { DAY_MS, QUARTER_MS } from '../../event/clock.ts'
import { CAMPAIGN_COLUMNS, everyDigit, INTEGERS, quote } from '../columns.ts'
import { rankGroups, type GroupCursor, type GroupQuery } from './rank-groups.ts'
import { valuesOf, where } from '../events/filter.ts'
import {
  campaignConditions,
  campaignsBy,
  hoursOf,
  MAX_TOTALS,
  sumOf,
  type Count,
  type Period,
} from './totals.ts'

/**
 * A message, broadcast, workflow …, described by one of its campaigns: the one with the newest event, of those with a
 * name (a test email may lack it). Events dated in the future do not count.
 */
export type Group = {
  /** Its value in the dimension; an integer as decimal digits. */
  key: string
  campaign: { readonly [Name in (typeof CAMPAIGN_COLUMNS)[number]]: string | number | null }
  /** The hours of its first and last event in the period: UTC milliseconds. */
  firstHour: number
  lastHour: number
  counts: Count[]
}

/** Groups; `complete` is false if there was more to count than one report reads. */
export type GroupPage = {
  groups: Group[]
  next: GroupCursor | null
  rowsScanned: number
  complete: boolean
}

/** The columns of a campaign; numbers that could lose digits are text. */
const DESCRIPTION = CAMPAIGN_COLUMNS.map((name) =>
  INTEGERS.has(name) ? everyDigit(name) : quote(name),
)

// Blanks of all kinds, and invisible characters.
const HAS_NAME = `trim(coalesce(messageName, ''), char(9, 10, 11, 12, 13, 32, 160, 8203, 8288, 65279)) <> ''`

/** The last quarter of an hour with an event of a row of `totals`. */
const LAST_QUARTER = `hour + CASE WHEN events3 <> 0 THEN ${3 * QUARTER_MS}
  WHEN events2 <> 0 THEN ${2 * QUARTER_MS} WHEN events1 <> 0 THEN ${QUARTER_MS} ELSE 0 END`

/** What groups are counted of. */
type Scope = Pick<GroupQuery, 'dimension' | 'filter' | 'period'>

/** A page of groups with all their counts in a period. */
export async function listBreakdown(db: D1Database, query: GroupQuery): Promise<GroupPage> {
  const { limit } = query
  const ranking = await rankGroups(db, query)
  const chosen = ranking.keys.slice(0, limit)
  const last = chosen.at(-1)
  const next = ranking.keys.length > limit ? (last ?? null) : null
  if (chosen.length === 0) return { groups: [], next, rowsScanned: ranking.rows, complete: true }
  const { groups, rows } = await countGroups(db, query, chosen)
  const rowsScanned = ranking.rows + rows
  const isCut = rows >= MAX_TOTALS
  if (!isCut) return { groups, next, rowsScanned, complete: ranking.rows < MAX_TOTALS }
  // The last group may be incomplete; it is returned only if there is no other.
  const full = groups.length > 1 ? groups.slice(0, -1) : groups
  const lastFull = chosen.find(({ key }) => key === full.at(-1)?.key) ?? last
  return {
    groups: full,
    next: lastFull ?? null,
    rowsScanned,
    complete: groups.length > 1 && ranking.rows < MAX_TOTALS,
  }
}

/** Counts the same groups in another period. */
export async function countGroupsIn(
  db: D1Database,
  query: Scope,
  groups: readonly Group[],
  period: Period,
): Promise<{ counts: Map<string, Count[]>; rowsScanned: number; complete: boolean }> {
  if (groups.length === 0) return { counts: new Map(), rowsScanned: 0, complete: true }
  const found = await countGroups(db, { ...query, period }, groups)
  return {
    counts: new Map(found.groups.map(({ key, counts }) => [key, counts])),
    rowsScanned: found.rows,
    complete: found.rows < MAX_TOTALS,
  }
}

/** One group with all its counts in a period; undefined if nothing happened in it. */
export async function readGroup(
  db: D1Database,
  scope: Scope,
  key: string,
): Promise<Group | undefined> {
  const { groups } = await countGroups(db, scope, [{ key }])
  return groups[0]
}

type Row = Record<string, string | number | null>

/** The counts of chosen groups, in their order, as far as `MAX_TOTALS` allows. */
async function countGroups(
  db: D1Database,
  { dimension, filter, period }: Scope,
  chosen: readonly { key: string }[],
): Promise<{ groups: Group[]; rows: number }> {
  const conditions = campaignConditions(filter, dimension)
  const value = INTEGERS.has(dimension) ? 'CAST(value AS INTEGER)' : 'value'
  const members = `
    chosen AS MATERIALIZED (SELECT key AS "index", ${value} AS chosen FROM json_each(?)),
    members AS MATERIALIZED (
      SELECT "index", campaign, ${CAMPAIGN_COLUMNS.map(quote).join(', ')}
      FROM ${campaignsBy(dimension)} CROSS JOIN chosen ON ${quote(dimension)} = chosen
      ${where(conditions)}
      ORDER BY "index", campaign
    )`
  const counted = `
    SELECT "index", members.campaign, totals.activityStatus, hardBounce, hour, ${LAST_QUARTER} AS last,
      ${sumOf('events', period)} AS events, ${sumOf('contacts', period)} AS contacts
    FROM members CROSS JOIN totals ON totals.campaign = members.campaign AND ${hoursOf(period)}
    LIMIT ${MAX_TOTALS}`
  // Each count has its group's description: a second statement would read the campaigns twice.
  const { results } = await db
    .prepare(
      `WITH ${members}, byCampaign AS MATERIALIZED (
         SELECT "index", campaign, activityStatus, hardBounce, sum(events) AS events, sum(contacts) AS contacts,
           min(CASE WHEN events <> 0 THEN hour END) AS firstHour,
           max(CASE WHEN events <> 0 THEN hour END) AS lastHour,
           max(CASE WHEN events <> 0 AND hour < ${Date.now() + DAY_MS} THEN last END) AS last,
           count(*) AS rows
         FROM (${counted})
         GROUP BY "index", campaign, activityStatus, hardBounce
       ), grouped AS MATERIALIZED (
         SELECT "index", activityStatus, hardBounce, sum(events) AS events, sum(contacts) AS contacts,
           min(firstHour) AS firstHour, max(lastHour) AS lastHour, sum(rows) AS rows
         FROM byCampaign GROUP BY "index", activityStatus, hardBounce
       ), ranked AS (
         SELECT members.*, row_number() OVER (
           PARTITION BY "index" ORDER BY ${HAS_NAME} DESC, last DESC, campaign DESC
         ) AS rank
         FROM members LEFT JOIN (
           SELECT "index", campaign, max(last) AS last FROM byCampaign GROUP BY "index", campaign
         ) USING ("index", campaign)
       ), described AS MATERIALIZED (
         SELECT "index", ${DESCRIPTION.join(', ')} FROM ranked WHERE rank = 1
       )
       SELECT * FROM grouped JOIN described USING ("index") ORDER BY "index", activityStatus, hardBounce`,
    )
    .bind(JSON.stringify(chosen.map(({ key }) => key)), ...valuesOf(conditions))
    .all<Row>()
  const rowsOf = Map.groupBy(results, (row) => row['index'])
  return {
    groups: [...rowsOf].flatMap(([index, rows]) => toGroup(chosen[Number(index)]?.key ?? '', rows)),
    rows: results.reduce((sum, row) => sum + Number(row['rows']), 0),
  }
}

/** @returns none if nothing happened in the counted quarters of an hour */
function toGroup(key: string, rows: readonly Row[]): Group[] {
  const counts = rows.filter((row) => row['events'] !== 0 || row['contacts'] !== 0)
  const [first] = counts
  if (!first) return []
  const description = Object.fromEntries(
    CAMPAIGN_COLUMNS.map((name) => [name, first[name] ?? null]),
  )
  const hours = (name: string) => counts.flatMap((row) => row[name] ?? []).map(Number)
  return [
    {
      key,
      campaign: description as Group['campaign'],
      firstHour: Math.min(...hours('firstHour')),
      lastHour: Math.max(...hours('lastHour')),
      counts: counts.map(toCount),
    },
  ]
}

function toCount(row: Row): Count {
  return {
    activityStatus: String(row['activityStatus']),
    hardBounce: Number(row['hardBounce']),
    events: Number(row['events']),
    contacts: Number(row['contacts']),
  }
}
