import * as z from 'zod'
import { exactNumber } from '../event/exact-number.ts'
import { LOOKUP_PARAMETERS, normalizeIdentifier } from '../event/identifier.ts'
import { HttpError } from '../platform/http-error.ts'
import {
  findContactIds,
  listSomeIdentifiers,
  type SomeIdentifiers,
} from '../db/events/identifiers.ts'
import { MAX_SCANS } from '../db/events/scan-plan.ts'
import { MIN_PIECE, searchIdentifiers } from '../db/events/search-identifiers.ts'
import type { EventKey } from '../db/stored-event.ts'
import { hasContactEvents } from '../db/events/contact-events.ts'
import { openHistory } from '../history/history.ts'
import { listHistory, listNewest } from '../history/list.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { eventPageFields, listToJson } from '../http/event-json.ts'
import { parseCursor } from '../http/cursor.ts'
import { invalidParameter } from '../http/parse-query.ts'
import { respondJson } from '../http/respond-json.ts'
import { integer64 } from '../http/response-fields.ts'
import { cursor, identifier, integer, limit, period, perZone, text } from '../http/query-fields.ts'

/** Query parameters of `GET /contacts/{contactId}`. */
const contactQuery = perZone((zone) =>
  z.strictObject({ ...period(zone), limit: limit(500, 50), cursor: cursor.optional() }),
)

/** An identifier to find contacts by, in all its possible readings, the likeliest first. */
type Lookup = { name: (typeof LOOKUP_PARAMETERS)[number]; values: string[] }

/** Query parameters of the identifiers that contacts can be found by. */
export const lookupFields = {
  email: identifier('email').optional().meta({
    description:
      'An email address, in any case; `Anna <anna@example.com>` is read, too. A space in it is read as a plus. A plus address is an address of its own.',
  }),
  sms: text
    .refine((phone) => /\p{Nd}/u.test(phone), 'must be a phone number')
    .pipe(identifier('sms'))
    .optional()
    .meta({
      description:
        'A phone number, in any notation; a number of PHONE_COUNTRY needs no country code.',
    }),
  externalCustomerId: identifier('externalCustomerId')
    .optional()
    .meta({ description: "The contact's ID in your system." }),
}

/** Query parameters of `GET /contacts`. */
const contactsQuery = perZone((zone) =>
  contactQuery(zone).extend({
    ...lookupFields,
    contains: text
      .transform((piece) => piece.trim())
      .refine((piece) => piece.length >= MIN_PIECE, `must have at least ${MIN_PIECE} characters`)
      .optional()
      .meta({
        description:
          'A piece of an email address, phone number or customer ID, in any case: `petrenko`. Without events.',
      }),
    cursor: z.string().optional().meta({ description: 'The `next` of the previous page.' }),
  }),
)

function contactFields() {
  const values = z.array(z.string())
  return {
    contactId: integer64(),
    identifiers: z
      .strictObject({
        email: values,
        sms: values,
        externalCustomerId: values,
        webpush: values,
        mobilepush: values,
      })
      .partial()
      .meta({ description: 'The identifiers in its events, as sent.' }),
    areIdentifiersComplete: z.boolean().meta({
      description: 'False if some are left out because there are too many, or they are too long.',
    }),
  }
}

const findContacts = defineEndpoint({
  method: 'get',
  path: '/contacts',
  access: 'readToken',
  operationId: 'findContacts',
  tag: 'Contacts',
  summary: 'Find contacts by an identifier, with their events, or by a piece of one',
  description:
    'Provide exactly one of `email`, `sms`, `externalCustomerId`, `contains`. If no contact has the identifier, events with it and without a contact are listed. With `contains`, `identifiers` are those that match, there are no events, and a request reads a bounded number of identifiers: a page may be short, or empty, and still have a `next`; `searchedTo` is how far it came.',
  query: contactsQuery,
  response: lazily(() =>
    z
      .strictObject({
        contacts: z.array(z.strictObject(contactFields())),
        complete: z
          .boolean()
          .meta({ description: `False if there are more than ${MAX_SCANS} contacts.` }),
        searchedTo: integer64().nullable().optional().meta({
          description:
            'Only with `contains`: contacts up to this ID were searched; null if all were.',
        }),
        ...eventPageFields(),
      })
      .meta({ id: 'Contacts' }),
  ),
  async handle({ env, query }) {
    const { limit: rows, since, until, contains } = query
    if (contains !== undefined) return searchContacts(env.DB, contains, query)
    const after = readCursor(query.cursor)
    const { name, values } = readLookup(query)
    const found = await findContactIds(env.DB, name, values, MAX_SCANS)
    const contactIds = found.slice(0, MAX_SCANS)
    const isIdentifier = values.some((value) => normalizeIdentifier(name, value) !== undefined)
    if (!isIdentifier) {
      return { contacts: [], complete: true, activity: [], next: null, datedAhead: null }
    }
    const parameters = contactIds.length > 0 ? { contactId: contactIds } : { [name]: values }
    const [known, page] = await Promise.all([
      listSomeIdentifiers(env.DB, contactIds),
      listNewest(openHistory(env), { parameters, since, until }, rows, after),
    ])
    const contacts = contactIds.map((id) => `{${describe(id, known.get(id))}}`)
    return respondJson(
      `{"contacts":[${contacts}],"complete":${found.length <= MAX_SCANS},${listToJson(page)}}`,
    )
  },
})

/** The response to a search for a piece of an identifier. */
async function searchContacts(
  db: D1Database,
  piece: string,
  query: z.output<ReturnType<typeof contactsQuery>>,
) {
  const other = [...LOOKUP_PARAMETERS, 'since' as const, 'until' as const].find(
    (name) => query[name] !== undefined,
  )
  if (other !== undefined) throw invalidParameter(other, 'cannot be combined with “contains”')
  const after = integer.nullable().safeParse(query.cursor ?? null).data
  if (after === undefined) throw invalidCursor()
  const { contacts, next } = await searchIdentifiers(db, piece, after, query.limit)
  return {
    contacts: contacts.map(({ contactId, names }) => ({
      contactId: exactNumber(contactId),
      identifiers: names,
      areIdentifiersComplete: false,
    })),
    complete: next === null,
    searchedTo: next === null ? null : exactNumber(next),
    activity: [],
    next,
    datedAhead: null,
  }
}

function readCursor(text: string | undefined): EventKey | undefined {
  if (text === undefined) return undefined
  const key = parseCursor(text)
  if (!key) throw invalidCursor()
  return key
}

function invalidCursor(): HttpError {
  return invalidParameter('cursor', 'must be the `next` value of the previous page')
}

const showContact = defineEndpoint({
  method: 'get',
  path: '/contacts/{contactId}',
  access: 'readToken',
  operationId: 'showContact',
  tag: 'Contacts',
  summary: 'Show a contact: its identifiers and events',
  description: 'Events are newest first.',
  parameter: { description: 'Contact ID.', type: 'integer' },
  query: contactQuery,
  response: lazily(() =>
    z.strictObject({ ...contactFields(), ...eventPageFields() }).meta({ id: 'Contact' }),
  ),
  async handle({ env, parameter, query: { limit: rows, cursor: after, ...range } }) {
    const contactId = integer.safeParse(parameter).data
    if (contactId === undefined) throw notFound()
    const id = String(BigInt(contactId))
    const history = openHistory(env)
    const ofContact = { parameters: { contactId: [id] } }
    const [known, page] = await Promise.all([
      listSomeIdentifiers(env.DB, [id]),
      listNewest(history, { ...ofContact, ...range }, rows, after),
    ])
    if (page.events.length === 0 && !page.next && !(await isKnown(env.DB, id))) {
      const { events } = await listHistory(history, ofContact, 1, undefined)
      if (events.length === 0) throw notFound()
    }
    return respondJson(`{${describe(id, known.get(id))},${listToJson(page)}}`)
  },
})

export const contactEndpoints = [findContacts, showContact]

/**
 * The one identifier that a query has.
 * @throws HttpError 400 if it has none, or several
 */
export function readLookup(query: {
  [Name in Lookup['name']]?: string[] | undefined
}): Lookup {
  const lookups = LOOKUP_PARAMETERS.flatMap((name) => {
    const values = query[name]
    return values === undefined ? [] : [{ name, values }]
  })
  const [lookup] = lookups
  if (lookup && lookups.length === 1) return lookup
  throw new HttpError(
    400,
    'invalid_parameter',
    'Provide exactly one of email, sms, externalCustomerId.',
    { details: { parameter: lookups[1]?.name ?? 'email' } },
  )
}

/** Whether a contact has any data. @param contactId decimal digits */
export async function isKnown(db: D1Database, contactId: string): Promise<boolean> {
  const [identifiers, hasEvents] = await Promise.all([
    listSomeIdentifiers(db, [contactId]),
    hasContactEvents(db, contactId),
  ])
  return identifiers.size > 0 || hasEvents
}

function describe(
  contactId: string,
  { names, complete }: SomeIdentifiers = { names: {}, complete: true },
): string {
  return `"contactId":${contactId},"identifiers":${JSON.stringify(names)},"areIdentifiersComplete":${complete}`
}

function notFound(): HttpError {
  return new HttpError(404, 'not_found', 'No contact has this ID.')
}
