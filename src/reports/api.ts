import * as z from 'zod'
import { QUARTER_MS } from '../event/clock.ts'
import { DIMENSION_OF, DIMENSIONS, REPORT_NAMES, type Dimension } from '../event/dimensions.ts'
import { exactNumber, type ExactNumber } from '../event/exact-number.ts'
import { CAMPAIGN_COLUMNS, INTEGERS } from '../db/columns.ts'
import { countGroupsIn, type Group } from '../db/reports/breakdown.ts'
import { averageDelays } from '../db/rollups/steps.ts'
import type { CampaignFilter, Count, Period } from '../db/reports/totals.ts'
import { readSettings } from '../settings/settings.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { filterFields, limit, period, perZone } from '../http/query-fields.ts'
import { integer64, moment, nextPage } from '../http/response-fields.ts'
import { findGroups, formatGroupCursor, groupFields, toGroupQuery } from './breakdown-page.ts'
import { compareCounts, comparedFields, compareField, periodBefore } from './comparison.ts'
import { countFields, toCounts } from './counts.ts'
import { ratesSchema, thresholdsOf, toLimitedRates, type Thresholds } from './rates.ts'

const DIMENSION_COLUMNS = [...DIMENSION_OF.keys()]

/** The query parameters that restrict a report to some campaigns. */
export function campaignFields() {
  const fields = filterFields()
  return Object.fromEntries(DIMENSION_COLUMNS.map((name) => [name, fields[name]])) as Pick<
    typeof fields,
    Dimension
  >
}

/** Query parameters of a report. */
const reportQuery = perZone((zone) =>
  z.strictObject({
    ...period(zone),
    ...campaignFields(),
    ...groupFields(),
    compare: compareField(),
    limit: limit(100, 20),
  }),
)

/** A period as in responses; an open end is null. */
export const periodSchema = lazily(() =>
  z
    .strictObject({ since: moment('The start').nullable(), until: moment('The end').nullable() })
    .meta({ id: 'Period' }),
)

/** How much a report read. */
export const scannedSchema = lazily(() =>
  z
    .strictObject({
      rows: z.int(),
      complete: z.boolean().meta({
        description: 'False if there was too much to read: choose a shorter period.',
      }),
    })
    .meta({ id: 'ScannedRows' }),
)

/** The schema of the columns of `campaigns` in a line, which depend on the report. */
export function describedFields(columns: readonly (typeof CAMPAIGN_COLUMNS)[number][]) {
  const fields = columns.map((name) => {
    const value = INTEGERS.has(name) ? integer64() : z.string()
    return [name, value.nullable().optional()]
  })
  return Object.fromEntries(fields) as Record<string, z.ZodOptional<z.ZodType<unknown, Described>>>
}

type Described = string | number | ExactNumber | null

/** The value of a column of `campaigns` as JSON. */
export function toValue(column: string, value: string | number | null): Described {
  return value !== null && INTEGERS.has(column) ? exactNumber(String(value)) : value
}

const reportSchema = lazily(() => {
  const line = z.strictObject({
    firstHour: moment('The hour of the first event'),
    lastHour: moment('The hour of the last event'),
    ...countFields(),
    rates: ratesSchema(),
    reached: z.int().optional().meta({
      description: 'Of blocks: contacts whom it was sent or delivered to.',
    }),
    averageDelay: z.number().nullable().optional().meta({
      description:
        'Of blocks: the average number of seconds since the start of the workflow; null if it is unknown. Counted like rollups, by full hours, some ten minutes after their end.',
    }),
    ...comparedFields().shape,
    ...describedFields(CAMPAIGN_COLUMNS),
  })
  return z
    .strictObject({
      period: periodSchema(),
      periodBefore: periodSchema().optional(),
      report: z.array(line),
      scanned: scannedSchema(),
      next: nextPage(),
    })
    .meta({ id: 'Report' })
})

export const reportEndpoints = REPORT_NAMES.map((name) => {
  const { column, title, described } = DIMENSIONS[name]
  return defineEndpoint({
    method: 'get',
    path: `/reports/${name}`,
    access: 'readToken',
    operationId: `${name}Report`,
    tag: 'Reports',
    summary: `Counts and rates by ${title.toLowerCase()}`,
    description: `A line for each ${title.toLowerCase()}. The period is widened to quarters of an hour.`,
    query: reportQuery,
    response: reportSchema,
    async handle({ env, query }) {
      const counted = toPeriod(query)
      const question = toGroupQuery(query, {
        dimension: column,
        filter: toCampaignFilter(query),
        period: counted,
        limit: query.limit,
      })
      const page = await findGroups(env.DB, question, query.search)
      const earlier =
        query.compare && toPeriod(periodBefore(query.compare, query, readSettings(env).timeZone))
      const before = earlier && (await countGroupsIn(env.DB, question, page.groups, earlier))
      const thresholds = thresholdsOf(env)
      const keys = page.groups.map(({ key }) => key)
      const delays =
        name === 'blocks' && keys.length > 0
          ? await averageDelays(env.DB, { ...question.filter, workflowBlockId: keys }, counted)
          : undefined
      return {
        period: describePeriod(counted),
        ...(earlier && { periodBefore: describePeriod(earlier) }),
        report: page.groups.map((group) => ({
          ...toLine(described, group, thresholds),
          ...(delays && {
            reached: reachedOf(group.counts),
            averageDelay: delays.get(group.key) ?? null,
          }),
          ...(before && compareCounts(group.counts, before.counts.get(group.key) ?? [])),
        })),
        scanned: {
          rows: page.rowsScanned + (before?.rowsScanned ?? 0),
          complete: page.complete && page.isSearched && (before?.complete ?? true),
        },
        next: page.next && formatGroupCursor(page.next),
      }
    },
  })
})

function toLine(
  described: readonly (typeof CAMPAIGN_COLUMNS)[number][],
  { campaign, firstHour, lastHour, counts }: Group,
  thresholds: Thresholds,
) {
  return {
    ...Object.fromEntries(described.map((column) => [column, toValue(column, campaign[column])])),
    firstHour,
    lastHour,
    ...toCounts(counts),
    rates: toLimitedRates(counts, thresholds),
  }
}

/** Contacts whom a message was sent or delivered to: Yespo may report either, or both. */
function reachedOf(counts: readonly Count[]): number {
  const { sent, delivered } = toCounts(counts)
  return Math.max(sent.contacts, delivered.contacts)
}

/** The campaigns that a query selects. */
export function toCampaignFilter(query: {
  [Name in Dimension]?: string | string[] | undefined
}): CampaignFilter {
  const entries = DIMENSION_COLUMNS.flatMap((name) => {
    const value = query[name]
    return value === undefined ? [] : [[name, [value].flat()]]
  })
  return Object.fromEntries(entries) as CampaignFilter
}

/** All the time that a Date can represent. */
export const ALWAYS = { since: -8_640_000_000_000_000, until: 8_640_000_000_000_000 }

/** The period of a query, widened to quarters of an hour. */
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

/** A period in a response. */
export function describePeriod({ since, until }: Period) {
  return {
    since: since === ALWAYS.since ? null : since,
    until: until === ALWAYS.until ? null : until,
  }
}
