import { HOUR_MS, QUARTER_MS, startOfHour } from '../../event/clock.ts'
import type { OffsetSpan } from '../../event/offset-spans.ts'
import type { Dimension } from '../../event/dimensions.ts'
import { CAMPAIGN_COLUMNS, INTEGERS, quartersOf, quote } from '../columns.ts'
import { inList, isOneOf, tagsOf, valuesOf, where, type Condition } from '../events/filter.ts'

/** UTC milliseconds; `since` is included, `until` is not. Both at a quarter of an hour. */
export type Period = { since: number; until: number }

/** The campaigns to count; values as text. */
export type CampaignFilter = { readonly [Name in Dimension]?: readonly string[] | undefined }

/**
 * The values of the column `hardBounce` of `totals`: all events of a status; soft and hard bounces; and contacts (not
 * events) whose delivery was counted before, as the other of DELIVERED and UNDELIVERED; and what machines did: their events,
 * and the contacts without any by a person (a correction, which may be negative).
 */
export const KINDS = { all: -1, soft: 0, hard: 1, repeated: 2, machines: 3 } as const

/** The number of events of one kind, and of contacts, counted once per delivery of a message. */
export type Count = {
  activityStatus: string
  /** One of `KINDS`. */
  hardBounce: number
  events: number
  contacts: number
}

/** The maximum rows of `totals` that a report reads: some 50 ms. */
export const MAX_TOTALS = 100_000

/** The conditions for a campaign: it matches the filter, and has a value in the dimension. */
export function campaignConditions(filter: CampaignFilter, dimension?: Dimension): Condition[] {
  const conditions = Object.entries(filter).flatMap(([name, values]) => {
    if (!values) return []
    // By tag, a row has just one tag of its campaign: see `campaignsBy`.
    const isSingle = name === dimension && name === 'messageTag'
    return isSingle ? inList(quote(name), values) : isOneOf(name as Dimension, values)
  })
  if (dimension) conditions.push({ sql: `${quote(dimension)} IS NOT NULL`, values: [] })
  return conditions
}

/** Whether an event's campaign matches a filter; no condition without a filter. Reads all campaigns once. */
export function ofCampaigns(filter: CampaignFilter): Condition[] {
  const conditions = campaignConditions(filter)
  if (conditions.length === 0) return []
  const sql = `campaign IN (SELECT campaign FROM campaigns ${where(conditions)})`
  return [{ sql, values: valuesOf(conditions) }]
}

/** The campaigns; by tag, once for each of their tags. */
export function campaignsBy(dimension: Dimension | undefined): string {
  if (dimension !== 'messageTag') return 'campaigns'
  const columns = CAMPAIGN_COLUMNS.filter((column) => column !== 'messageTag').map(quote)
  const tags = tagsOf('campaigns.messageTag')
  // With DISTINCT, SQLite could not stop at a limit of newest campaigns.
  return `(
    SELECT campaign, ${columns.join(', ')}, trim(tag.value) AS messageTag
    FROM campaigns CROSS JOIN ${tags} AS tag
    WHERE trim(tag.value) <> '' AND NOT EXISTS (
      SELECT 1 FROM ${tags} AS earlier
      WHERE earlier.key < tag.key AND trim(earlier.value) = trim(tag.value)
    )
  ) AS campaigns`
}

/** The value of a campaign in a dimension, as text. */
export function keyOf(dimension: Dimension): string {
  return INTEGERS.has(dimension) ? `CAST(${quote(dimension)} AS TEXT)` : quote(dimension)
}

/** A scan of `totals`, newest campaigns first; the values are those of `join`, then those of `conditions`. */
export function scanTotals(scan: {
  columns: string
  dimension?: Dimension | undefined
  /** `totals`, with its conditions for a campaign. */
  join: string
  conditions: readonly Condition[]
  maxRows?: number
}): string {
  const { columns, dimension, join, conditions, maxRows = MAX_TOTALS } = scan
  return `
    SELECT ${columns} FROM ${campaignsBy(dimension)} CROSS JOIN ${join}
    ${where(conditions)}
    ORDER BY campaigns.campaign DESC LIMIT ${maxRows}`
}

/** The period that spans cover. */
export function periodOf(spans: readonly OffsetSpan[]): Period {
  return { since: spans[0]?.since ?? 0, until: spans.at(-1)?.until ?? 0 }
}

/** The totals of a campaign in the hours that a period touches. */
export function inPeriod(period: Period): string {
  return `totals.campaign = campaigns.campaign AND ${hoursOf(period)}`
}

/** The hours that a period touches. */
export function hoursOf({ since, until }: Period): string {
  return `hour >= ${startOfHour(since)} AND hour < ${until}`
}

/** The sum of a count over the quarters of an hour, or over those in the period. */
export function sumOf(count: 'events' | 'contacts', period?: Period): string {
  const complete = !period || (period.since % HOUR_MS === 0 && period.until % HOUR_MS === 0)
  const quarters = quartersOf(count).map((column, quarter) => {
    if (complete) return column
    const start = `hour + ${quarter * QUARTER_MS}`
    return `${column} * (${start} >= ${period.since} AND ${start} < ${period.until})`
  })
  return quarters.join(' + ')
}
