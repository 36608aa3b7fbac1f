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

/** The place of a group among the others; the next page begins after it. */
export type GroupPosition = { size: number; newest: number; key: string }

/** The statuses, in lower case, by whose rate groups can be ordered. */
export const RATE_ORDERS = ['read', 'clicked', 'undelivered', 'spam', 'unsubscribed'] as const

/**
 * How groups are ordered: the last to have begun first, those delivered to most contacts first, or
 * those with the highest rate of a status first.
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

const RATE_SCALE = 1_000_000 // a size is an integer, so that a cursor has all of it
const MAX_SIZE = 999_999_999_999_999 // 15 digits: a number that JavaScript has exactly

/** The groups of a page and one more, in order; with how many rows were looked at for them. */
export async function chooseGroups(
  db: D1Database,
  { dimension, filter, period, order, limit, after }: GroupQuestion,
): Promise<{ keys: GroupPosition[]; rows: number }> {
  const conditions = campaignConditions(filter, dimension)
  const isAfter: Condition[] = after
    ? [
        {
          sql: '(size, newest, groupKey) < (?, ?, ?)',
          values: [after.size, after.newest, after.key],
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
       ORDER BY size DESC, newest DESC, groupKey DESC LIMIT ${limit + 1}`,
    )
    .bind(...valuesOf([...conditions, ...isAfter]))
    .all<{ groupKey: string; size: number; newest: number; rows: number }>()
  return {
    keys: results.map(({ groupKey: key, size, newest }) => ({ key, size, newest })),
    rows: results[0]?.rows ?? 0,
  }
}

function newestGroups(dimension: Dimension, conditions: readonly Condition[], period: Period) {
  const isBusy = { sql: `EXISTS (SELECT 1 FROM totals WHERE ${inPeriod(period)})`, values: [] }
  return `
    SELECT ${keyOf(dimension)} AS groupKey, 0 AS size, min(campaign) AS newest, 0 AS rows
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
    SELECT ${keyOf(dimension)} AS groupKey, ${sizeBy(order)} AS size, min(campaign) AS newest,
      sum(sum(rows)) OVER () AS rows
    FROM (
      SELECT campaign, ${column}, sum(delivered) AS delivered, count(*) AS rows
        ${order === 'largest' ? '' : ', sum(counted) AS counted'}
      FROM (${looked}) GROUP BY campaign, ${column}
    )
    GROUP BY ${column}`
}

/** Where nobody was reached, the rate is as if it had been one contact. */
function sizeBy(order: Exclude<Order, 'newest'>): string {
  if (order === 'largest') return 'sum(delivered)'
  const rate = `round(${RATE_SCALE}.0 * sum(counted) / max(sum(delivered), 1))`
  return `CAST(min(${rate}, ${MAX_SIZE}) AS INTEGER)`
}
