import type { Context } from 'hono'
import * as z from 'zod'
import { exactNumber } from '../activity/exact-number.ts'
import { listSuppressions, type Suppression } from '../store/suppressions.ts'
import { answerJson } from './activity-json.ts'
import { limit, list } from './fields.ts'
import { formatPosition } from './position.ts'
import { parseQuery } from './query.ts'

const REASONS = ['HARD_BOUNCE', 'SPAM', 'UNSUBSCRIBED'] as const

/** What `GET /suppressions` is asked for. */
export const suppressionsQuery = z.strictObject({
  since: z
    .string()
    .regex(/^\d{1,15}$/, 'has to be the "next" of an answer before, as it came')
    .transform(Number)
    .default(0)
    .meta({
      description: 'The `next` of the answer before; left out, the feed from its beginning.',
    }),
  reason: list
    .refine(
      (items) => items.every((item) => (REASONS as readonly string[]).includes(item)),
      `has to be of ${REASONS.join(', ')}`,
    )
    .optional()
    .meta({ description: `${REASONS.join(', ')}; one or several, comma-separated.` }),
  mediaType: list.optional().meta({ description: 'Channels, comma-separated.' }),
  limit: limit(1_000, 100),
})

/** The answer of `GET /suppressions`. */
export const suppressionsSchema = z.object({
  suppressions: z.array(
    z.object({
      reason: z.enum(REASONS),
      mediaType: z.string().nullable(),
      address: z.string().nullable().meta({
        description: 'In that channel: email address, phone number or push token.',
      }),
      contactId: z.int().nullable(),
      externalCustomerId: z.string().nullable(),
      statusDescription: z.string().nullable(),
      occurredAt: z.int().meta({ description: 'UTC milliseconds' }),
      activityId: z.string().meta({ description: 'The event: `GET /activity/{id}`.' }),
    }),
  ),
  next: z.string().meta({ description: 'Where the feed goes on: the `since` of the next call.' }),
  more: z.boolean().meta({ description: 'Whether there is more already.' }),
})

/** `GET /suppressions`: whom to stop writing to, in order of arrival. */
export async function showSuppressions({
  env,
  req,
}: Context<{ Bindings: Env }>): Promise<Response> {
  const {
    since,
    limit: most,
    ...filter
  } = parseQuery(suppressionsQuery, new URL(req.url).searchParams)
  const { suppressions, next, isMore } = await listSuppressions(env.DB, filter, since, most)
  return answerJson(
    JSON.stringify({ suppressions: suppressions.map(toLine), next: String(next), more: isMore }),
  )
}

function toLine(suppression: Suppression): object {
  const { number: _place, id, occurredAt, contactId, ...rest } = suppression
  return {
    ...rest,
    contactId: contactId === null ? null : exactNumber(String(contactId)),
    occurredAt,
    activityId: formatPosition({ occurredAt, id }),
  }
}
