import * as z from 'zod'
import { subjectMatcher } from '../db/erasure/subject.ts'
import { hasContactEvents } from '../db/events/contact-events.ts'
import { listIdentifiers } from '../db/events/identifiers.ts'
import { openHistory, type History } from '../history/history.ts'
import { listHistory } from '../history/list.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { integer } from '../http/query-fields.ts'
import { integer64, moment } from '../http/response-fields.ts'
import { HttpError } from '../platform/http-error.ts'
import { errorText, log } from '../platform/log.ts'
import {
  collectEvents,
  collectNameless,
  collectQuarantined,
  collectSuppressions,
  type Collected,
} from './collect.ts'
import { namesOf } from './names.ts'

const contactDataSchema = lazily(() => {
  const values = z.array(z.string())
  const event = z.strictObject({
    id: z.string(),
    occurredAt: moment('When it happened'),
    receivedAt: moment('When it was received'),
    origin: z.string(),
    labels: z.record(z.string(), z.string()),
    sent: z.record(z.string(), z.unknown()).meta({ description: 'The element that Yespo sent.' }),
  })
  return z
    .strictObject({
      contactId: integer64(),
      exportedAt: moment('When the export began'),
      identifiers: z
        .strictObject({
          email: values,
          sms: values,
          externalCustomerId: values,
          webpush: values,
          mobilepush: values,
        })
        .partial(),
      events: z.array(event).meta({ description: 'All events of the contact, newest first.' }),
      eventsWithoutContact: z
        .array(event)
        .meta({ description: 'Events with an identifier of the contact, and without a contact.' }),
      suppressions: z.array(
        z.strictObject({
          reason: z.string(),
          mediaType: z.string().nullable(),
          address: z.string().nullable(),
          addressType: z.string().nullable(),
          statusDescription: z.string().nullable(),
          occurredAt: moment('When it happened'),
          activityId: z.string(),
        }),
      ),
      quarantine: z
        .array(
          z.strictObject({
            id: z.string(),
            reason: z.string(),
            receivedAt: moment('When it was received'),
            origin: z.string(),
            sent: z.string().nullable().meta({
              description: 'What Yespo sent; null if it is about other people, too.',
            }),
          }),
        )
        .meta({ description: 'Quarantined items that mention the contact.' }),
      complete: z.literal(true).meta({ description: 'The last field: nothing was cut off.' }),
    })
    .meta({ id: 'ContactData' })
})

const exportContact = defineEndpoint({
  method: 'get',
  path: '/contacts/{contactId}/data',
  access: 'readToken',
  operationId: 'exportContactData',
  tag: 'Contacts',
  summary: 'Export everything about a contact, as one file',
  description:
    'For an access request under the GDPR: identifiers, all events as Yespo sent them, suppressions, and quarantined items that mention the contact, from the database and the archive: the data that an erasure would find. Streamed; an interrupted transfer is aborted, and is not valid JSON.',
  parameter: { description: 'Contact ID.', type: 'integer' },
  response: contactDataSchema,
  async handle({ env, parameter }) {
    const digits = integer.safeParse(parameter).data
    const file = digits === undefined ? null : await exportData(env, String(BigInt(digits)))
    if (!file) throw new HttpError(404, 'not_found', 'No contact has this ID.')
    return file
  },
})

export const dataEndpoints = [exportContact]

/** Everything about a contact, as a file; null if there is nothing. @param contactId decimal digits */
export async function exportData(env: Env, contactId: string): Promise<Response | null> {
  const history = openHistory(env)
  const known = (await listIdentifiers(env.DB, [contactId])).get(contactId)
  if (!known && !(await hasEvents(history, contactId))) return null
  const identifiers = await namesOf(env, [contactId])
  const isMatch = subjectMatcher({ contactIds: [contactId], identifiers })
  const head = `{"contactId":${contactId},"exportedAt":${Date.now()},"identifiers":${JSON.stringify(known ?? {})}`
  const body = toStream(writeParts(history, head, { contactId, isMatch }))
  return new Response(body, {
    headers: {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Disposition': `attachment; filename="contact-${contactId}.json"`,
      'Cache-Control': 'no-store',
    },
  })
}

async function hasEvents(history: History, contactId: string): Promise<boolean> {
  if (await hasContactEvents(history.db, contactId)) return true
  const page = await listHistory(history, { parameters: { contactId: [contactId] } }, 1, undefined)
  return page.events.length > 0
}

async function* writeParts(
  history: History,
  head: string,
  collected: Collected,
): AsyncGenerator<string> {
  const parts = {
    events: collectEvents(history, collected),
    eventsWithoutContact: collectNameless(history, collected),
    suppressions: collectSuppressions(history.db, collected),
    quarantine: collectQuarantined(history.db, collected),
  }
  yield head
  for (const [name, pages] of Object.entries(parts)) {
    yield `,"${name}":[`
    let separator = '\n'
    for await (const items of pages) {
      if (items.length === 0) continue
      yield `${separator}${items.join(',\n')}`
      separator = ',\n'
    }
    yield ']'
  }
  yield ',"complete":true}\n'
}

const encoder = new TextEncoder()

function toStream(texts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await texts.next()
        if (done) controller.close()
        else controller.enqueue(encoder.encode(value))
      } catch (error) {
        log('error', 'export_aborted', { errors: [errorText(error)] })
        throw error
      }
    },
    cancel: async () => void (await texts.return(undefined)),
  })
}
