import * as z from 'zod'
import { CAUSE_NAMES } from '../../event/bounce/causes.ts'
import { defineEndpoint, lazily } from '../../http/endpoint.ts'
import { moment } from '../../http/response-fields.ts'
import { ratesSchema, thresholdsOf } from '../../reports/rates.ts'
import { writePhrases } from '../../language/messages.ts'
import { operateSettings, readSettings } from '../../settings/settings.ts'
import { anomalySchema, toLines } from '../anomalies/api.ts'
import { readDigest, type CampaignLine } from './read.ts'
import { lastWeek, weekOf } from './week.ts'
import { listWarnings, writeDigest } from './words.ts'

const MAX_TEXT = 100_000

const digestQuery = lazily(() =>
  z.strictObject({
    week: z.iso
      .date({ error: 'must be a day such as 2026-11-23' })
      .refine((date) => date >= '1971' && date < '9999', 'must be a day such as 2026-11-23')
      .optional()
      .meta({ description: 'Any day of the week; by default, last week.' }),
  }),
)

const digestSchema = lazily(() => {
  const week = z.strictObject({
    attempted: z.int().meta({ description: 'Contacts written to, once per delivery.' }),
    delivered: z.int(),
    rates: ratesSchema(),
  })
  const campaign = z.strictObject({
    messageId: z.string(),
    messageName: z.string().meta({ description: 'Without anything that may be personal data.' }),
    attempted: z.int(),
    rates: ratesSchema(),
  })
  return z
    .strictObject({
      week: z.strictObject({
        monday: z.string(),
        since: moment('Its start'),
        until: moment('Its end'),
        timeZone: z.string(),
      }),
      lookAt: z.array(z.string()).meta({ description: 'What to look at, the gravest first.' }),
      text: z.string().meta({ description: 'The digest as it is posted to ALERT_URL, in full.' }),
      channels: z.array(
        z.strictObject({
          mediaType: z.string(),
          week,
          weekBefore: week,
          fourWeeksBefore: week,
        }),
      ),
      best: z.array(campaign).meta({
        description: 'Messages with the highest rate of reads, of those with 100 contacts or more.',
      }),
      worst: z.array(campaign).meta({
        description: 'The same with the highest rate of permanent bounces.',
      }),
      suppressions: z
        .array(z.strictObject({ reason: z.string(), mediaType: z.string(), count: z.int() }))
        .meta({ description: 'New ones.' }),
      causes: z
        .array(
          z.strictObject({
            cause: z.enum(CAUSE_NAMES),
            title: z.string(),
            events: z.int(),
            weekBefore: z.int(),
          }),
        )
        .meta({ description: 'Bounces by cause, most frequent first.' }),
      anomalies: z.array(anomalySchema()),
      quarantined: z
        .strictObject({
          items: z.int(),
          reasons: z.array(z.strictObject({ reason: z.string(), items: z.int() })),
        })
        .meta({ description: 'What is in quarantine now.' }),
      unexpected: z
        .array(
          z.strictObject({
            kind: z.string(),
            name: z.string(),
            detail: z.string(),
            seenAt: moment('When it was first seen'),
          }),
        )
        .meta({ description: 'New in this week, and not documented by Yespo.' }),
      coverage: z.strictObject({ share: z.number(), missed: z.int() }).nullable().meta({
        description:
          "The share of the events in Yespo's API that the webhook delivered, and how many it missed; null if the API was not read.",
      }),
    })
    .meta({ id: 'Digest' })
})

const showDigest = defineEndpoint({
  method: 'get',
  path: '/reports/digest',
  access: 'readToken',
  operationId: 'digestReport',
  tag: 'Reports',
  summary: 'A week, and what to look at',
  description:
    'From Monday to Sunday, by YESPO_TIME_ZONE: totals with changes, best and worst messages, new suppressions, causes of bounces, anomalies, and what is wrong with the data. The same is posted to ALERT_URL every Monday. Without personal data.',
  query: digestQuery,
  response: digestSchema,
  async handle({ env, query }) {
    const zone = readSettings(env).timeZone
    const week = query.week === undefined ? lastWeek(Date.now(), zone) : weekOf(query.week, zone)
    const digest = await readDigest(env.DB, week, zone, thresholdsOf(env))
    return {
      week: { ...week, timeZone: zone },
      lookAt: listWarnings(digest).map((warning) => writePhrases('en', warning)),
      text: writeDigest(digest, operateSettings(env).language, MAX_TEXT),
      channels: digest.channels.map(({ channel, week: own, before, fourBefore }) => ({
        mediaType: channel,
        week: own,
        weekBefore: before,
        fourWeeksBefore: fourBefore,
      })),
      best: digest.best.map(toCampaign),
      worst: digest.worst.map(toCampaign),
      suppressions: digest.suppressions.map(({ channel, ...line }) => ({
        ...line,
        mediaType: channel,
      })),
      causes: digest.causes.map(({ before, ...line }) => ({ ...line, weekBefore: before })),
      anomalies: toLines(digest.anomalies),
      quarantined: digest.quarantined,
      unexpected: digest.unexpected,
      coverage: digest.coverage,
    }
  },
})

export const digestEndpoints = [showDigest]

function toCampaign({ messageId, name, attempted, rates }: CampaignLine) {
  return { messageId, messageName: name, attempted, rates }
}
