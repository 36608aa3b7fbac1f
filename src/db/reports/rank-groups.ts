import type { Dimension } from '../../event/dimensions.ts'
import { quote } from '../columns.ts'
import { valuesOf, where, type Condition } from '../events/filter.ts'
import { attemptedIn, RATES } from './rates.ts'
import {
  campaignConditions,
  campaignsBy,
  inPeriod,
  KINDS,
  keyOf,
  scanTotals,
  sumOf,
  type CampaignFilter,
  type Period,
} from './totals.ts'

/** The cursor of a group: the next page begins after it. Fields by which groups are not ordered are 0. */
export type GroupCursor = {
  /** Millionths. For a group without a rate, both this and `volume` are 0, as for no other group. */
  rate: number
  /** The denominator of the rate, or the contacts delivered to. */
  volume: number
  newest: number
  key: string
}

const COLUMNS = 'rate, volume, newest, groupKey'

/** The statuses, in lower case, by whose rates groups can be ordered. */
export const RATE_ORDERS = ['read', 'clicked', 'undelivered', 'spam', 'unsubscribed'] as const

/**
 * The order of groups: last started first, most contacts delivered to first, or highest rate of a status first (of
 * equal rates, the one of more contacts). Groups without a rate (see `rates.ts`) come last.
 */
export const ORDERS = ['newest', 'largest', ...RATE_ORDERS] as const

export type Order = (typeof ORDERS)[number]

/** The query of a page of groups. */
export type GroupQuery = {
  dimension: Dimension
  filter: CampaignFilter
  period: Period
  order: Order
  limit: number
  after: GroupCursor | undefined
}

const RATE_SCALE = 1_000_000 // a rate is an integer, so that a cursor is exact

/** The groups of a page and one more, in order; and the number of rows that were read. */
export async function rankGroups(
  db: D1Database,
  { dimension, filter, period, order, limit, after }: GroupQuery,
): Promise<{ keys: GroupCursor[]; rows: number }> {
  const conditions = campaignConditions(filter, dimension)
  const isAfter: Condition[] = []
  if (after) {
    const { rate, volume, newest, key } = after
    isAfter.push({ sql: `(${COLUMNS}) < (?, ?, ?, ?)`, values: [rate, volume, newest, key] })
  }
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
    .all<Omit<GroupCursor, 'key'> & { groupKey: string; rows: number }>()
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
  const { parts, volume, rate } = order === 'largest' ? LARGEST : highest(order)
  const names = Object.keys(parts)
  const contacts = sumOf('contacts', period)
  const counted = Object.entries(parts).map(([name, is]) => `iif(${is}, ${contacts}, 0) AS ${name}`)
  const scan = scanTotals({
    columns: `campaigns.campaign, ${column}, ${counted.join(', ')}`,
    dimension,
    join: `totals ON ${inPeriod(period)}`,
    conditions,
  })
  const sums = names.map((name) => `sum(${name}) AS ${name}`).join(', ')
  return `
    SELECT groupKey, ${rate} AS rate, ${volume} AS volume, newest, rows
    FROM (
      SELECT ${keyOf(dimension)} AS groupKey, min(campaign) AS newest, ${sums},
        sum(sum(rows)) OVER () AS rows
      FROM (
        SELECT campaign, ${column}, ${sums}, count(*) AS rows
        FROM (${scan}) GROUP BY campaign, ${column}
      )
      GROUP BY ${column}
    )`
}

const isOf = (status: string, kind: number) =>
  `activityStatus = '${status}' AND hardBounce = ${kind}`

const DELIVERED = isOf('DELIVERED', KINDS.all)

/** By contacts delivered to. The parts are sums of contacts that meet a condition. */
const LARGEST = { parts: { delivered: DELIVERED }, rate: '0', volume: 'delivered' }

/** By a rate; an incomplete one does not count. */
function highest(order: (typeof RATE_ORDERS)[number]) {
  const { status, kind, over } = RATES[order]
  const isAttempted = over === 'attempted'
  const base = isAttempted ? attemptedIn('delivered', 'undelivered', 'repeated') : 'delivered'
  const isRate = `counted <= ${base} AND ${base} > 0`
  return {
    parts: {
      counted: isOf(status, kind),
      delivered: DELIVERED,
      ...(isAttempted && {
        undelivered: isOf('UNDELIVERED', KINDS.all),
        repeated: `hardBounce = ${KINDS.repeated}`,
      }),
    },
    rate: `iif(${isRate}, CAST(round(${RATE_SCALE}.0 * counted / ${base}) AS INTEGER), 0)`,
    volume: `iif(${isRate}, ${base}, 0)`,
  }
}
