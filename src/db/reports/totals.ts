import { HOUR_MS, QUARTER_MS, startOfHour } from '../../event/clock.ts'
import { CAMPAIGN_COLUMNS, INTEGERS, quote } from '../columns.ts'
import { isOneOf, tagsOf, type Condition } from '../events/filter.ts'

/** What totals can be asked for by, and grouped by: a column of `campaigns`. */
export type Dimension = Exclude<(typeof CAMPAIGN_COLUMNS)[number], 'messageName'>

/** UTC milliseconds; `since` is included, `until` is not. Both at a quarter of an hour. */
export type Period = { since: number; until: number }

/** Which campaigns to count; values as text. */
export type CampaignFilter = { readonly [Name in Dimension]?: readonly string[] | undefined }

/**
 * What the column `hardBounce` of `totals` tells apart: all events of a status, those of UNDELIVERED that say
 * soft or hard, and contacts (no events) whose delivery the other one of DELIVERED and UNDELIVERED had counted
 * before.
 */
export const KINDS = { all: -1, soft: 0, hard: 1, repeated: 2 } as const

/** Events of one kind, and contacts, each of which counts once for each delivery of a message. */
export type Count = {
  activityStatus: string
  /** One of `KINDS`. */
  hardBounce: number
  events: number
  contacts: number
}

/** Rows of `totals` that one question looks at: some 50 ms. */
export const MAX_TOTALS = 100_000

/** What a filter asks of a campaign, and that it has a value in the dimension. */
export function campaignConditions(filter: CampaignFilter, dimension?: Dimension): Condition[] {
  const conditions = Object.entries(filter).flatMap(([name, values]) => {
    if (!values) return []
    // By tag, a campaign has just one of them: `campaignsBy`.
    return name === dimension && name === 'messageTag'
      ? [
          {
            sql: `${quote(name)} IN (SELECT value FROM json_each(?))`,
            values: [JSON.stringify(values)],
          },
        ]
      : [isOneOf(name as Dimension, values)]
  })
  if (dimension) conditions.push({ sql: `${quote(dimension)} IS NOT NULL`, values: [] })
  return conditions
}

/** The campaigns; by tag, each once for each of its tags. */
export function campaignsBy(dimension: Dimension | undefined): string {
  if (dimension !== 'messageTag') return 'campaigns'
  const columns = CAMPAIGN_COLUMNS.filter((column) => column !== 'messageTag').map(quote)
  const tags = tagsOf('campaigns.messageTag')
  // DISTINCT would keep SQLite from stopping at a limit of newest campaigns.
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

/** The totals of a campaign in the hours that a period touches. */
export function inPeriod(period: Period): string {
  return `totals.campaign = campaigns.campaign AND ${hoursOf(period)}`
}

/** The hours that a period touches. */
export function hoursOf({ since, until }: Period): string {
  return `hour >= ${startOfHour(since)} AND hour < ${until}`
}

/** What the four quarters of an hour have, or those of them that are in the period. */
export function sumOf(what: string, period?: Period): string {
  const complete = !period || (period.since % HOUR_MS === 0 && period.until % HOUR_MS === 0)
  const quarters = [0, 1, 2, 3].map((quarter) => {
    if (complete) return `${what}${quarter}`
    const start = `hour + ${quarter * QUARTER_MS}`
    return `${what}${quarter} * (${start} >= ${period.since} AND ${start} < ${period.until})`
  })
  return quarters.join(' + ')
}
