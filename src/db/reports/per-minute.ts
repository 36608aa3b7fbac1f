import { MINUTE_MS } from '../../event/clock.ts'
import { allOf, isOfCampaigns, valuesOf, where, type Condition } from '../events/filter.ts'
import { IS_OTHER_STATUS, STATUS_INDEX, STATUS_INDEXES, statusIn } from './status-place.ts'
import { campaignConditions, type CampaignFilter, type Period } from './totals.ts'

/** Events of one status in one minute. */
export type MinuteCount = { minute: number; activityStatus: string; events: number }

/** Events that one question looks at: with more of them, quarters of an hour tell as much. */
const MAX_EVENTS = 2_400

/**
 * Counts events by the minute, from the events themselves.
 *
 * @param period from a full minute on
 * @returns `minute` counted from 1970; null where there are more events than are looked at
 */
export async function countPerMinute(
  db: D1Database,
  filter: CampaignFilter,
  { since, until }: Period,
): Promise<MinuteCount[] | null> {
  const range: Condition[] = [
    { sql: 'occurredAt >= ?', values: [since] },
    { sql: 'occurredAt < ?', values: [until] },
  ]
  const asked = isOfCampaigns(campaignConditions(filter))
  // Each event as one number, as one value: to sort them into groups, SQLite would read each a second time.
  const found = await db
    .prepare(
      `SELECT json_group_array((occurredAt - ${since}) / ${MINUTE_MS} * ${STATUS_INDEXES} + ${STATUS_INDEX})
           FILTER (WHERE ${allOf(asked)}) AS events,
         count(*) AS rows
       FROM (SELECT * FROM activity ${where(range)} LIMIT ${MAX_EVENTS})`,
    )
    .bind(...valuesOf([...asked, ...range]))
    .first<{ events: string; rows: number }>()
  if (!found || found.rows >= MAX_EVENTS) return null
  // One reasoned cast: the statement made it.
  const counts = Map.groupBy(JSON.parse(found.events) as number[], (event) => event)
  const documented = [...counts].flatMap(([event, { length: events }]) => {
    const activityStatus = statusIn(event % STATUS_INDEXES)
    const minute = Math.floor(since / MINUTE_MS) + Math.floor(event / STATUS_INDEXES)
    return activityStatus === undefined ? [] : { minute, activityStatus, events }
  })
  const hasOthers = counts.keys().some((event) => statusIn(event % STATUS_INDEXES) === undefined)
  return hasOthers ? [...documented, ...(await countOthers(db, range, asked))] : documented
}

/** The same for the statuses that nobody documented, which are rare, and may be long. */
async function countOthers(
  db: D1Database,
  range: readonly Condition[],
  asked: readonly Condition[],
): Promise<MinuteCount[]> {
  const other = { sql: IS_OTHER_STATUS, values: [] }
  const conditions = [...range, other, ...asked]
  const { results } = await db
    .prepare(
      `SELECT occurredAt / ${MINUTE_MS} AS minute, activityStatus, count(*) AS events
       FROM activity ${where(conditions)} GROUP BY minute, activityStatus`,
    )
    .bind(...valuesOf(conditions))
    .all<MinuteCount>()
  return results
}
