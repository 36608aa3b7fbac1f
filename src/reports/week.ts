import * as z from 'zod'
import { countByWeekHour, type WeekHourCount } from '../db/reports/time-series.ts'
import { periodOf } from '../db/reports/totals.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { period, perZone } from '../http/query-fields.ts'
import { readSettings } from '../settings/settings.ts'
import { campaignFields, periodSchema, scannedSchema, toCampaignFilter } from './api.ts'
import { chooseOffsetSpans } from './buckets.ts'
import { countFields, toCounts } from './counts.ts'
import { timeZoneField, zoneOf } from './totals.ts'

const HOURS = Array.from({ length: 7 * 24 }, (_, weekHour) => weekHour)

const weekQuery = perZone((zone) =>
  z.strictObject({ timeZone: timeZoneField(), ...period(zone), ...campaignFields() }),
)

const weekSchema = lazily(() =>
  z
    .strictObject({
      timeZone: z.string(),
      period: periodSchema(),
      hours: z
        .array(
          z.strictObject({
            weekday: z.int().meta({ description: '1 is Monday, 7 is Sunday.' }),
            hour: z.int().meta({ description: 'From 0 to 23, by the clocks.' }),
            ...countFields(),
          }),
        )
        .meta({ description: 'All 168 hours of a week, from Monday at midnight.' }),
      scanned: scannedSchema(),
    })
    .meta({ id: 'WeekHours' }),
)

const showHours = defineEndpoint({
  method: 'get',
  path: '/reports/hours',
  access: 'readToken',
  operationId: 'hoursReport',
  tag: 'Reports',
  summary: 'Counts by weekday and hour',
  description:
    'At what hour and weekday people read, click, …: the full days of a period, up to 400; by default the last 30.',
  query: (timeZone, context) => weekQuery(zoneOf(context) ?? timeZone),
  response: weekSchema,
  async handle({ env, query }) {
    const zone = query.timeZone ?? readSettings(env).timeZone
    const spans = chooseOffsetSpans('day', query, zone)
    const found = await countByWeekHour(env.DB, toCampaignFilter(query), spans)
    const counts = Map.groupBy(found.counts, ({ weekHour }) => weekHour)
    return {
      timeZone: zone,
      period: periodOf(spans),
      hours: HOURS.map((weekHour) => toCell(weekHour, counts.get(weekHour) ?? [])),
      scanned: { rows: found.rowsScanned, complete: found.complete },
    }
  },
})

export const weekEndpoints = [showHours]

function toCell(weekHour: number, counts: readonly WeekHourCount[]) {
  return { weekday: Math.floor(weekHour / 24) + 1, hour: weekHour % 24, ...toCounts(counts) }
}
