import { everyDigit, INTEGERS, quote } from './columns.ts'
import type { Stretch } from '../activity/clock.ts'
import { CAMPAIGN_COLUMNS, floorTo } from './derive.ts'
import { isOneOf, tagsOf, valuesOf, where, type Condition } from './filter.ts'

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
const DESCRIPTION = CAMPAIGN_COLUMNS.map((name) =>
  INTEGERS.has(name) ? everyDigit(name) : quote(name),
)

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
  const tail = `ORDER BY size DESC, newest DESC LIMIT ${limit + 1}`
  const looked = `
    SELECT campaigns.campaign, ${quote(dimension)},
      CASE activityStatus WHEN 'DELIVERED' THEN ${sumOf('contacts', period)} ELSE 0 END AS delivered
    FROM ${campaignsBy(dimension)} CROSS JOIN totals ON ${inPeriod(period)}
    ${where(conditions)}
    ORDER BY campaigns.campaign DESC LIMIT ${MAX_TOTALS}`
  const sql =
    order === 'newest'
      ? `SELECT ${group} AS key, 0 AS size, min(campaign) AS newest, 0 AS rows
         FROM ${campaignsBy(dimension)}
         ${where([...conditions, { sql: `EXISTS (SELECT 1 FROM totals WHERE ${inPeriod(period)})`, values: [] }])}
         GROUP BY ${quote(dimension)} ${isAfter[0] ? `HAVING ${isAfter[0].sql}` : ''} ${tail}`
      : `SELECT * FROM (
           SELECT ${group} AS key, sum(delivered) AS size, min(campaign) AS newest,
             sum(sum(rows)) OVER () AS rows
           FROM (
             SELECT campaign, ${quote(dimension)}, sum(delivered) AS delivered, count(*) AS rows
             FROM (${looked}) GROUP BY campaign
           )
           GROUP BY ${quote(dimension)}
         )
         ${where(isAfter)} ${tail}`
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
    JOIN ${campaignsBy(dimension)} ON ${quote(dimension)} = ${INTEGERS.has(dimension) ? 'CAST(wanted.value AS INTEGER)' : 'wanted.value'}
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
  const looked = `
    SELECT ${dimension === undefined ? 'NULL' : keyOf(dimension)} AS key, totals.*
    FROM ${campaignsBy(dimension)} CROSS JOIN totals ON ${inPeriod(period)}
    ${where(conditions)}
    ORDER BY campaigns.campaign DESC LIMIT ${MAX_TOTALS}`
  const values = valuesOf(conditions)
  const [found, extent] = await db.batch<BucketCount & { rows: number }>([
    db
      .prepare(
        `WITH stretch AS MATERIALIZED (
           SELECT value ->> 'since' AS since, value ->> 'until' AS until, value ->> 'offset' AS offset
           FROM json_each(?1)
         )
         SELECT bucket, offset, key, activityStatus, hardBounce, sum(events) AS events, sum(contacts) AS contacts
         FROM (${bucketsOf(looked, stretches, bucketMs)})
         GROUP BY bucket, offset, key, activityStatus, hardBounce
         ORDER BY bucket LIMIT ${limit + 1}`,
      )
      .bind(JSON.stringify(stretches), ...values),
    db.prepare(`SELECT count(*) AS rows FROM (${looked})`).bind(...values),
  ])
  const rowsLookedAt = extent?.results[0]?.rows ?? 0
  return { counts: found?.results ?? [], rowsLookedAt, isWhole: rowsLookedAt < MAX_TOTALS }
}

/** Rows of totals in their buckets: as they are, or where an hour is in two of them by its quarters. */
function bucketsOf(looked: string, stretches: readonly Stretch[], bucketMs: number): string {
  const bucketAt = (time: string) => `${floorTo(`(${time} + offset)`, bucketMs)} / ${bucketMs}`
  const isWhole = `hour >= since AND hour + ${HOUR_MS} <= until
    AND ${bucketAt('hour')} = ${bucketAt(`hour + ${HOUR_MS - 1}`)}`
  const columns = 'offset, key, activityStatus, hardBounce'
  const hours = `
    SELECT ${bucketAt('hour')} AS bucket, ${columns},
      ${sumOf('events')} AS events, ${sumOf('contacts')} AS contacts
    FROM (${looked}) CROSS JOIN stretch ON ${isWhole}`
  // Most zones differ from UTC by whole hours.
  const isEven = stretches.every((stretch) =>
    [stretch.since, stretch.until, stretch.offset].every((time) => time % HOUR_MS === 0),
  )
  if (isEven) return hours
  const quarters = [0, 1, 2, 3].map((quarter) => {
    const time = `(hour + ${quarter * QUARTER_MS})`
    return `
    SELECT ${bucketAt(time)} AS bucket, ${columns}, events${quarter}, contacts${quarter}
    FROM (${looked}) CROSS JOIN stretch ON ${time} >= since AND ${time} < until AND NOT (${isWhole})`
  })
  // D1 takes no more than five.
  return [hours, ...quarters].join(' UNION ALL ')
}

function campaignConditions(filter: CampaignFilter, dimension?: Dimension): Condition[] {
  const conditions = Object.entries(filter).flatMap(([name, values]) =>
    values ? [isOneOf(name as Dimension, values)] : [],
  )
  if (dimension) conditions.push({ sql: `${quote(dimension)} IS NOT NULL`, values: [] })
  return conditions
}

/** The campaigns; by tag, each once for each of its tags. */
function campaignsBy(dimension: Dimension | undefined): string {
  if (dimension !== 'messageTag') return 'campaigns'
  const columns = CAMPAIGN_COLUMNS.filter((column) => column !== 'messageTag').map(quote)
  return `(
    SELECT DISTINCT campaign, ${columns.join(', ')}, trim(tag.value) AS messageTag
    FROM campaigns CROSS JOIN ${tagsOf('messageTag')} AS tag
    WHERE trim(tag.value) <> ''
  ) AS campaigns`
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
  const quarters = [0, 1, 2, 3].map((quarter) => {
    if (isWhole) return `${what}${quarter}`
    const start = `hour + ${quarter * QUARTER_MS}`
    return `${what}${quarter} * (${start} >= ${period.since} AND ${start} < ${period.until})`
  })
  return quarters.join(' + ')
}
