import { DAY_MS, HOUR_MS, MINUTE_MS, startOfHour } from '../../event/clock.ts'
import { quartersOf } from '../columns.ts'
import { KINDS } from '../reports/totals.ts'

/** Events of one status in one hour, or in each of its quarters. */
export type HourEvents = { hour: number; activityStatus: string; events: readonly number[] }

/** How far back hours are filled in at first: a little longer than the longest period that the pages offer. */
const FIRST_DAYS = 35

/** Consecutive hours that are filled in at once: each is read campaign by campaign. */
const MAX_HOURS = 12

/** An hour with more statuses, as anything can be sent as one, is never filled in. */
const MAX_STATUSES = 200

/** Stale hours that are filled in at once, along with the next one: once an hour. */
const MAX_STALE = 8

/** No write takes longer: a writer that saw an hour as not over has finished before the hour is filled in. */
const CLOSED_MS = 10 * MINUTE_MS

/** Each gap is read campaign by campaign; if there are more, the whole period is. */
const MAX_GAPS = 4

/**
 * Marks hours to be filled in again; belongs in the transaction that changes their totals.
 *
 * @param times of the events that changed them: UTC milliseconds
 * @returns no statement if none of these hours is over
 */
export function staleHours(
  db: D1Database,
  times: readonly number[],
  now: number,
): D1PreparedStatement[] {
  const hours = new Set(times.map(startOfHour).filter((hour) => hour + HOUR_MS <= now))
  if (hours.size === 0) return []
  return [
    db
      .prepare(
        `UPDATE hours SET events = NULL
         WHERE hour IN (SELECT value FROM json_each(?)) AND events IS NOT NULL`,
      )
      .bind(JSON.stringify([...hours])),
  ]
}

/** The same for a period, from ?1 to before ?2: UTC milliseconds. */
export const STALE_PERIOD =
  'UPDATE hours SET events = NULL WHERE hour >= ?1 AND hour < ?2 AND events IS NOT NULL'

/** Whether the next hour is over; binds ?1, the time now. */
export const NEXT_HOUR_OVER = `
  coalesce((SELECT max(hour) FROM hours) + ${2 * HOUR_MS} <= ?1 - ${CLOSED_MS}, 1)`

/**
 * Fills in the next hours that are over, and some stale ones.
 *
 * @param now UTC milliseconds
 * @returns whether there were any
 */
export async function fillHours(db: D1Database, now: number): Promise<boolean> {
  const end = startOfHour(now - CLOSED_MS)
  const quarters = quartersOf('events')
  const { meta } = await db
    .prepare(
      `WITH RECURSIVE next(hour) AS (
         SELECT coalesce((SELECT max(hour) + ${HOUR_MS} FROM hours), ${end - FIRST_DAYS * DAY_MS})
         UNION ALL SELECT hour + ${HOUR_MS} FROM next WHERE hour + ${HOUR_MS} < ${end} LIMIT ${MAX_HOURS}
       ),
       chosen AS MATERIALIZED (
         SELECT hour FROM next WHERE hour < ${end}
         UNION ALL
         SELECT hour FROM (SELECT hour FROM hours WHERE events IS NULL ORDER BY hour DESC LIMIT ${MAX_STALE})
         WHERE EXISTS (SELECT 1 FROM next WHERE hour < ${end})
       ),
       counted AS MATERIALIZED (
         SELECT chosen.hour, activityStatus, ${quarters.map((each) => `sum(${each}) AS ${each}`).join(', ')}
         FROM chosen CROSS JOIN campaigns
         CROSS JOIN totals ON totals.campaign = campaigns.campaign AND totals.hour = chosen.hour
         WHERE hardBounce = ${KINDS.all}
         GROUP BY chosen.hour, activityStatus
       )
       INSERT INTO hours (hour, events)
       SELECT hour, iif(count(*) > ${MAX_STATUSES}, NULL, json_group_array(
         json_array(activityStatus, ${quarters.join(', ')})
       ) FILTER (WHERE activityStatus IS NOT NULL))
       FROM chosen LEFT JOIN counted USING (hour)
       GROUP BY hour
       ON CONFLICT (hour) DO UPDATE SET events = excluded.events`,
    )
    .run()
  return meta.changes > 0
}

/**
 * The hours of a period that are filled in.
 *
 * @param since,until UTC milliseconds; `since` at an hour
 * @returns `gaps` are spans that have to be counted from `totals`
 */
export async function readHours(
  db: D1Database,
  { since, until }: { since: number; until: number },
): Promise<{ events: HourEvents[]; gaps: [since: number, until: number][] }> {
  const { results } = await db
    .prepare(
      `SELECT hour, events FROM hours WHERE hour >= ? AND hour < ? AND events IS NOT NULL ORDER BY hour`,
    )
    .bind(since, until)
    .all<{ hour: number; events: string }>()
  const ends = [since, ...results.map(({ hour }) => hour + HOUR_MS)]
  const gaps = ends.flatMap((end, index): [number, number][] => {
    const next = results[index]?.hour ?? until
    return end < next ? [[end, next]] : []
  })
  if (gaps.length > MAX_GAPS) return { events: [], gaps: [[since, until]] }
  const events = results.flatMap(({ hour, events: text }) => {
    // One reasoned cast: `fillHours` made it.
    const statuses = JSON.parse(text) as [activityStatus: string, ...events: number[]][]
    return statuses.map(([activityStatus, ...quarters]) => ({
      hour,
      activityStatus,
      events: quarters,
    }))
  })
  return { events, gaps }
}
