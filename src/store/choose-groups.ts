import { quote } from './columns.ts'
import { valuesOf, where, type Condition } from './filter.ts'
import { attemptedIn, RATES } from './rates.ts'
import {
  campaignConditions,
  campaignsBy,
  inPeriod,
  KINDS,
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
  /** Millionths; of a group without a rate 0, as its `volume` is, which no other has. */
  rate: number
  /** Contacts that the rate is over, or that were delivered to. */
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
 * without a rate (see `rates.ts`) comes last.
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
  const { sums, rate, volume } = order === 'largest' ? LARGEST : highest(order)
  const looked = `
    SELECT campaigns.campaign, ${column}, activityStatus, hardBounce, ${sumOf('contacts', period)} AS contacts
    FROM ${campaignsBy(dimension)} CROSS JOIN totals ON ${inPeriod(period)}
    ${where(conditions)}
    ORDER BY campaigns.campaign DESC LIMIT ${MAX_TOTALS}`
  const columns = Object.entries(sums).map(([name, sql]) => `${sql} AS ${name}`)
  return `
    SELECT groupKey, ${rate} AS rate, ${volume} AS volume, newest, rows
    FROM (
      SELECT ${keyOf(dimension)} AS groupKey, min(campaign) AS newest, ${columns.join(', ')},
        sum(count(*)) OVER () AS rows
      FROM (${looked}) GROUP BY ${column}
    )`
}

const contactsOf = (status: string, kind: number) =>
  `sum(iif(activityStatus = '${status}' AND hardBounce = ${kind}, contacts, 0))`

const DELIVERED = contactsOf('DELIVERED', KINDS.all)

const LARGEST = { sums: { delivered: DELIVERED }, rate: '0', volume: 'delivered' }

/** By a rate. A rate that is incomplete is none. */
function highest(order: (typeof RATE_ORDERS)[number]) {
  const { status, kind, over } = RATES[order]
  const repeated = ['DELIVERED', 'UNDELIVERED'].map((each) => contactsOf(each, KINDS.repeated))
  const undelivered = contactsOf('UNDELIVERED', KINDS.all)
  const base =
    over === 'attempted' ? attemptedIn(DELIVERED, undelivered, repeated.join(' + ')) : DELIVERED
  return {
    sums: { counted: contactsOf(status, kind), base },
    rate: `CAST(iif(counted <= base AND base > 0, round(${RATE_SCALE}.0 * counted / base), 0) AS INTEGER)`,
    volume: 'iif(counted <= base, base, 0)',
  }
}
