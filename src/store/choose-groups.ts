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

/** How groups are ordered: the last to have begun first, or those delivered to most contacts first. */
export type Order = 'newest' | 'largest'

/** Which groups are asked for. */
export type GroupQuestion = {
  dimension: Dimension
  filter: CampaignFilter
  period: Period
  order: Order
  limit: number
  after: GroupPosition | undefined
}

/** The groups of a page and one more, in order; with how many rows were looked at for them. */
export async function chooseGroups(
  db: D1Database,
  { dimension, filter, period, order, limit, after }: GroupQuestion,
): Promise<{ keys: GroupPosition[]; rows: number }> {
  const conditions = campaignConditions(filter, dimension)
  const group = keyOf(dimension)
  const isAfter: Condition[] = after
    ? [
        {
          sql: '(size, newest, groupKey) < (?, ?, ?)',
          values: [after.size, after.newest, after.key],
        },
      ]
    : []
  const tail = `ORDER BY size DESC, newest DESC, groupKey DESC LIMIT ${limit + 1}`
  const looked = `
    SELECT campaigns.campaign, ${quote(dimension)},
      CASE activityStatus WHEN 'DELIVERED' THEN ${sumOf('contacts', period)} ELSE 0 END AS delivered
    FROM ${campaignsBy(dimension)} CROSS JOIN totals ON ${inPeriod(period)}
    ${where(conditions)}
    ORDER BY campaigns.campaign DESC LIMIT ${MAX_TOTALS}`
  const sql =
    order === 'newest'
      ? `SELECT ${group} AS groupKey, 0 AS size, min(campaign) AS newest, 0 AS rows
         FROM ${campaignsBy(dimension)}
         ${where([...conditions, { sql: `EXISTS (SELECT 1 FROM totals WHERE ${inPeriod(period)})`, values: [] }])}
         GROUP BY ${quote(dimension)} ${isAfter[0] ? `HAVING ${isAfter[0].sql}` : ''} ${tail}`
      : `SELECT * FROM (
           SELECT ${group} AS groupKey, sum(delivered) AS size, min(campaign) AS newest,
             sum(sum(rows)) OVER () AS rows
           FROM (
             SELECT campaign, ${quote(dimension)}, sum(delivered) AS delivered, count(*) AS rows
             FROM (${looked}) GROUP BY campaign, ${quote(dimension)}
           )
           GROUP BY ${quote(dimension)}
         )
         ${where(isAfter)} ${tail}`
  const { results } = await db
    .prepare(sql)
    .bind(...valuesOf([...conditions, ...isAfter]))
    .all<{ groupKey: string; size: number; newest: number; rows: number }>()
  return {
    keys: results.map(({ groupKey: key, size, newest }) => ({ key, size, newest })),
    rows: results[0]?.rows ?? 0,
  }
}
