import { rebuildQuery } from '../monitoring/rebuild.ts'
import { json, type Operation } from './operation.ts'

/** What Yespo calls. */
export function listWebhook(): Operation[] {
  const common = { path: '/webhooks/yespo', tag: 'Webhook' } as const
  return [
    {
      ...common,
      method: 'post',
      operationId: 'receiveWebhook',
      needs: 'webhookLogin',
      summary: 'Takes events of Yespo',
      description:
        'Answers 200 once every event is kept. The same events may come again; they are kept once. What cannot be an event is set aside, and no reason to refuse the others.',
      answers: json('Taken'),
    },
    {
      ...common,
      method: 'get',
      operationId: 'askWebhook',
      summary: 'Says that the webhook is there',
      description: 'Yespo asks once, when a webhook is saved.',
      answers: json('WebhookStatus'),
    },
  ]
}

/** The receiver itself. */
export function listService(): Operation[] {
  const common = { method: 'get', tag: 'Service' } as const
  return [
    {
      ...common,
      path: '/health',
      operationId: 'showHealth',
      summary: 'Whether the receiver runs',
      description: 'It does not look at the database.',
      answers: json('Status'),
    },
    {
      ...common,
      path: '/openapi.json',
      operationId: 'showOpenapi',
      summary: 'This description, as OpenAPI 3.1',
      description: 'Made from the same schemas that requests are read by.',
      answers: json('Document'),
    },
    {
      ...common,
      path: '/docs',
      operationId: 'showDocs',
      summary: 'This description, as a page to read and to try',
      description: 'The page asks nobody but this receiver.',
      answers: { 'text/html': { text: 'The page.' } },
    },
    {
      ...common,
      method: 'post',
      path: '/rebuild',
      operationId: 'rebuild',
      needs: 'operateToken',
      summary: 'Counts anew, one step of it',
      description:
        'Makes anew what reports, contacts and suppressions are answered from, for some hours of events; the next step begins at `next`. Events may come in meanwhile. `npm run rebuild` takes all steps.',
      query: rebuildQuery,
      answers: json('RebuildStep'),
    },
  ]
}
