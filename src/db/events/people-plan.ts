import { QUARTER_MS, startOfHour } from '../../event/clock.ts'
import { OUTCOME_STATUSES } from '../../event/outcome.ts'
import { floorTo, quartersOf } from '../columns.ts'
import { campaignConditions, KINDS, ofCampaigns, type CampaignFilter } from '../reports/totals.ts'
import { MAX_TIME } from '../stored-event.ts'
import type { Span } from './campaign-hours.ts'
import { valuesOf, where, type Condition } from './filter.ts'

/** The events to read. */
export type PeopleFilter = {
  campaigns: CampaignFilter
  /** UTC milliseconds, included. */
  since: number | undefined
  /** UTC milliseconds, not included. */
  until: number | undefined
}

/** Where events of a filter are, and how they are read. */
export type PeoplePlan = {
  filter: PeopleFilter
  /** The numbers of its campaigns; undefined if these are too many to list. */
  campaigns: number[] | undefined
  /** The beginnings of the quarters of an hour that have its events, in order; undefined if these are too many. */
  quarters: number[] | undefined
  /** Everything is in these spans; in order, and they do not touch. */
  spans: Span[]
  /** Whether these have few enough events to read all of them for each page. */
  isShort: boolean
  bounds: Bounds
}

type Bounds = {
  /** Events of a time that are read for each page. If there are more, they are read contact by contact. */
  ofTime: number
  /** Events of contacts that are read at once, of all campaigns: a page may take several such steps. */
  ofContacts: number
}

const BOUNDS: Bounds = { ofTime: 50_000, ofContacts: 10_000 }

const MAX_CAMPAIGNS = 50
const MAX_TOTALS = 100_000 // rows; more would take longer than reading events
const MAX_QUARTERS = 10_000

/** Whether an event has an outcome. */
export const IS_OUTCOME = `activityStatus IN (${OUTCOME_STATUSES.map((status) => `'${status}'`).join(', ')})`

/** Finds out, by the totals of its campaigns, when a filter has events. */
export async function planPeople(
  db: D1Database,
  filter: PeopleFilter,
  bounds = BOUNDS,
): Promise<PeoplePlan> {
  const { since = -MAX_TIME, until = MAX_TIME } = filter
  const conditions = campaignConditions(filter.campaigns)
  const quarters = quartersOf('events')
  const found = await db
    .prepare(
      `WITH chosen AS MATERIALIZED (
         SELECT campaign FROM campaigns ${where(conditions)} LIMIT ${MAX_CAMPAIGNS + 1}
       )
       SELECT (SELECT json_group_array(campaign) FROM chosen) AS campaigns, (
         SELECT json_group_array(json_array(hour, rows, ${quarters.join(', ')})) FROM (
           SELECT hour, count(*) AS rows, ${quarters.map((each) => `sum(${each}) AS ${each}`).join(', ')}
           FROM (
             SELECT totals.* FROM chosen CROSS JOIN totals USING (campaign)
             WHERE (SELECT count(*) FROM chosen) <= ${MAX_CAMPAIGNS}
               AND hour >= ? AND hour <= ? AND ${IS_OUTCOME} AND hardBounce = ${KINDS.all}
             LIMIT ${MAX_TOTALS + 1}
           ) GROUP BY hour
         )
       ) AS hours, (
         SELECT json_group_array(DISTINCT ${floorTo('occurredAt', QUARTER_MS)}) FROM (
           SELECT occurredAt FROM late_arrivals WHERE occurredAt >= ? AND occurredAt < ?
           LIMIT ${MAX_QUARTERS + 1}
         )
       ) AS late`,
    )
    .bind(...valuesOf(conditions), startOfHour(since), until - 1, since, until)
    .first<{ campaigns: string; hours: string; late: string }>()
  // Three reasoned casts: the statement made them.
  const campaigns = JSON.parse(found?.campaigns ?? '[]') as number[]
  const hours = JSON.parse(found?.hours ?? '[]') as Hour[]
  const late = JSON.parse(found?.late ?? '[]') as number[]
  const isListed = campaigns.length <= MAX_CAMPAIGNS
  const isRead = isListed && sum(hours.map(([, rows]) => rows)) <= MAX_TOTALS
  const starts = isRead ? listQuarters(hours, late) : []
  const isFound = isRead && starts.length <= MAX_QUARTERS
  const events = sum(hours.flatMap(([, , ...counts]) => counts))
  const spans = isFound ? toSpans(starts, since, until) : [{ since, until }]
  return {
    filter,
    campaigns: isListed ? campaigns : undefined,
    quarters: isFound ? starts : undefined,
    spans,
    isShort: events <= bounds.ofTime && (await areFew(db, spans, bounds.ofTime)),
    bounds,
  }
}

/** An hour, the rows of `totals` for it, and the events in each of its quarters. */
type Hour = [hour: number, rows: number, ...events: number[]]

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

/** The beginnings of quarters of an hour that have events, in order. @param late quarters of late arrivals */
function listQuarters(hours: readonly Hour[], late: readonly number[]): number[] {
  const starts = new Set(late)
  for (const [hour, , ...events] of hours) {
    for (const [quarter, count] of events.entries()) {
      if (count > 0) starts.add(hour + quarter * QUARTER_MS)
    }
  }
  return [...starts].sort((a, b) => a - b)
}

/** Quarters of an hour as spans within a period. */
function toSpans(quarters: readonly number[], since: number, until: number): Span[] {
  const spans: Span[] = []
  for (const start of quarters) {
    const end = Math.min(start + QUARTER_MS, until)
    const begin = Math.max(start, since)
    if (begin >= end) continue
    const last = spans.at(-1)
    if (last?.until === begin) last.until = end
    else spans.push({ since: begin, until: end })
  }
  return spans
}

/** The events of spans, as a FROM clause; binds a JSON array of them. */
export const OF_SPANS = `
  json_each(?) AS span CROSS JOIN activity
  ON occurredAt >= span.value ->> 'since' AND occurredAt < span.value ->> 'until'`

/** Whether spans have few events. @param most of them */
async function areFew(db: D1Database, spans: readonly Span[], most: number): Promise<boolean> {
  const events = await db
    .prepare(`SELECT count(*) AS events FROM (SELECT 1 FROM ${OF_SPANS} LIMIT ${most + 1})`)
    .bind(JSON.stringify(spans))
    .first<number>('events')
  return (events ?? 0) <= most
}

/** Whether an event is in the plan's quarters of an hour. */
export function inQuarters({ quarters }: PeoplePlan): Condition[] {
  if (!quarters) return []
  const sql = `${floorTo('occurredAt', QUARTER_MS)} IN (SELECT value FROM json_each(?))`
  return [{ sql, values: [JSON.stringify(quarters)] }]
}

/** Whether an event is of the plan's campaigns. */
export function inCampaigns({ campaigns, filter }: PeoplePlan): Condition[] {
  if (!campaigns) return ofCampaigns(filter.campaigns)
  const sql = 'activity.campaign IN (SELECT value FROM json_each(?))'
  return [{ sql, values: [JSON.stringify(campaigns)] }]
}
