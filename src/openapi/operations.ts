import { activityQuery, exportQuery } from '../events/api.ts'
import { bouncesQuery } from '../bounces/api.ts'
import { contactQuery, contactsQuery } from '../contacts/api.ts'
import { deliveryQuery } from '../deliveries/api.ts'
import { listErasureOperations } from './erasure-operations.ts'
import { EXPORTS, json, type Operation } from './operation.ts'
import { listService, listWebhook } from './other-operations.ts'
import { listSyncOperations } from './pull-operations.ts'
import { listQuarantine } from './quarantine-operations.ts'
import { REPORTS, reportQuery } from '../reports/api.ts'
import { listStatus } from './status-operations.ts'
import { suppressionsQuery } from '../suppressions/api.ts'
import { totalsQuery } from '../reports/totals.ts'

const ZONE = 'UTC' // whose times are read makes no difference to a description

const GO_ON = 'Where the transfer breaks off, ask again with the last `id` that came as `cursor`.'

/** Everything that is answered, in the order in which it is best read. */
export function listOperations(): Operation[] {
  return [
    ...listEvents(),
    ...listContacts(),
    ...listReports(),
    ...listErasureOperations(),
    ...listQuarantine(),
    ...listSyncOperations(),
    ...listWebhook(),
    ...listStatus(),
    ...listService(),
  ]
}

function listEvents(): Operation[] {
  const common = { method: 'get', tag: 'Events', needs: 'readToken' } as const
  const wanted = exportQuery(ZONE)
  return [
    {
      ...common,
      path: '/activity',
      operationId: 'listActivity',
      summary: 'Events, the newest first',
      description:
        'An event has to fit every parameter that is given. A page looks at a bounded number of rows: with a rare status it may be short, or empty, and still have a `next`; so may one whose events are long, as a page has some megabytes at most. With `Accept: text/csv` or `application/x-ndjson` this is an export, like `/activity.csv` and `/activity.ndjson`: all events, however many.',
      query: activityQuery(ZONE),
      answers: { ...json('ActivityPage'), ...EXPORTS.csv, ...EXPORTS.ndjson },
    },
    {
      ...common,
      path: '/activity.csv',
      operationId: 'exportActivityAsCsv',
      summary: 'All events as CSV',
      description: `The newest first, with a column for each parameter, and times in UTC. Text that a spreadsheet would run as a formula stands behind an apostrophe. ${GO_ON}`,
      query: wanted,
      answers: EXPORTS.csv,
    },
    {
      ...common,
      path: '/activity.ndjson',
      operationId: 'exportActivityAsNdjson',
      summary: 'All events as lines of JSON',
      description: `The newest first, each as \`/activity\` has it. ${GO_ON}`,
      query: wanted,
      answers: EXPORTS.ndjson,
    },
    {
      ...common,
      path: '/activity/{id}',
      operationId: 'showActivity',
      summary: 'One event',
      description:
        'What Yespo sent is the documented parameters and `extra` together; what is in both is in `extra` as it was sent.',
      place: { name: 'id', description: 'The `id` of an event.', schema: { type: 'string' } },
      answers: json('Activity'),
    },
  ]
}

function listContacts(): Operation[] {
  const common = { method: 'get', tag: 'Contacts', needs: 'readToken' } as const
  const contactId = { type: 'integer', format: 'int64' } as const
  return [
    {
      ...common,
      path: '/contacts',
      operationId: 'findContacts',
      summary: 'The contacts that were seen under a name, and their events',
      description: 'Ask with exactly one of `email`, `sms` and `externalCustomerId`.',
      query: contactsQuery(ZONE),
      answers: json('Contacts'),
    },
    {
      ...common,
      path: '/contacts/{contactId}',
      operationId: 'showContact',
      summary: 'The names of a contact, and what became of all that it was sent',
      description: 'Its events, the newest first, and the addresses that they came with.',
      place: { name: 'contactId', description: 'Contact ID.', schema: contactId },
      query: contactQuery(ZONE),
      answers: json('Contact'),
    },
    {
      ...common,
      path: '/deliveries/{iid}',
      operationId: 'showDelivery',
      summary: 'What became of one message to one contact',
      description: 'How far it got, whatever the order in which its events came in.',
      place: {
        name: 'iid',
        schema: { type: 'string' },
        description: 'The `iid`, which all events of a delivery have in common.',
      },
      query: deliveryQuery,
      answers: json('Delivery'),
    },
    {
      ...common,
      path: '/suppressions',
      operationId: 'listSuppressions',
      summary: 'SuppressedSubject to stop writing to, in order of arrival',
      description:
        'A feed: keep the `next` of an answer, and send it as the `since` of the next call, at once while there is `more`.',
      query: suppressionsQuery(ZONE),
      answers: json('Suppressions'),
    },
  ]
}

function listReports(): Operation[] {
  const common = { method: 'get', tag: 'Reports', needs: 'readToken' } as const
  const query = reportQuery(ZONE)
  const grouped = Object.keys(REPORTS).map((name): Operation => {
    const one = name.slice(0, -1)
    return {
      ...common,
      path: `/reports/${name}`,
      operationId: `${name}Report`,
      summary: `Counts and rates of each ${one}`,
      description: `A line for each ${one}. The period is widened to quarters of an hour.`,
      query,
      answers: json('Report'),
    }
  })
  const totals: Operation = {
    ...common,
    path: '/reports/totals',
    operationId: 'totalsReport',
    summary: 'What happened hour by hour, or day by day',
    description: 'The oldest first: whole hours or days, by the clocks of a zone.',
    query: totalsQuery(ZONE),
    answers: json('Totals'),
  }
  const bounces: Operation = {
    ...common,
    path: '/reports/bounces',
    operationId: 'bouncesReport',
    summary: 'Why messages are not delivered, and to which domains',
    description: 'The most frequent first, and the addresses of nobody.',
    query: bouncesQuery(ZONE),
    answers: json('Bounces'),
  }
  return [...grouped, totals, bounces]
}
