import * as z from 'zod'
import { CAUSES, type CauseName } from '../event/bounce/causes.ts'
import { describeCause } from '../language/causes.ts'
import { exactNumber } from '../event/exact-number.ts'
import { listSomeIdentifiers } from '../db/events/identifiers.ts'
import type { EventKey } from '../db/stored-event.ts'
import { readContact } from '../history/contact-record.ts'
import { openHistory } from '../history/history.ts'
import { formatCursor } from '../http/cursor.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { integer } from '../http/query-fields.ts'
import { integer64, moment } from '../http/response-fields.ts'
import { HttpError } from '../platform/http-error.ts'
import { readSettings } from '../settings/settings.ts'
import { clockOf } from '../language/format.ts'
import { textOf } from '../language/messages.ts'
import {
  explainContact,
  REASONS,
  VERDICTS,
  type Block,
  type ChannelExplanation,
  type Course,
  type Message,
} from './explanation.ts'
import { summarize, type Style } from './sentences.ts'

const CAUSE_NAMES = Object.keys(CAUSES) as CauseName[]

const explanationSchema = lazily(() => {
  const activityId = z.string().meta({ description: 'The event, for `GET /activity/{id}`.' })
  const text = z.string().nullable()
  const cause = z
    .strictObject({ name: z.enum(CAUSE_NAMES), title: z.string(), advice: z.string() })
    .meta({ description: 'The cause of a bounce, in words, and what to do about it.' })
  const message = z.strictObject({
    messageId: integer64().nullable(),
    messageName: text,
    broadcastId: integer64().nullable(),
    workflowId: integer64().nullable(),
    iid: text.meta({ description: 'The delivery, for `GET /deliveries/{iid}`.' }),
  })
  const block = z.strictObject({
    reason: z.enum(REASONS),
    address: text.meta({
      description: 'The address that bounced; null if the whole channel is blocked.',
    }),
    since: moment('The first event of this reason on record'),
    lastAt: moment('The last one'),
    cause: cause.nullable(),
    statusDescription: text,
    message: message.meta({ description: 'The message of the last one.' }),
    activityId,
    deliveredAfter: moment(
      'When something was delivered after the last one. That does not lift the block',
    ).nullable(),
  })
  const first = (what: string) => moment(`When it was first ${what}`).nullable()
  const lastMessage = z.strictObject({
    message,
    state: z
      .enum(['SENT', 'DELIVERED', 'READ', 'CLICKED'])
      .nullable()
      .meta({ description: 'The highest step that was reached.' }),
    sentAt: first('reported as sent'),
    deliveredAt: first('reported as delivered'),
    readAt: first('read'),
    reads: z.int(),
    clicks: z.array(
      z.strictObject({ link: text, at: moment('The first click on it'), clicks: z.int() }),
    ),
    machineAt: moment(
      'When a machine, such as a mail scanner, first opened it or followed its links; that counts as neither read nor clicked',
    ).nullable(),
    undelivered: z
      .strictObject({
        at: moment('The last permanent bounce, or else the last one'),
        hardBounce: z.boolean().nullable(),
        cause,
        statusDescription: text,
      })
      .nullable(),
    spamAt: first('marked as spam'),
    unsubscribedAt: first('unsubscribed from'),
    activityId,
  })
  const channel = z.strictObject({
    mediaType: text.meta({ description: 'Null for events that name no channel.' }),
    verdict: z.enum(VERDICTS).meta({
      description:
        '`ok` to contact; `blocked`; `partly` if some addresses bounced and others did not; `unknown` if not all events were checked.',
    }),
    summary: z.string().meta({
      description: 'The same in plain sentences, with times in `timeZone`.',
    }),
    addresses: z
      .array(z.strictObject({ address: z.string(), mayContact: z.boolean() }))
      .meta({ description: 'The addresses of the contact in this channel.' }),
    blocks: z.array(block).meta({
      description: 'Why not to contact. A later event never lifts a block. Newest first.',
    }),
    lastMessage: lastMessage.nullable(),
    clicks: z
      .array(z.strictObject({ at: moment('When it happened'), link: text, message, activityId }))
      .meta({ description: 'The last clicks on this channel, newest first.' }),
  })
  return z
    .strictObject({
      contactId: integer64(),
      timeZone: z.string().meta({ description: 'The zone of times in sentences.' }),
      channels: z.array(channel).meta({
        description: 'Each channel on which the contact has events or an address.',
      }),
      complete: z
        .boolean()
        .meta({ description: 'False if the contact has too many events to check all of them.' }),
      since: moment('If not complete, events from this time on were checked').nullable(),
    })
    .meta({ id: 'Explanation' })
})

const explain = defineEndpoint({
  method: 'get',
  path: '/contacts/{contactId}/explain',
  access: 'readToken',
  operationId: 'explainContact',
  tag: 'Contacts',
  summary: 'Explain whether a contact may be contacted, and what became of the last messages',
  description:
    'Per channel: OK to contact or not, since when and why; the last message and what became of it; the last clicks. Includes archived events.',
  parameter: { description: 'Contact ID.', type: 'integer' },
  response: explanationSchema,
  async handle({ env, parameter }) {
    const digits = integer.safeParse(parameter).data
    const id = digits === undefined ? undefined : String(BigInt(digits))
    if (id === undefined) throw notFound()
    const [record, identifiers] = await Promise.all([
      readContact(openHistory(env), id),
      listSomeIdentifiers(env.DB, [id]),
    ])
    const { counts, complete, since } = record
    const names = identifiers.get(id)?.names
    if (!names && counts.length === 0 && complete) throw notFound()
    const { zone, exact } = clockOf(readSettings(env).timeZone)
    const style: Style = { text: (key, values) => textOf('en', key, values), at: exact }
    const channels = explainContact(record, names ?? {}).map((channel) => ({
      ...toJson(channel),
      summary: summarize(channel, complete ? undefined : record, style),
    }))
    return { contactId: exactNumber(id), timeZone: zone, channels, complete, since }
  },
})

export const explainEndpoints = [explain]

function toJson({ clicks, blocks, lastMessage, ...channel }: ChannelExplanation) {
  return {
    ...channel,
    blocks: blocks.map(blockToJson),
    lastMessage: lastMessage && lastToJson(lastMessage),
    clicks: clicks.map(({ event, message, ...click }) => ({
      ...click,
      message: messageToJson(message),
      activityId: formatCursor(event),
    })),
  }
}

function blockToJson({ event, message, cause, ...block }: Block) {
  return {
    ...block,
    ...toEvent(event),
    cause: cause && causeToJson(cause),
    message: messageToJson(message),
  }
}

function lastToJson({ event, message, undelivered, ...last }: Course) {
  return {
    ...last,
    ...toEvent(event),
    undelivered: undelivered && { ...undelivered, cause: causeToJson(undelivered.cause) },
    message: messageToJson(message),
  }
}

function causeToJson(name: CauseName) {
  const { title, advice } = describeCause(name)
  return { name, title, advice }
}

function toEvent(event: EventKey) {
  return { activityId: formatCursor(event) }
}

function messageToJson({ messageId, messageName, broadcastId, workflowId, iid }: Message) {
  return {
    messageId: toNumber(messageId),
    messageName: messageName === null ? null : String(messageName),
    broadcastId: toNumber(broadcastId),
    workflowId: toNumber(workflowId),
    iid: iid === null ? null : String(iid),
  }
}

function toNumber(cell: string | number | null) {
  return cell === null ? null : exactNumber(String(cell))
}

function notFound(): HttpError {
  return new HttpError(404, 'not_found', 'No contact has this ID.')
}
