import { MINUTE_MS } from '../../event/clock.ts'
import { allOf, occurredIn, valuesOf, where, type Condition } from '../events/filter.ts'
import { decodeStatus, encodeStatus, IS_OTHER_STATUS } from './status-code.ts'
import { ofCampaigns, type CampaignFilter, type Period } from './totals.ts'

/** Events of one status in one minute. */
export type MinuteCount = { minute: number; activityStatus: string; events: number }

/** The maximum number of events that a report reads: with more, quarters of an hour show as much. */
const MAX_EVENTS = 2_400

/**
 * Counts events per minute, from the events themselves.
 *
 * @param period from a full minute on
 * @returns `minute` counted from 1970; null if there are more events than are read
 */
export async function countPerMinute(
  db: D1Database,
  filter: CampaignFilter,
  period: Period,
): Promise<MinuteCount[] | null> {
  const range = occurredIn(period)
  const conditions = ofCampaigns(filter)
  const code = encodeStatus(`(occurredAt - ${period.since}) / ${MINUTE_MS}`)
  // Each event as one number, all as one value: to group them, SQLite would read each twice.
  const found = await db
    .prepare(
      `SELECT json_group_array(${code}) FILTER (WHERE ${allOf(conditions)}) AS events,
         count(*) AS rows
       FROM (SELECT * FROM activity ${where(range)} LIMIT ${MAX_EVENTS})`,
    )
    .bind(...valuesOf([...conditions, ...range]))
    .first<{ events: string; rows: number }>()
  if (!found || found.rows >= MAX_EVENTS) return null
  // One reasoned cast: the statement made it.
  const counts = Map.groupBy(JSON.parse(found.events) as number[], (each) => each)
  const first = Math.floor(period.since / MINUTE_MS)
  let hasOthers = false
  const documented = [...counts].flatMap(([each, { length: events }]) => {
    const { index, activityStatus } = decodeStatus(each)
    hasOthers ||= activityStatus === undefined
    return activityStatus === undefined ? [] : { minute: first + index, activityStatus, events }
  })
  return hasOthers
    ? [...documented, ...(await countOthers(db, [...range, ...conditions]))]
    : documented
}

/** Counts undocumented statuses, which are rare, and may be long. */
async function countOthers(
  db: D1Database,
  conditions: readonly Condition[],
): Promise<MinuteCount[]> {
  const { results } = await db
    .prepare(
      `SELECT occurredAt / ${MINUTE_MS} AS minute, activityStatus, count(*) AS events
       FROM activity ${where(conditions)} AND ${IS_OTHER_STATUS} GROUP BY minute, activityStatus`,
    )
    .bind(...valuesOf(conditions))
    .all<MinuteCount>()
  return results
}
