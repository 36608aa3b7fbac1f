import { HOUR_MS, QUARTER_MS, startOfHour } from '../../event/clock.ts'
import { CAMPAIGN_COLUMNS, floorTo, quartersOf } from '../columns.ts'
import { inList, isOneOf, valuesOf, where, type Condition, type Filter } from './filter.ts'
import { MAX_TIME, type EventKey } from '../stored-event.ts'
import type { Dimension } from '../../event/dimensions.ts'
import { KINDS } from '../reports/totals.ts'

/** A span of time in UTC milliseconds; `until` is not included. */
export type Span = { since: number; until: number }

/** The spans in which some campaigns had events. */
export type CampaignSpans = {
  /** Their numbers. */
  campaigns: number[]
  /** Newest first; they do not touch. */
  spans: Span[]
  /** The spans have all events from this time on; null if there are no earlier ones. UTC milliseconds. */
  reached: number | null
  /** The approximate number of rows that were read to find them. */
  rows: number
}

/** With more campaigns, scanning all events is as fast. */
const MAX_CAMPAIGNS = 50

/** Per result. */
const MAX_SPANS = 200

/** Fewer rows of a campaign might all be of one hour. */
const MIN_ROWS = 10

/** Approximate rows to read for one event: its hour may have rows of each kind, and of many other statuses. */
const ROWS_AN_EVENT = 4

/**
 * The newest quarters of an hour in which campaigns had events, by their totals: as many as it takes to find a number
 * of events.
 *
 * @param filter only its campaigns, status and time matter
 * @param after only older events count
 * @param maxRows of `totals`, to read
 * @returns undefined if all events have to be scanned: the filter is not about campaigns, or matches too many
 */
export async function findCampaignSpans(
  db: D1Database,
  filter: Filter,
  after: EventKey | undefined,
  events: number,
  maxRows: number,
): Promise<CampaignSpans | undefined> {
  const conditions = listConditions(filter)
  if (!conditions) return undefined
  const last = Math.min((filter.until ?? MAX_TIME) - 1, after?.occurredAt ?? MAX_TIME)
  const first = filter.since ?? -MAX_TIME
  const most = Math.max(MIN_ROWS, Math.min(maxRows, ROWS_AN_EVENT * events))
  const status = statusCondition(filter)
  const counts = quartersOf('events').map((column) => `iif(${status.sql}, ${column}, 0)`)
  const { results } = await db
    .prepare(
      `WITH chosen AS MATERIALIZED (
         SELECT campaign FROM campaigns ${where(conditions)} LIMIT ${MAX_CAMPAIGNS + 1}
       ),
       share AS MATERIALIZED (
         SELECT count(*) AS campaigns, CASE WHEN count(*) <= ${MAX_CAMPAIGNS}
           THEN max(${MIN_ROWS}, min(${most}, ${maxRows} / max(1, count(*)))) ELSE 0 END AS rows
         FROM chosen
       )
       SELECT hours, campaign, share.rows, share.campaigns FROM (
         SELECT (
           SELECT json_group_array(json_array(hour, ${counts.join(', ')})) FROM (
             SELECT * FROM totals WHERE totals.campaign = chosen.campaign AND hour >= ? AND hour <= ?
             ORDER BY hour DESC LIMIT (SELECT rows FROM share)
           )
         ) AS hours, campaign FROM chosen
         UNION ALL SELECT (${LATE_HOURS}), NULL
       ) CROSS JOIN share`,
    )
    .bind(
      ...valuesOf(conditions),
      ...status.values.flatMap((value) => [value, value, value, value]),
      startOfHour(first),
      startOfHour(last),
      first,
      last,
    )
    .all<{ hours: string; campaign: number | null; rows: number; campaigns: number }>()
  const [share] = results
  if (!share || share.campaigns > MAX_CAMPAIGNS) return undefined
  // One reasoned cast: the statement made it.
  const lists = results.map(({ hours }) => JSON.parse(hours) as HourCount[])
  const rows = lists.reduce((sum, list) => sum + list.length, 0)
  const campaigns = results.flatMap(({ campaign }) => campaign ?? [])
  return { ...chooseSpans(lists, share.rows, { first, last, events }), campaigns, rows }
}

/** The hours of late arrivals, which no total counts yet; of any campaign, as they are few. */
const LATE_HOURS = `
  SELECT json_group_array(json_array(hour, ${[0, 1, 2, 3].map((quarter) => `quarter = ${quarter}`).join(', ')}))
  FROM (
    SELECT ${floorTo('occurredAt', HOUR_MS)} AS hour,
      (occurredAt - ${floorTo('occurredAt', HOUR_MS)}) / ${QUARTER_MS} AS quarter
    FROM late_arrivals WHERE occurredAt >= ? AND occurredAt <= ?
    ORDER BY occurredAt DESC LIMIT (SELECT rows FROM share)
  )`

/** Whether a filter has parameters of campaigns. */
export function isAboutCampaigns({ parameters }: Filter): boolean {
  return CAMPAIGN_COLUMNS.some((name) => parameters[name as Dimension] !== undefined)
}

/** The conditions of a filter for campaigns; undefined if it has none. */
function listConditions({ parameters }: Filter): Condition[] | undefined {
  const conditions = CAMPAIGN_COLUMNS.flatMap((name) => {
    const values = parameters[name as Dimension]
    return values ? [isOneOf(name as Dimension, values)] : []
  })
  return conditions.length > 0 ? conditions : undefined
}

/** Totals cut long statuses, so only short ones can be matched. */
const MAX_STATUS_LENGTH = 25

/** Whether a row of `totals` counts events of a filter. */
function statusCondition({ parameters: { activityStatus } }: Filter): Condition {
  const isAll = `hardBounce = ${KINDS.all}`
  if (!activityStatus || activityStatus.some(({ length }) => length > MAX_STATUS_LENGTH)) {
    return { sql: isAll, values: [] }
  }
  const { sql, values } = inList('activityStatus', activityStatus)
  return { sql: `${isAll} AND ${sql}`, values }
}

/** An hour and the events in each of its quarters. */
type HourCount = [hour: number, ...quarters: number[]]

/**
 * @param lists of one campaign each, the newest hour first
 * @param most the limit of a list: one of that length may be incomplete
 */
function chooseSpans(
  lists: readonly HourCount[][],
  most: number,
  { first, last, events }: { first: number; last: number; events: number },
): { spans: Span[]; reached: number | null } {
  const ends = lists.flatMap((list) => (list.length >= most ? (list.at(-1)?.[0] ?? []) : []))
  const end = Math.max(-Infinity, ...ends)
  const counts = new Map<number, number>()
  for (const [hour, ...quarters] of lists.flat()) {
    if (hour < end) continue
    quarters.forEach((count, quarter) => {
      const start = hour + quarter * QUARTER_MS
      // Rows that were not read may have more events of the last hour.
      if (count > 0 || hour === end) counts.set(start, (counts.get(start) ?? 0) + count)
    })
  }
  const spans: Span[] = []
  let found = 0
  for (const [start, count] of [...counts].sort(([a], [b]) => b - a)) {
    if (start > last || start + QUARTER_MS <= first) continue
    if (found >= events || spans.length === MAX_SPANS) {
      return { spans, reached: spans.at(-1)?.since ?? null }
    }
    const until = Math.min(start + QUARTER_MS, last + 1)
    const newer = spans.at(-1)
    if (newer?.since === until) newer.since = Math.max(start, first)
    else spans.push({ since: Math.max(start, first), until })
    // If a quarter is not scanned completely, the number of its remaining events is unknown.
    if (until === start + QUARTER_MS) found += count
  }
  return { spans, reached: end === -Infinity ? null : end }
}
