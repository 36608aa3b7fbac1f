import type { Context } from 'hono'
import * as z from 'zod'
import { LOOKUP_PARAMETERS } from '../event/identifier.ts'
import { HttpError } from '../platform/http-error.ts'
import { readSettings } from '../settings/settings.ts'
import { hasContactEvents } from '../db/events/contact-events.ts'
import {
  findContactIds,
  listSomeIdentifiers,
  type SomeIdentifiers,
} from '../db/events/identifiers.ts'
import { MAX_SCANS } from '../db/events/scan-plan.ts'
import { respondJson, listToJson } from '../http/event-json.ts'
import { listNewest } from '../db/events/dated-ahead.ts'
import { cursor, identifier, integer, limit, period, perZone, text } from '../http/query-fields.ts'
import { parseQuery } from '../http/parse-query.ts'

type ReadContext = Context<{ Bindings: Env }>

/** What `GET /contacts/{contactId}` is asked for. */
export const contactQuery = perZone((zone) =>
  z.strictObject({ ...period(zone), limit: limit(500, 50), cursor: cursor.optional() }),
)

/** An identifier that contacts are looked up by: all that it can be, the likeliest first. */
type Lookup = { name: (typeof LOOKUP_PARAMETERS)[number]; values: string[] }

/** The identifiers that contacts can be looked up by. */
export const lookupFields = {
  email: identifier('email').optional().meta({
    description: 'An email address, in upper or lower case. A blank in it is taken for a plus.',
  }),
  sms: text
    .refine((given) => /\p{Nd}/u.test(given), 'has to be a phone number')
    .pipe(identifier('sms'))
    .optional()
    .meta({
      description:
        'A phone number with its country, however it is written; a Ukrainian one may leave it out.',
    }),
  externalCustomerId: identifier('externalCustomerId')
    .optional()
    .meta({ description: "The ID in the client's system." }),
}

/** What `GET /contacts` is asked for. */
export const contactsQuery = perZone((zone) => contactQuery(zone).extend(lookupFields))

/** `GET /contacts/{contactId}`: the names of a contact, and what became of all that it was sent. */
export async function showContact(context: ReadContext): Promise<Response> {
  const { env, req } = context
  const { timeZone } = readSettings(env)
  const {
    limit: most,
    cursor: after,
    ...range
  } = parseQuery(contactQuery(timeZone), new URL(req.url).searchParams)
  const contactId = integer.safeParse(req.param('contactId') ?? '').data
  if (contactId === undefined) throw notFound()
  const id = String(BigInt(contactId))
  const [known, page] = await Promise.all([
    listSomeIdentifiers(env.DB, [id]),
    listNewest(env.DB, { parameters: { contactId: [id] }, ...range }, most, after),
  ])
  if (page.activities.length === 0 && !(await isKnown(env.DB, id))) throw notFound()
  return respondJson(`{${describe(id, known.get(id))},${listToJson(page)}}`)
}

/** `GET /contacts?email=…`: the contacts that were seen under a name, and their activity. */
export async function findContacts({ env, req }: ReadContext): Promise<Response> {
  const { timeZone } = readSettings(env)
  const query = parseQuery(contactsQuery(timeZone), new URL(req.url).searchParams)
  const { limit: most, cursor: after, since, until } = query
  const { name, values } = readLookup(query)
  const found = await findContactIds(env.DB, name, values, MAX_SCANS)
  const contactIds = found.slice(0, MAX_SCANS)
  if (contactIds.length === 0)
    return respondJson(
      '{"contacts":[],"complete":true,"activity":[],"next":null,"datedAhead":null}',
    )
  const filter = { parameters: { contactId: contactIds }, since, until }
  const [known, page] = await Promise.all([
    listSomeIdentifiers(env.DB, contactIds),
    listNewest(env.DB, filter, most, after),
  ])
  const contacts = contactIds.map((id) => `{${describe(id, known.get(id))}}`)
  return respondJson(
    `{"contacts":[${contacts}],"complete":${found.length <= MAX_SCANS},${listToJson(page)}}`,
  )
}

/**
 * The one identifier that a query has.
 * @throws HttpError 400 where it has none, or several
 */
export function readLookup(query: {
  [Name in Lookup['name']]?: string[] | undefined
}): Lookup {
  const given = LOOKUP_PARAMETERS.flatMap((name) => {
    const values = query[name]
    return values === undefined ? [] : [{ name, values }]
  })
  const [wanted] = given
  if (wanted && given.length === 1) return wanted
  throw new HttpError(
    400,
    'invalid_parameter',
    'Ask with exactly one of the parameters email, sms and externalCustomerId.',
    { details: { parameter: given[1]?.name ?? 'email' } },
  )
}

/** Whether there is anything of a contact, at any time. @param contactId decimal digits */
export async function isKnown(db: D1Database, contactId: string): Promise<boolean> {
  const [names, hasEvents] = await Promise.all([
    listSomeIdentifiers(db, [contactId]),
    hasContactEvents(db, contactId),
  ])
  return names.size > 0 || hasEvents
}

function describe(
  contactId: string,
  { names, complete }: SomeIdentifiers = { names: {}, complete: true },
): string {
  return `"contactId":${contactId},"names":${JSON.stringify(names)},"areIdentifiersComplete":${complete}`
}

function notFound(): HttpError {
  return new HttpError(404, 'not_found', 'Nothing is known of a contact with this id.')
}
