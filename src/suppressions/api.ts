import type { Context } from 'hono'
import * as z from 'zod'
import { exactNumber } from '../event/exact-number.ts'
import { listSuppressions, type Suppression } from '../db/derived/suppressions.ts'
import { respondJson } from '../http/event-json.ts'
import { limit, list, perZone } from '../http/query-fields.ts'
import { formatCursor } from '../http/cursor.ts'
import { parseQuery } from '../http/parse-query.ts'

/** Why someone is not to be written to any more. */
export const REASONS = ['HARD_BOUNCE', 'SPAM', 'UNSUBSCRIBED'] as const

/** What `GET /suppressions` is asked for. */
export const suppressionsQuery = perZone(() =>
  z.strictObject({
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
  }),
)

/** `GET /suppressions`: whom to stop writing to, in order of arrival. */
export async function showSuppressions({
  env,
  req,
}: Context<{ Bindings: Env }>): Promise<Response> {
  const {
    since,
    limit: most,
    ...filter
  } = parseQuery(suppressionsQuery(''), new URL(req.url).searchParams)
  const { suppressions, next, isMore } = await listSuppressions(env.DB, filter, since, most)
  return respondJson(
    JSON.stringify({ suppressions: suppressions.map(toLine), next: String(next), more: isMore }),
  )
}

function toLine(suppression: Suppression): object {
  const { number: _place, id, occurredAt, contactId, ...rest } = suppression
  return {
    ...rest,
    contactId: contactId === null ? null : exactNumber(String(contactId)),
    occurredAt,
    activityId: formatCursor({ occurredAt, id }),
  }
}
