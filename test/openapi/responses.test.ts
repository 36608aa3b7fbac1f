import { expect, it } from 'vitest'
import { makeResponses } from '../../src/openapi/answers.ts'
import { listOperations } from '../../src/openapi/operations.ts'
import { buildEvent } from '../event.ts'
import { faultyQueue } from '../faulty.ts'
import { postWith, read } from '../receiver.ts'

const answers = makeResponses()

const EVENTS = [
  { activityStatus: 'DELIVERED' },
  { activityStatus: 'READ', subscriptions: ['news'], unheardOf: { a: [1] } },
  { activityStatus: 'UNDELIVERED', hardBounce: true, statusDescription: '5.1.1 unknown' },
  { activityStatus: 'UNDELIVERED', mediaType: 'viber', sms: '380000000000' },
  { activityStatus: 'SPAM', mediaType: null, contactId: null },
  { activityStatus: 'PUSH_SUBSCRIBED', webpush: 'token', messageId: null },
]
const CAMPAIGN = { broadcastId: 3, workflowId: 4, from: 'Shop', messageTag: 'a,b', messageName: '' }

const ASKED: Readonly<Record<string, string>> = {
  '/contacts': '/contacts?email=contact@example.com',
  '/contacts/{contactId}': '/contacts/889891911',
  '/deliveries/{iid}': '/deliveries/one',
  '/reports/totals': '/reports/totals?since=2023-09-14&until=2023-09-16&split=message',
}

const operations = listOperations().flatMap(({ method, path, answers: types }) => {
  const answer = types['application/json']
  // Of these there is nothing to ask for without an id, or they are no answer of ours.
  const others = ['/activity/{id}', '/quarantine/{id}', '/erasures/{number}', '/openapi.json']
  const isQueried = method === 'get' && !others.includes(path)
  return isQueried && answer && 'schema' in answer ? [{ path, schema: answer.schema }] : []
})

it.each(operations)(
  '$path answers as it is described, and nothing else',
  async ({ path, schema }) => {
    const events = EVENTS.map((event) => buildEvent({ iid: 'one', ...CAMPAIGN, ...event }))
    await postWith({ ACTIVITY_QUEUE: faultyQueue(new Error('down')) }, events)
    const response = await read(ASKED[path] ?? path)
    expect(response.status).toBe(200)
    const answer = await response.json()
    if (schema === 'Event') throw new Error('no answer is an event')
    expect(answers[schema].parse(answer)).toEqual(answer)
  },
)
