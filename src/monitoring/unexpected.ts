import * as z from 'zod'
import { listRecorded } from '../db/write/unexpected.ts'
import { KINDS } from '../event/unexpected.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { perZone, period } from '../http/query-fields.ts'
import { moment } from '../http/response-fields.ts'

const unexpectedQuery = perZone((zone) => z.strictObject({ since: period(zone).since }))

const showUnexpected = defineEndpoint({
  method: 'get',
  path: '/unexpected',
  access: 'readToken',
  operationId: 'listUnexpected',
  tag: 'Service',
  summary: 'List what events have that Yespo does not document',
  description:
    'Parameters, types of values, statuses and channels, each with the time at which it first came, oldest first; up to 50 of each kind. Every event is stored whatever it has.',
  query: unexpectedQuery,
  response: lazily(() =>
    z
      .strictObject({
        unexpected: z.array(
          z.strictObject({
            kind: z.enum(KINDS),
            name: z.string().meta({ description: 'Empty if it may be personal data.' }),
            detail: z.string().meta({
              description: 'Of a type: the one that came instead, and whether it could be read.',
            }),
            seenAt: moment('When it first came'),
          }),
        ),
      })
      .meta({ id: 'UnexpectedList' }),
  ),
  async handle({ env, query: { since = 0 } }) {
    return { unexpected: await listRecorded(env.DB, since - 1) }
  },
})

export const unexpectedEndpoints = [showUnexpected]
