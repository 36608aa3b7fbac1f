import type { Dimension } from '../../event/dimensions.ts'
import { quote } from '../columns.ts'
import { valuesOf, where, type Condition } from '../events/filter.ts'
import { attemptedIn, RATE_NAMES, RATES, type RateName } from './rates.ts'
import { sumSteps } from '../rollups/steps.ts'
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

/** The statuses, in lower case, whose rates the page has a column for. */
export const RATE_ORDERS = ['read', 'clicked', 'undelivered', 'spam', 'unsubscribed'] as const

/**
 * The order of groups: last started first, most contacts delivered to first, blocks of a
 * workflow as they follow each other, or by a rate (of equal rates, the one of
 * more contacts). Groups without a rate (see `rates.ts`) come last.
 */
export const ORDERS = ['newest', 'largest', 'steps', ...RATE_NAMES] as const

export const DIRECTIONS = ['highest', 'lowest'] as const

export type Order = (typeof ORDERS)[number]

/** The query of a page of groups. */
export type GroupQuery = {
  dimension: Dimension
  filter: CampaignFilter
  period: Period
  order: Order
  /** Of rates: which one is first. */
  direction?: (typeof DIRECTIONS)[number]
  /** The least volume of a group: of a rate, its denominator. Not with `newest`. */
  min?: number
  limit: number
  after: GroupCursor | undefined
}

const RATE_SCALE = 1_000_000 // a rate is an integer, so that a cursor is exact

/** The groups of a page and one more, in order; and the number of rows that were read. */
export async function rankGroups(
  db: D1Database,
  query: GroupQuery,
): Promise<{ keys: GroupCursor[]; rows: number }> {
  const { dimension, filter, period, order, min = 0, limit, after } = query
  const conditions = campaignConditions(filter, dimension)
  const isAfter: Condition[] = []
  if (after) {
    const { rate, volume, newest, key } = after
    isAfter.push({ sql: `(${COLUMNS}) < (?, ?, ?, ?)`, values: [rate, volume, newest, key] })
  }
  const steps = order === 'steps' ? sumSteps(filter, period) : undefined
  const groups = steps
    ? followingGroups(query, conditions, steps.sql)
    : order === 'newest'
      ? newestGroups(dimension, conditions, period)
      : largestGroups(query, conditions)
  const { results } = await db
    .prepare(
      `SELECT * FROM (${groups}) ${where(isAfter)}
       ORDER BY rate DESC, volume DESC, newest DESC, groupKey DESC LIMIT ${limit + 1}`,
    )
    .bind(...(steps?.values ?? []), ...valuesOf([...conditions, ...isAfter]))
    .all<Omit<GroupCursor, 'key'> & { groupKey: string; rows: number }>()
  // Groups that are too small come last, so that the number of rows is known even if all of them are.
  const large = results.filter(({ volume }) => volume >= min)
  return {
    keys: large.map(({ groupKey: key, rate, volume, newest }) => ({ key, rate, volume, newest })),
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

const LATEST = 1_000_000_000_000 // seconds, and a number of campaigns

/** By the average time since the start of the workflow, shortest first; those without one last, as they came in. */
function followingGroups(
  { dimension, period }: GroupQuery,
  conditions: readonly Condition[],
  steps: string,
) {
  const isBusy = { sql: `EXISTS (SELECT 1 FROM totals WHERE ${inPeriod(period)})`, values: [] }
  return `
    SELECT ${keyOf(dimension)} AS groupKey,
      iif(sum(people) > 0, ${LATEST} - CAST(sum(seconds) / sum(people) AS INTEGER), 0) AS rate,
      0 AS volume, ${LATEST} - min(campaigns.campaign) AS newest, 0 AS rows
    FROM campaigns LEFT JOIN (${steps}) AS step ON step.campaign = campaigns.campaign
    ${where([...conditions, isBusy])}
    GROUP BY ${quote(dimension)}`
}

function largestGroups(
  { dimension, period, order, direction = 'highest', min = 0 }: GroupQuery,
  conditions: readonly Condition[],
) {
  const column = quote(dimension)
  const isByRate = order !== 'largest' && order !== 'newest' && order !== 'steps'
  const { parts, volume, rate } = isByRate ? byRate(order, direction, min) : LARGEST
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

/** By a rate; an incomplete one does not count, nor does one of fewer contacts than `min`. */
function byRate(order: RateName, direction: (typeof DIRECTIONS)[number], min: number) {
  const { status, kind, over } = RATES[order]
  const isAttempted = over === 'attempted'
  const isWithoutMachines = 'withoutMachines' in RATES[order]
  const counted = isWithoutMachines ? '(counted - machines)' : 'counted'
  const base = isAttempted ? attemptedIn('delivered', 'undelivered', 'repeated') : 'delivered'
  const isRate = `${counted} <= ${base} AND ${base} >= ${Math.max(1, min)}`
  const rate = `CAST(round(${RATE_SCALE}.0 * ${counted} / ${base}) AS INTEGER)`
  return {
    parts: {
      counted: isOf(status, kind),
      delivered: DELIVERED,
      ...(isWithoutMachines && { machines: isOf(status, KINDS.machines) }),
      ...(isAttempted && {
        undelivered: isOf('UNDELIVERED', KINDS.all),
        repeated: `hardBounce = ${KINDS.repeated}`,
      }),
    },
    // Turned round for the lowest first, and still above those without a rate.
    rate: `iif(${isRate}, ${direction === 'highest' ? rate : `${RATE_SCALE + 1} - ${rate}`}, 0)`,
    volume: `iif(${isRate}, ${base}, 0)`,
  }
}
