import * as z from 'zod'
import { QUARTER_MS } from '../event/clock.ts'
import { DIMENSION_OF, DIMENSIONS, REPORT_NAMES, type Dimension } from '../event/dimensions.ts'
import { exactNumber, type ExactNumber } from '../event/exact-number.ts'
import { CAMPAIGN_COLUMNS, INTEGERS } from '../db/columns.ts'
import type { Group } from '../db/reports/breakdown.ts'
import { defineRate, toRates, WHY_INCOMPLETE, type RateName } from '../db/reports/rates.ts'
import type { CampaignFilter, Period } from '../db/reports/totals.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { filterFields, limit, period, perZone } from '../http/query-fields.ts'
import { integer64, moment, nextPage } from '../http/response-fields.ts'
import { findGroups, formatGroupCursor, groupFields, toGroupQuery } from './breakdown-page.ts'
import { countFields, toCounts } from './counts.ts'

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

/** A share of contacts. */
export const rateSchema = lazily(() =>
  z.strictObject({
    numerator: z.int(),
    denominator: z.int(),
    rate: z
      .number()
      .nullable()
      .meta({ description: 'From 0 to 1. Null without a denominator, and if `incomplete`.' }),
    incomplete: z.boolean().meta({ description: WHY_INCOMPLETE }),
  }),
)

export const ratesSchema = lazily(() => {
  const rate = rateSchema()
  const rateOf = (name: RateName) => rate.meta({ description: defineRate(name) })
  return z
    .strictObject({
      read: rateOf('read'),
      clicked: rateOf('clicked'),
      readWithoutMachines: rateOf('readWithoutMachines'),
      clickedWithoutMachines: rateOf('clickedWithoutMachines'),
      undelivered: rateOf('undelivered'),
      hardBounced: rateOf('hardBounced'),
      spam: rateOf('spam'),
      unsubscribed: rateOf('unsubscribed'),
    })
    .meta({ id: 'Rates' })
})

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
    ...describedFields(CAMPAIGN_COLUMNS),
  })
  return z
    .strictObject({
      period: periodSchema(),
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
      return {
        period: describePeriod(counted),
        report: page.groups.map((group) => toLine(described, group)),
        scanned: { rows: page.rowsScanned, complete: page.complete && page.isSearched },
        next: page.next && formatGroupCursor(page.next),
      }
    },
  })
})

function toLine(
  described: readonly (typeof CAMPAIGN_COLUMNS)[number][],
  { campaign, firstHour, lastHour, counts }: Group,
) {
  return {
    ...Object.fromEntries(described.map((column) => [column, toValue(column, campaign[column])])),
    firstHour,
    lastHour,
    ...toCounts(counts),
    rates: toRates(counts),
  }
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
