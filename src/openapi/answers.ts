import * as z from 'zod'
import { LADDER, MAX_EVENTS } from '../deliveries/api.ts'
import { REASONS } from '../suppressions/api.ts'
import { MAX_SCANS } from '../db/events/scan-plan.ts'
import { makeErasureResponses } from './erasure-answers.ts'
import { moment } from './moment.ts'
import { makeSyncResponses } from './pull-answers.ts'
import { makeQuarantineResponses } from './quarantine-answers.ts'
import { makeReportResponses } from './report-answers.ts'
import { makeStatusResponses } from './status-answers.ts'

/** What answers look like, by their names in the document. Made when someone asks, not at every start. */
export function makeResponses() {
  const activity = makeActivity()
  return {
    Activity: activity,
    ...makeActivityResponses(activity),
    ...makeReportResponses(),
    ...makeErasureResponses(),
    ...makeQuarantineResponses(),
    ...makeSyncResponses(),
    ...makeStatusResponses(),
    ...makeServiceResponses(),
  }
}

/** What an activity has beside the documented parameters. */
function makeActivity() {
  return z.looseObject({
    id: z
      .string()
      .meta({ description: 'Of the event: `GET /activity/{id}`. It is a cursor, too.' }),
    occurredAt: moment('When it happened'),
    receivedAt: moment('When it came in'),
    origin: z.string().meta({ description: 'What confirmed it first: `webhook`, or `api`.' }),
    activityDateTime: z.string().optional(), // a number is in `extra`
    activityStatus: z.string(),
    labels: z
      .record(z.string(), z.string())
      .meta({ description: 'The headers that `LABEL_HEADERS` names, as they came with it.' }),
    extra: z.record(z.string(), z.unknown()).meta({
      description:
        'All that nobody documents; and what came in another type than documented, as it was sent: its meaning is above if it is certain.',
    }),
  })
}

function makeActivityResponses(activity: ReturnType<typeof makeActivity>) {
  const next = z.string().nullable().meta({ description: 'The `cursor` of the next page, if any.' })
  const datedAhead = moment(
    'Without `until`, events that are dated more than 26 hours ahead are left out; if there are any, they are had with this as `since`, and by an export',
  ).nullable()
  const list = z.array(activity)
  const newestFirst = list.meta({ description: 'The newest first.' })
  const names = z
    .object({
      email: z.array(z.string()),
      sms: z.array(z.string()),
      externalCustomerId: z.array(z.string()),
      webpush: z.array(z.string()),
      mobilepush: z.array(z.string()),
    })
    .partial()
    .meta({ description: 'The identifiers that it was seen under, as they were sent.' })
  const areIdentifiersComplete = z.boolean().meta({
    description: 'False if some are left out, as they are many or long.',
  })
  const contact = { contactId: z.int(), names, areIdentifiersComplete }
  const noted = z.object({
    events: z.int(),
    occurredAt: moment('The last time, or that of the permanent bounce'),
    activityId: z.string(),
  })
  return {
    ActivityPage: z.object({ activity: newestFirst, next, datedAhead }),
    Contact: z.object({ ...contact, activity: newestFirst, next, datedAhead }),
    Contacts: z.object({
      contacts: z.array(z.object(contact)),
      complete: z.boolean().meta({ description: `False where there are more than ${MAX_SCANS}.` }),
      activity: list.meta({ description: 'Of all of them together, the newest first.' }),
      next,
      datedAhead,
    }),
    Delivery: z.object({
      iid: z.string(),
      state: z
        .enum(LADDER)
        .nullable()
        .meta({
          description: `The highest that it reached, whatever the order: ${LADDER.join(' < ')}.`,
        }),
      undelivered: noted
        .extend({
          hardBounce: z
            .boolean()
            .nullable()
            .meta({ description: 'Whether any of them was permanent.' }),
          statusDescription: z.string().nullable(),
        })
        .nullable(),
      spam: noted.nullable(),
      unsubscribed: noted.nullable(),
      complete: z.boolean().meta({
        description: `False if it has more than ${MAX_EVENTS} events, or more than some megabytes, or names no contact and there are more events to look among.`,
      }),
      activity: list.meta({ description: 'The oldest first.' }),
    }),
    Suppressions: makeSuppressions(),
  }
}

function makeSuppressions() {
  const address = z.string().nullable().meta({
    description:
      'In that channel: email address, phone number or push token. Otherwise another one by which the event says whom it is about.',
  })
  const types = ['email', 'sms', 'webpush', 'mobilepush', 'contactId'] as const
  const addressType = z.enum(types).nullable().meta({
    description:
      'The parameter that the address is the value of; `contactId` where only that was sent, and is no number.',
  })
  return z.object({
    suppressions: z.array(
      z.object({
        reason: z.enum(REASONS),
        mediaType: z.string().nullable(),
        address,
        addressType,
        contactId: z.int().nullable(),
        externalCustomerId: z.string().nullable(),
        statusDescription: z.string().nullable(),
        occurredAt: moment('When it happened'),
        activityId: z.string().meta({ description: 'The event: `GET /activity/{id}`.' }),
      }),
    ),
    next: z.string().meta({ description: 'Where the feed goes on: `since` of the next call.' }),
    more: z.boolean().meta({ description: 'Whether there is more already.' }),
  })
}

function makeServiceResponses() {
  const status = z.object({ status: z.literal('ok') })
  const error = z
    .object({
      code: z.string().meta({ description: 'For programs, such as `invalid_parameter`.' }),
      message: z.string().meta({ description: 'For people: what is wrong, and what to do.' }),
    })
    .catchall(z.union([z.string(), z.number()]))
    .meta({ description: 'Beside code and message: where it is, such as `parameter`.' })
  return {
    Status: status,
    WebhookStatus: status.extend({
      send: z.string().meta({ description: 'What to send instead.' }),
    }),
    Document: z.looseObject({ openapi: z.string() }),
    RebuildStep: z.object({
      events: z.int().meta({ description: 'How many this step went through.' }),
      next: z
        .int()
        .nullable()
        .meta({ description: 'Where the next step begins; null at the end.' }),
    }),
    Taken: z.object({
      received: z.int().meta({ description: 'How many events the body had.' }),
      accepted: z.int().meta({ description: 'How many of them are kept as activities.' }),
      quarantined: z.array(z.object({ index: z.int(), reason: z.string() })).meta({
        description:
          'The others, which are set aside: their places in the body, and why. Of more than 100, those for one reason are one, at the place of the first.',
      }),
    }),
    Error: z.object({ error }),
  }
}
