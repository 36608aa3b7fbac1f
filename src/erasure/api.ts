import * as z from 'zod'
import { findErasure, listErasures, type Erasure } from '../db/erasure/list.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { limit } from '../http/query-fields.ts'
import { moment, nextPage } from '../http/response-fields.ts'
import { HttpError } from '../platform/http-error.ts'

const NUMBER = /^\d{1,15}$/

/** An erasure, without the identity of the person. */
export const erasureSchema = lazily(() =>
  z.strictObject({
    number: z.int(),
    state: z.enum(['under way', 'finished']),
    erasedAt: moment('When it was requested'),
    finishedAt: moment('When everything was deleted').nullable(),
    removed: z.record(z.string(), z.int()).meta({
      description:
        'How much was deleted: rows of `activity`, `identifiers` and `suppressions`, pieces of text of `quarantineParts`, events of `archived`.',
    }),
  }),
)

/** An erasure as responses have it. */
export function describe({ number, erasedAt, finishedAt, removed }: Erasure) {
  const state = finishedAt === null ? ('under way' as const) : ('finished' as const)
  return { number, state, erasedAt, finishedAt, removed }
}

const showErasures = defineEndpoint({
  method: 'get',
  path: '/erasures',
  access: 'readToken',
  hasPage: true,
  operationId: 'listErasures',
  tag: 'Contacts',
  summary: 'List erasures: when and how much, not who',
  description: 'Newest first.',
  query: z.strictObject({
    limit: limit(500, 50),
    cursor: z
      .string()
      .regex(NUMBER, 'must be the `next` value of the previous page')
      .transform(Number)
      .optional()
      .meta({ description: 'The `next` of the previous page.' }),
  }),
  response: lazily(() =>
    z
      .strictObject({ erasures: z.array(erasureSchema()), next: nextPage() })
      .meta({ id: 'Erasures' }),
  ),
  async handle({ env, query }) {
    const found = await listErasures(env.DB, query.limit + 1, query.cursor)
    const erasures = found.slice(0, query.limit).map(describe)
    const next = found.length > query.limit ? String(erasures.at(-1)?.number) : null
    return { erasures, next }
  },
})

const showErasure = defineEndpoint({
  method: 'get',
  path: '/erasures/{number}',
  access: 'readToken',
  hasPage: true,
  operationId: 'showErasure',
  tag: 'Contacts',
  summary: 'Show the progress of an erasure',
  description:
    'Counts and times, never who it was. When it is `finished`, nothing is left; `GET /erasures/check` searches again.',
  parameter: { description: 'The `number` of the erasure.', type: 'integer' },
  response: lazily(() => z.strictObject({ erasure: erasureSchema() }).meta({ id: 'ErasureFound' })),
  async handle({ env, parameter: number }) {
    const erasure = NUMBER.test(number) ? await findErasure(env.DB, Number(number)) : null
    if (!erasure) throw new HttpError(404, 'not_found', 'No erasure has this number.')
    return { erasure: describe(erasure) }
  },
})

export const erasureEndpoints = [showErasures, showErasure]
