import { everyDigit, INTEGERS, quote } from './columns.ts'
import type { Stretch } from '../activity/clock.ts'
import { floorTo, type CAMPAIGN_COLUMNS } from './derive.ts'
import { isOneOf, valuesOf, where, type Condition } from './filter.ts'

/** What totals can be asked for by, and grouped by: a column of `campaigns`. */
export type Dimension = Exclude<(typeof CAMPAIGN_COLUMNS)[number], 'messageName'>

/** UTC milliseconds; `since` is included, `until` is not. Both at a quarter of an hour. */
export type Period = { since: number; until: number }

/** Which campaigns to count; values as text. */
export type CampaignFilter = { readonly [Name in Dimension]?: readonly string[] | undefined }

/** Events of one kind, and contacts, each of which counts once for each delivery of a message. */
export type Count = {
  activityStatus: string
  /** -1: all events of the status; 0 and 1: those of them that say so. */
  hardBounce: number
  events: number
  contacts: number
}

/** A message, broadcast, workflow …, as the newest of its campaigns describes it. */
export type Group = {
  /** Its value in the dimension; an integer as decimal digits. */
  key: string
  campaign: { readonly [Name in (typeof CAMPAIGN_COLUMNS)[number]]: string | number | null }
  /** The hours of its first and last event in the period: UTC milliseconds. */
  firstHour: number
  lastHour: number
  counts: Count[]
}

/** Where the next page of groups begins. */
export type GroupPosition = { size: number; newest: number }

/** Groups; `isWhole` is false where there was more to count than is looked at for one question. */
export type GroupPage = {
  groups: Group[]
  next: GroupPosition | null
  rowsLookedAt: number
  isWhole: boolean
}

/** How groups are ordered: the last to have begun first, or those delivered to most contacts first. */
export type Order = 'newest' | 'largest'

export const QUARTER_MS = 900_000
const HOUR_MS = 3_600_000

/** Rows of `totals` that one question looks at: some 50 ms. */
const MAX_TOTALS = 100_000

/** The columns of a campaign as text, where a number could lose digits. */
const DESCRIPTION = (
  [
    'mediaType',
    'messageId',
    'messageName',
    'messageTag',
    'broadcastId',
    'workflowId',
    'from',
  ] satisfies (typeof CAMPAIGN_COLUMNS)[number][]
).map((name) => (INTEGERS.has(name) ? everyDigit(name) : quote(name)))

/** A page of groups with all their counts in a period. */
export async function listGroups(
  db: D1Database,
  dimension: Dimension,
  filter: CampaignFilter,
  period: Period,
  order: Order,
  limit: number,
  after: GroupPosition | undefined,
): Promise<GroupPage> {
  const choice = await chooseGroups(db, dimension, filter, period, order, limit, after)
  const chosen = choice.keys.slice(0, limit)
  const last = chosen.at(-1)
  const next = choice.keys.length > limit && last ? positionOf(last) : null
  if (chosen.length === 0) return { groups: [], next, rowsLookedAt: choice.rows, isWhole: true }
  const { groups, rows } = await countGroups(db, dimension, filter, period, chosen)
  const rowsLookedAt = choice.rows + rows
  const isCut = rows >= MAX_TOTALS
  if (!isCut) return { groups, next, rowsLookedAt, isWhole: choice.rows < MAX_TOTALS }
  // The last one that was looked at may have more; where it is the only one, it is told as it is.
  const whole = groups.length > 1 ? groups.slice(0, -1) : groups
  const lastWhole = chosen.find(({ key }) => key === whole.at(-1)?.key)
  return {
    groups: whole,
    next: lastWhole ? positionOf(lastWhole) : null,
    rowsLookedAt,
    isWhole: groups.length > 1 && choice.rows < MAX_TOTALS,
  }
}

type Key = GroupPosition & { key: string }

function positionOf({ size, newest }: Key): GroupPosition {
  return { size, newest }
}

async function chooseGroups(
  db: D1Database,
  dimension: Dimension,
  filter: CampaignFilter,
  period: Period,
  order: Order,
  limit: number,
  after: GroupPosition | undefined,
): Promise<{ keys: Key[]; rows: number }> {
  const conditions = campaignConditions(filter, dimension)
  const group = keyOf(dimension)
  const isAfter: Condition[] = after
    ? [{ sql: '(size, newest) < (?, ?)', values: [after.size, after.newest] }]
    : []
  const tail = `GROUP BY ${quote(dimension)} HAVING ${isAfter[0]?.sql ?? '1'}
    ORDER BY size DESC, newest DESC LIMIT ${limit + 1}`
  const sql =
    order === 'newest'
      ? `SELECT ${group} AS key, 0 AS size, max(campaign) AS newest, 0 AS rows
         FROM campaigns
         ${where([...conditions, { sql: `EXISTS (SELECT 1 FROM totals WHERE ${inPeriod(period)})`, values: [] }])}
         ${tail}`
      : `WITH looked AS MATERIALIZED (
           SELECT campaigns.*, (${sumOf('contacts', period)}) * (activityStatus = 'DELIVERED') AS delivered
           FROM campaigns CROSS JOIN totals ON ${inPeriod(period)}
           ${where(conditions)}
           ORDER BY campaigns.campaign DESC LIMIT ${MAX_TOTALS}
         )
         SELECT ${group} AS key, sum(delivered) AS size, max(campaign) AS newest,
           (SELECT count(*) FROM looked) AS rows
         FROM looked
         ${tail}`
  const { results } = await db
    .prepare(sql)
    .bind(...valuesOf([...conditions, ...isAfter]))
    .all<Key & { rows: number }>()
  return { keys: results, rows: results[0]?.rows ?? 0 }
}

/** The counts of chosen groups, in their order, as far as `MAX_TOTALS` reaches. */
async function countGroups(
  db: D1Database,
  dimension: Dimension,
  filter: CampaignFilter,
  period: Period,
  chosen: readonly Key[],
): Promise<{ groups: Group[]; rows: number }> {
  const conditions = campaignConditions(filter, dimension)
  const keys = JSON.stringify(chosen.map(({ key }) => key))
  const members = `
    SELECT wanted.key AS place, campaigns.*
    FROM json_each(?) AS wanted
    JOIN campaigns ON ${quote(dimension)} = ${INTEGERS.has(dimension) ? 'CAST(wanted.value AS INTEGER)' : 'wanted.value'}
    ${where(conditions)}`
  const values = [keys, ...valuesOf(conditions)]
  const [descriptions, counts] = await db.batch<Record<string, string | number | null>>([
    db
      .prepare(
        `SELECT place, max(campaign) AS newest, ${DESCRIPTION.join(', ')} FROM (${members}) GROUP BY place`,
      )
      .bind(...values),
    db
      .prepare(
        `WITH members AS MATERIALIZED (SELECT place, campaign FROM (${members}) ORDER BY place, campaign)
         SELECT place, activityStatus, hardBounce, sum(events) AS events, sum(contacts) AS contacts,
           min(hour) AS firstHour, max(hour) AS lastHour, count(*) AS rows
         FROM (
           SELECT place, totals.activityStatus, hardBounce, hour,
             ${sumOf('events', period)} AS events, ${sumOf('contacts', period)} AS contacts
           FROM members CROSS JOIN totals ON totals.campaign = members.campaign AND ${hoursOf(period)}
           LIMIT ${MAX_TOTALS}
         )
         WHERE events <> 0 OR contacts <> 0
         GROUP BY place, activityStatus, hardBounce
         ORDER BY place`,
      )
      .bind(...values),
  ])
  const groups = new Map<number, Group>()
  let rows = 0
  for (const row of counts?.results ?? []) {
    const place = Number(row['place'])
    const description = descriptions?.results.find((each) => each['place'] === place)
    rows += Number(row['rows'])
    const group = groups.get(place) ?? {
      key: chosen[place]?.key ?? '',
      campaign: description as Group['campaign'],
      firstHour: Infinity,
      lastHour: -Infinity,
      counts: [],
    }
    group.firstHour = Math.min(group.firstHour, Number(row['firstHour']))
    group.lastHour = Math.max(group.lastHour, Number(row['lastHour']))
    group.counts.push(toCount(row))
    groups.set(place, group)
  }
  return { groups: [...groups.values()], rows }
}

function toCount(row: Record<string, string | number | null>): Count {
  return {
    activityStatus: String(row['activityStatus']),
    hardBounce: Number(row['hardBounce']),
    events: Number(row['events']),
    contacts: Number(row['contacts']),
  }
}

/** Counts of one bucket of time, and of one group in it where there is a dimension. */
export type BucketCount = Count & {
  /** Which hour or day, counted by the zone's clocks from 1970. */
  bucket: number
  /** How far those clocks were ahead of UTC, in milliseconds. */
  offset: number
  key: string | null
}

/** `isWhole` is false where there was more to count than is looked at for one question. */
export type BucketCounts = { counts: BucketCount[]; rowsLookedAt: number; isWhole: boolean }

/**
 * Counts by hour or day of a zone's clocks.
 *
 * @param bucketMs an hour or a day
 * @param stretches that make up the period, without gaps
 * @param limit of the counts
 */
export async function countByTime(
  db: D1Database,
  dimension: Dimension | undefined,
  filter: CampaignFilter,
  stretches: readonly Stretch[],
  bucketMs: number,
  limit: number,
): Promise<BucketCounts> {
  const period = { since: stretches[0]?.since ?? 0, until: stretches.at(-1)?.until ?? 0 }
  const conditions = campaignConditions(filter, dimension)
  // Most zones differ from UTC by whole hours, and then an hour need not be taken apart.
  const isWhole = stretches.every(({ since, until, offset }) =>
    [since, until, offset].every((time) => time % HOUR_MS === 0),
  )
  const piece = (what: string) =>
    isWhole
      ? sumOf(what)
      : `CASE piece.value ${inQuarters((quarter) => `WHEN ${quarter} THEN ${what}${quarter}`)} END`
  const time = isWhole ? 'hour' : `(hour + piece.value * ${QUARTER_MS})`
  const { results } = await db
    .prepare(
      `WITH stretch AS MATERIALIZED (
         SELECT value ->> 'since' AS since, value ->> 'until' AS until, value ->> 'offset' AS offset
         FROM json_each(?)
       )
       SELECT ${floorTo(`(${time} + stretch.offset)`, bucketMs)} / ${bucketMs} AS bucket, stretch.offset,
         grouped.key, activityStatus, hardBounce, count(*) AS rows,
         sum(${piece('events')}) AS events, sum(${piece('contacts')}) AS contacts
       FROM (
         SELECT ${dimension === undefined ? 'NULL' : keyOf(dimension)} AS key, totals.*
         FROM campaigns CROSS JOIN totals ON ${inPeriod(period)}
         ${where(conditions)}
         ORDER BY campaigns.campaign DESC LIMIT ${MAX_TOTALS}
       ) AS grouped
       ${isWhole ? '' : `CROSS JOIN json_each('[0, 1, 2, 3]') AS piece`}
       CROSS JOIN stretch ON ${time} >= stretch.since AND ${time} < stretch.until
       GROUP BY bucket, offset, grouped.key, activityStatus, hardBounce
       ORDER BY bucket LIMIT ${limit + 1}`,
    )
    .bind(JSON.stringify(stretches), ...valuesOf(conditions))
    .all<BucketCount & { rows: number }>()
  const rows = results.reduce((sum, row) => sum + row.rows, 0) / (isWhole ? 1 : 4)
  return {
    counts: results.filter(({ events, contacts }) => events !== 0 || contacts !== 0),
    rowsLookedAt: Math.ceil(rows),
    isWhole: rows < MAX_TOTALS,
  }
}

function campaignConditions(filter: CampaignFilter, dimension?: Dimension): Condition[] {
  const conditions = Object.entries(filter).flatMap(([name, values]) =>
    values ? [isOneOf(name as Dimension, values)] : [],
  )
  if (dimension) conditions.push({ sql: `${quote(dimension)} IS NOT NULL`, values: [] })
  return conditions
}

function keyOf(dimension: Dimension): string {
  return INTEGERS.has(dimension) ? `CAST(${quote(dimension)} AS TEXT)` : quote(dimension)
}

function inPeriod(period: Period): string {
  return `totals.campaign = campaigns.campaign AND ${hoursOf(period)}`
}

/** The hours that a period touches. */
function hoursOf({ since, until }: Period): string {
  return `hour >= ${Math.floor(since / HOUR_MS) * HOUR_MS} AND hour < ${until}`
}

/** What the four quarters of an hour have, or those of them that are in the period. */
function sumOf(what: string, period?: Period): string {
  const isWhole = !period || (period.since % HOUR_MS === 0 && period.until % HOUR_MS === 0)
  if (isWhole) return inQuarters((quarter) => `${what}${quarter}`, ' + ')
  const { since, until } = period
  return inQuarters((quarter) => {
    const start = `hour + ${quarter * QUARTER_MS}`
    return `${what}${quarter} * (${start} >= ${since} AND ${start} < ${until})`
  }, ' + ')
}

function inQuarters(write: (quarter: number) => string, between = ' '): string {
  return [0, 1, 2, 3].map(write).join(between)
}
