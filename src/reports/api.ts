import type { Context, Handler } from 'hono'
import * as z from 'zod'
import { QUARTER_MS } from '../event/clock.ts'
import { exactNumber } from '../event/exact-number.ts'
import { readSettings } from '../settings/settings.ts'
import { INTEGERS } from '../db/columns.ts'
import type { Group } from '../db/reports/breakdown.ts'
import { toRates } from '../db/reports/rates.ts'
import type { CampaignFilter, Dimension, Period } from '../db/reports/totals.ts'
import { respondJson } from '../http/event-json.ts'
import { toCounts } from './counts.ts'
import { integers, limit, list, period, perZone, text } from '../http/query-fields.ts'
import { findGroups, formatGroupCursor, groupFields } from './breakdown-page.ts'
import { parseQuery } from '../http/parse-query.ts'

/** The reports, by the last part of their address, with what each has a line for. */
export const REPORTS = {
  messages: 'messageId',
  broadcasts: 'broadcastId',
  workflows: 'workflowId',
  channels: 'mediaType',
  senders: 'from',
  tags: 'messageTag',
} as const satisfies Record<string, Dimension>

export type ReportName = keyof typeof REPORTS

/** What restricts a report to some campaigns. */
export function campaignFields() {
  return {
    mediaType: list.optional().meta({ description: 'Channels, comma-separated.' }),
    messageId: integers.optional().meta({ description: 'Messages, comma-separated.' }),
    broadcastId: integers.optional().meta({ description: 'Broadcasts, comma-separated.' }),
    workflowId: integers.optional().meta({ description: 'Workflows, comma-separated.' }),
    from: text.optional().meta({ description: 'Sender name.' }),
    messageTag: list.optional().meta({ description: 'Tags, of which one has to fit.' }),
  }
}

/** What a report is asked for. */
export const reportQuery = perZone((zone) =>
  z.strictObject({
    ...period(zone),
    ...campaignFields(),
    ...groupFields(),
    limit: limit(100, 20),
  }),
)

/** What a line is described by, beside its counts: what all that it counts has in common. */
const DESCRIBED: Readonly<Record<ReportName, readonly (keyof Group['campaign'])[]>> = {
  messages: ['messageId', 'messageName', 'messageTag', 'mediaType', 'from'],
  broadcasts: ['broadcastId', 'messageId', 'messageName', 'mediaType'],
  workflows: ['workflowId'],
  channels: ['mediaType'],
  senders: ['from'],
  tags: ['messageTag'],
}

/** `GET /reports/{name}`: a line for each message, broadcast, …, with counts and rates. */
export function showReport(name: ReportName): Handler<{ Bindings: Env }> {
  return async ({ env, req }: Context<{ Bindings: Env }>) => {
    const { timeZone } = readSettings(env)
    const query = parseQuery(reportQuery(timeZone), new URL(req.url).searchParams)
    const counted = toPeriod(query)
    const question = {
      dimension: REPORTS[name],
      filter: toCampaignFilter(query),
      period: counted,
      order: query.sort,
      limit: query.limit,
      after: query.cursor,
    }
    const page = await findGroups(env.DB, question, query.search)
    const { groups, next, rowsScanned, isSearched } = page
    const complete = page.complete && isSearched
    return respondJson(
      JSON.stringify({
        period: describePeriod(counted),
        report: groups.map((group) => toLine(name, group)),
        scanned: { rows: rowsScanned, complete },
        next: next && formatGroupCursor(next),
      }),
    )
  }
}

function toLine(name: ReportName, { campaign, firstHour, lastHour, counts }: Group): object {
  const description = DESCRIBED[name].map((column) => {
    const value = campaign[column]
    const isNumber = value !== null && INTEGERS.has(column)
    return [column, isNumber ? exactNumber(String(value)) : value]
  })
  return {
    ...Object.fromEntries(description),
    firstHour,
    lastHour,
    ...toCounts(counts),
    rates: toRates(counts),
  }
}

type CampaignFields = {
  [Name in keyof ReturnType<typeof campaignFields>]?: string | string[] | undefined
}

/** The campaigns that a query asks for. */
export function toCampaignFilter(query: CampaignFields): CampaignFilter {
  const { mediaType, messageId, broadcastId, workflowId, from, messageTag } = query
  const given = Object.entries({ mediaType, messageId, broadcastId, workflowId, from, messageTag })
  return Object.fromEntries(
    given.flatMap(([name, value]) => (value === undefined ? [] : [[name, [value].flat()]])),
  )
}

/** All the time that a Date holds. */
export const ALWAYS = { since: -8_640_000_000_000_000, until: 8_640_000_000_000_000 }

/** The period that a query asks for, widened to quarters of an hour. */
export function toPeriod(query: {
  since?: number | undefined
  until?: number | undefined
}): Period {
  const { since = ALWAYS.since, until = ALWAYS.until } = query
  return {
    since: Math.floor(since / QUARTER_MS) * QUARTER_MS,
    until: Math.ceil(until / QUARTER_MS) * QUARTER_MS,
  }
}

function describePeriod({ since, until }: Period) {
  return {
    since: since === ALWAYS.since ? null : since,
    until: until === ALWAYS.until ? null : until,
  }
}
