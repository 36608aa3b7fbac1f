import * as z from 'zod'
import { countAll } from '../db/reports/all.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { period, perZone } from '../http/query-fields.ts'
import { readSettings } from '../settings/settings.ts'
import {
  campaignFields,
  describePeriod,
  periodSchema,
  scannedSchema,
  toCampaignFilter,
  toPeriod,
} from './api.ts'
import { compareCounts, comparedFields, compareField, periodBefore } from './comparison.ts'
import { countFields, toCounts } from './counts.ts'
import { ratesSchema, thresholdsOf, toLimitedRates } from './rates.ts'

const allQuery = perZone((zone) =>
  z.strictObject({ ...period(zone), ...campaignFields(), compare: compareField() }),
)

const allSchema = lazily(() =>
  z
    .strictObject({
      period: periodSchema(),
      periodBefore: periodSchema().optional(),
      all: z.strictObject({ ...countFields(), rates: ratesSchema(), ...comparedFields().shape }),
      scanned: scannedSchema(),
    })
    .meta({ id: 'AllReport' }),
)

const showAll = defineEndpoint({
  method: 'get',
  path: '/reports/all',
  access: 'readToken',
  operationId: 'allReport',
  tag: 'Reports',
  summary: 'Counts and rates of all campaigns together',
  description: 'Of those that match the filters. The period is widened to quarters of an hour.',
  query: allQuery,
  response: allSchema,
  async handle({ env, query }) {
    const { compare } = query
    const [filter, counted] = [toCampaignFilter(query), toPeriod(query)]
    const now = await countAll(env.DB, filter, counted)
    const line = { ...toCounts(now.counts), rates: toLimitedRates(now.counts, thresholdsOf(env)) }
    const report = { period: describePeriod(counted), all: line }
    if (!compare) return { ...report, scanned: scannedOf(now) }
    const earlier = toPeriod(periodBefore(compare, query, readSettings(env).timeZone))
    const then = await countAll(env.DB, filter, earlier)
    return {
      ...report,
      periodBefore: describePeriod(earlier),
      all: { ...line, ...compareCounts(now.counts, then.counts) },
      scanned: scannedOf(now, then),
    }
  },
})

export const allEndpoints = [showAll]

type Scanned = { rowsScanned: number; complete: boolean }

function scannedOf(...parts: readonly Scanned[]) {
  return {
    rows: parts.reduce((sum, { rowsScanned }) => sum + rowsScanned, 0),
    complete: parts.every(({ complete }) => complete),
  }
}
