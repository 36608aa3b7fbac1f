import * as z from 'zod'
import { exactNumber } from '../event/exact-number.ts'
import { listSuppressions, type Suppression } from '../db/derived/suppressions.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { integer64, moment } from '../http/response-fields.ts'
import { limit, list } from '../http/query-fields.ts'
import { formatCursor } from '../http/cursor.ts'

/** The reasons not to contact someone. */
const REASONS = ['HARD_BOUNCE', 'SPAM', 'UNSUBSCRIBED'] as const

const suppressionsQuery = lazily(() =>
  z.strictObject({
    since: z
      .string()
      .regex(/^\d{1,15}$/, 'must be the `next` value of a previous response')
      .transform(Number)
      .default(0)
      .meta({ description: 'The `next` of the previous response; by default, the beginning.' }),
    reason: list
      .refine(
        (items) => items.every((item) => (REASONS as readonly string[]).includes(item)),
        `must be one of ${REASONS.join(', ')}`,
      )
      .optional()
      .meta({ description: `${REASONS.join(', ')}; one or several, comma-separated.` }),
    mediaType: list.optional().meta({ description: 'Channels, comma-separated.' }),
    limit: limit(1_000, 100),
  }),
)

const ADDRESS_TYPES = ['email', 'sms', 'webpush', 'mobilepush', 'contactId'] as const

const suppressionsSchema = lazily(() => {
  const suppression = z.strictObject({
    reason: z.enum(REASONS),
    mediaType: z.string().nullable(),
    address: z.string().nullable().meta({
      description:
        'The one of that channel: email address, phone number or push token. If the event has none, another address of the contact.',
    }),
    addressType: z.enum(ADDRESS_TYPES).nullable().meta({
      description:
        'The parameter that holds the address; `contactId` if the event has only that and it is not a number.',
    }),
    contactId: integer64().nullable(),
    externalCustomerId: z.string().nullable(),
    statusDescription: z.string().nullable(),
    occurredAt: moment('When it happened'),
    activityId: z.string().meta({ description: 'The event, for `GET /activity/{id}`.' }),
  })
  return z
    .strictObject({
      suppressions: z.array(suppression),
      next: z.string().meta({ description: 'Where the feed continues: `since` of the next call.' }),
      more: z.boolean().meta({ description: 'Whether more are available now.' }),
    })
    .meta({ id: 'Suppressions' })
})

const listSuppressed = defineEndpoint({
  method: 'get',
  path: '/suppressions',
  access: 'readToken',
  listsPeople: true,
  operationId: 'listSuppressions',
  tag: 'Contacts',
  summary: 'Suppression feed, in order of arrival',
  description:
    'Store the `next` of a response and send it as `since` of the next call; while `more` is true, call again at once.',
  query: suppressionsQuery,
  response: suppressionsSchema,
  async handle({ env, query: { since, limit: rows, ...filter } }) {
    const page = await listSuppressions(env.DB, filter, since, rows)
    return {
      suppressions: page.suppressions.map(toLine),
      next: String(page.next),
      more: page.isMore,
    }
  },
})

export const suppressionEndpoints = [listSuppressed]

function toLine(suppression: Suppression) {
  const { number: _number, id, occurredAt, contactId, ...rest } = suppression
  return {
    ...rest,
    contactId: contactId === null ? null : exactNumber(String(contactId)),
    occurredAt,
    activityId: formatCursor({ occurredAt, id }),
  }
}
