import * as z from 'zod'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { parameterFields } from '../http/event-json.ts'
import { receiveWebhook } from './webhook.ts'

const eventSchema = lazily(() =>
  z.looseObject(parameterFields('activityDateTime', 'activityStatus')).meta({
    id: 'Event',
    description:
      'An event. A value of another type is converted if its meaning is certain; the original, and undocumented parameters, are kept in `extra`. Null means absent.',
  }),
)

const receive = defineEndpoint({
  method: 'post',
  path: '/webhooks/yespo',
  access: 'webhookLogin',
  operationId: 'receiveWebhook',
  tag: 'Webhook',
  summary: 'Receive events from Yespo',
  description:
    'Responds with 200 once every event is durable. The same events may be sent again; they are stored once. Invalid events are quarantined and do not affect the others.',
  body: {
    schema: lazily(() => z.array(eventSchema())),
    description: 'Events, as Yespo sends them; a single one may come without the array.',
  },
  response: lazily(() =>
    z
      .strictObject({
        received: z.int().nullable().meta({
          description:
            'The number of elements in the body; null if it is too large to count them at once.',
        }),
        accepted: z.int().meta({ description: 'The number of them that are valid events.' }),
        quarantined: z.array(z.strictObject({ index: z.int(), reason: z.string() })).meta({
          description:
            'The other elements: their indexes in the body, and why they are invalid. If there are more than 100, those with the same reason are listed once, with the first index.',
        }),
        deferred: z.int().nullable().meta({
          description:
            'The number of elements that are checked later, as the body is large: valid ones are stored, the others quarantined. Null if `received` is.',
        }),
      })
      .meta({ id: 'Received' }),
  ),
  handle: (_input, context) => receiveWebhook(context),
})

const check = defineEndpoint({
  method: 'get',
  path: '/webhooks/yespo',
  access: 'everybody',
  operationId: 'checkWebhook',
  tag: 'Webhook',
  summary: 'Check that the webhook exists',
  description: 'Yespo requests it once, without credentials, when a webhook is saved.',
  response: lazily(() =>
    z
      .strictObject({
        status: z.literal('ok'),
        send: z.string().meta({ description: 'What to send instead.' }),
      })
      .meta({ id: 'WebhookStatus' }),
  ),
  handle: () => ({ status: 'ok' as const, send: 'POST, a JSON array' }),
})

export const webhookEndpoints = [receive, check]
