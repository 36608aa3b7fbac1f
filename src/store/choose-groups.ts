import { quote } from './columns.ts'
import { valuesOf, where, type Condition } from './filter.ts'
import {
  campaignConditions,
  campaignsBy,
  inPeriod,
  keyOf,
  MAX_TOTALS,
  sumOf,
  type CampaignFilter,
  type Dimension,
  type Period,
} from './totals.ts'

/**
 * The place of a group among the others; the next page begins after it. What groups are not ordered by
 * is 0.
 */
export type GroupPosition = {
  /** Millionths; of a group with nothing delivered 0, as its `volume` is, which no other has. */
  rate: number
  /** Contacts that were delivered to. */
  volume: number
  newest: number
  key: string
}

const COLUMNS = 'rate, volume, newest, groupKey'

/** The statuses, in lower case, by whose rate groups can be ordered. */
export const RATE_ORDERS = ['read', 'clicked', 'undelivered', 'spam', 'unsubscribed'] as const

/**
 * How groups are ordered: the last to have begun first, those delivered to most contacts first, or
 * those with the highest rate of a status first, of equal rates the one over most contacts. A group
 * with nothing delivered has no rate and comes last.
 */
export const ORDERS = ['newest', 'largest', ...RATE_ORDERS] as const

export type Order = (typeof ORDERS)[number]

/** Which groups are asked for. */
export type GroupQuestion = {
  dimension: Dimension
  filter: CampaignFilter
  period: Period
  order: Order
  limit: number
  after: GroupPosition | undefined
}

const RATE_SCALE = 1_000_000 // a rate is an integer, so that a cursor has all of it
const MAX_RATE = 999_999_999_999_999 // 15 digits: a number that JavaScript has exactly

/** The groups of a page and one more, in order; with how many rows were looked at for them. */
export async function chooseGroups(
  db: D1Database,
  { dimension, filter, period, order, limit, after }: GroupQuestion,
): Promise<{ keys: GroupPosition[]; rows: number }> {
  const conditions = campaignConditions(filter, dimension)
  const isAfter: Condition[] = after
    ? [
        {
          sql: `(${COLUMNS}) < (?, ?, ?, ?)`,
          values: [after.rate, after.volume, after.newest, after.key],
        },
      ]
    : []
  const groups =
    order === 'newest'
      ? newestGroups(dimension, conditions, period)
      : largestGroups(dimension, conditions, period, order)
  const { results } = await db
    .prepare(
      `SELECT * FROM (${groups}) ${where(isAfter)}
       ORDER BY rate DESC, volume DESC, newest DESC, groupKey DESC LIMIT ${limit + 1}`,
    )
    .bind(...valuesOf([...conditions, ...isAfter]))
    .all<Omit<GroupPosition, 'key'> & { groupKey: string; rows: number }>()
  return {
    keys: results.map(({ groupKey: key, rate, volume, newest }) => ({ key, rate, volume, newest })),
    rows: results[0]?.rows ?? 0,
  }
}

function newestGroups(dimension: Dimension, conditions: readonly Condition[], period: Period) {
  const isBusy = { sql: `EXISTS (SELECT 1 FROM totals WHERE ${inPeriod(period)})`, values: [] }
  return `
    SELECT ${keyOf(dimension)} AS groupKey, 0 AS rate, 0 AS volume, min(campaign) AS newest, 0 AS rows
    FROM ${campaignsBy(dimension)}
    ${where([...conditions, isBusy])}
    GROUP BY ${quote(dimension)}`
}

function largestGroups(
  dimension: Dimension,
  conditions: readonly Condition[],
  period: Period,
  order: Exclude<Order, 'newest'>,
) {
  const column = quote(dimension)
  const contactsOf = (status: string) =>
    `CASE WHEN activityStatus = '${status}' AND hardBounce = -1 THEN ${sumOf('contacts', period)} ELSE 0 END`
  const looked = `
    SELECT campaigns.campaign, ${column}, ${contactsOf('DELIVERED')} AS delivered
      ${order === 'largest' ? '' : `, ${contactsOf(order.toUpperCase())} AS counted`}
    FROM ${campaignsBy(dimension)} CROSS JOIN totals ON ${inPeriod(period)}
    ${where(conditions)}
    ORDER BY campaigns.campaign DESC LIMIT ${MAX_TOTALS}`
  return `
    SELECT ${keyOf(dimension)} AS groupKey, ${rateBy(order)} AS rate, sum(delivered) AS volume,
      min(campaign) AS newest, sum(sum(rows)) OVER () AS rows
    FROM (
      SELECT campaign, ${column}, sum(delivered) AS delivered, count(*) AS rows
        ${order === 'largest' ? '' : ', sum(counted) AS counted'}
      FROM (${looked}) GROUP BY campaign, ${column}
    )
    GROUP BY ${column}`
}

function rateBy(order: Exclude<Order, 'newest'>): string {
  if (order === 'largest') return '0'
  // A division by 0 is NULL.
  const rate = `coalesce(round(${RATE_SCALE}.0 * sum(counted) / sum(delivered)), 0)`
  return `CAST(min(${rate}, ${MAX_RATE}) AS INTEGER)`
}
