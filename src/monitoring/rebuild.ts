import * as z from 'zod'
import { rebuild } from '../db/derived/rebuild.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'

const rebuildStep = defineEndpoint({
  method: 'post',
  path: '/rebuild',
  access: 'operateToken',
  operationId: 'rebuild',
  tag: 'Service',
  summary: 'Rebuild derived tables, step by step',
  description:
    'Rebuilds the tables behind reports, contacts and suppressions for some hours of events; the next step starts at `next`. Events may be received meanwhile. `npm run rebuild` runs all steps.',
  query: z.strictObject({
    since: z
      .string()
      .regex(/^-?\d{1,16}$/, 'must be the `next` value of the previous step')
      .transform(Number)
      .optional()
      .meta({ description: 'The `next` of the previous step; by default, the beginning.' }),
  }),
  response: lazily(() =>
    z
      .strictObject({
        events: z.int().meta({ description: 'The number of events in this step.' }),
        next: z
          .int()
          .nullable()
          .meta({ description: 'Where the next step starts; null at the end.' }),
      })
      .meta({ id: 'RebuildStep' }),
  ),
  handle: ({ env, query: { since } }) => rebuild(env.DB, since),
})

export const rebuildEndpoints = [rebuildStep]
