import * as z from 'zod'
import { DAY_MS, HOUR_MS } from '../../event/clock.ts'
import { readRollupState } from '../../db/rollups/hours.ts'
import { toFullHours } from '../../db/rollups/scan.ts'
import { defineEndpoint, lazily } from '../../http/endpoint.ts'
import { checkPeriod, invalidParameter } from '../../http/parse-query.ts'
import { period, perZone } from '../../http/query-fields.ts'
import { moment } from '../../http/response-fields.ts'
import { describeRolledUp, rolledUpSchema } from '../../reports/rolled-up.ts'
import { writePhrase } from '../../language/messages.ts'
import { readSettings } from '../../settings/settings.ts'
import { writeTime } from '../alerts/words.ts'
import { describeAnomaly, endOf, startOf } from './describe.ts'
import type { Anomaly } from './detect.ts'
import { KINDS } from './rules.ts'
import { listAnomalies } from './watch.ts'

const DEFAULT_DAYS = 7
const MAX_DAYS = 93

const anomaliesQuery = perZone((zone) => z.strictObject(period(zone)))

export const anomalySchema = lazily(() =>
  z
    .strictObject({
      kind: z.enum(KINDS),
      mediaType: z
        .string()
        .meta({ description: 'The channel; `other` if Yespo does not document it.' }),
      provider: z.string().nullable().meta({
        description:
          'The mailbox provider, as in `GET /reports/providers`; `other` for all that are not well known. Null for the whole channel.',
      }),
      since: moment('When it began, to the hour; of bounces to a quarter of an hour'),
      until: moment('When it ended').nullable().meta({
        description: 'When it ended: UTC milliseconds. Null if it goes on.',
      }),
      foundAt: moment('The end of the hour after which it was certain'),
      count: z.int().meta({ description: 'What was counted meanwhile.' }),
      outOf: z.int().meta({
        description:
          'Bounces out of these attempts; complaints and unsubscribes of these deliveries; of what there was too little, how much is normal.',
      }),
      normalRate: z.number().meta({ description: 'Of `outOf`, the share that is normal.' }),
      cause: z.string().nullable().meta({ description: 'Of bounces, the cause of most.' }),
      what: z.string().meta({ description: 'In words.' }),
      likelyCause: z.string().nullable(),
      advice: z.string(),
    })
    .meta({ id: 'Anomaly' }),
)

const anomaliesSchema = lazily(() =>
  z
    .strictObject({
      period: z.strictObject({ since: moment('The start'), until: moment('The end') }),
      rolledUp: rolledUpSchema(),
      anomalies: z.array(anomalySchema()).meta({ description: 'Newest first.' }),
    })
    .meta({ id: 'Anomalies' }),
)

const showAnomalies = defineEndpoint({
  method: 'get',
  path: '/reports/anomalies',
  access: 'readToken',
  operationId: 'anomaliesReport',
  tag: 'Reports',
  summary: 'What was not as normal, since when, and why',
  description: `Compares each hour with the four weeks before it: bounces and reads by mailbox provider, and bounces, reads, clicks, complaints, unsubscribes and deliveries by channel. Full hours, at most ${MAX_DAYS} days; by default the last ${DEFAULT_DAYS} days.`,
  query: anomaliesQuery,
  response: anomaliesSchema,
  async handle({ env, query }) {
    const until = query.until ?? Math.ceil(Date.now() / HOUR_MS) * HOUR_MS
    const since = query.since ?? until - DEFAULT_DAYS * DAY_MS
    checkPeriod({ since, until })
    if (until - since > MAX_DAYS * DAY_MS) {
      throw invalidParameter('since', `must be at most ${MAX_DAYS} days before the end`)
    }
    const hours = toFullHours({ since, until })
    const found = await listAnomalies(env.DB, readSettings(env).timeZone, hours)
    const rolledUp = describeRolledUp(await readRollupState(env.DB))
    return { period: hours, rolledUp, anomalies: toLines(found) }
  },
})

export const anomalyEndpoints = [showAnomalies]

/** Anomalies as in responses, newest first. */
export function toLines(anomalies: readonly Anomaly[]) {
  return anomalies
    .toSorted((one, other) => other.sinceQuarter - one.sinceQuarter)
    .map((anomaly) => {
      const { what, cause, advice } = describeAnomaly(anomaly, writeTime)
      return {
        kind: anomaly.kind,
        mediaType: anomaly.channel,
        provider: anomaly.provider,
        since: startOf(anomaly),
        until: endOf(anomaly),
        foundAt: (anomaly.foundAt + 1) * HOUR_MS,
        count: anomaly.count,
        outOf: anomaly.of,
        normalRate: Math.round(anomaly.normal.median * 10_000) / 10_000,
        cause: anomaly.cause,
        what: writePhrase('en', what),
        likelyCause: cause && writePhrase('en', cause),
        advice: writePhrase('en', advice),
      }
    })
}
