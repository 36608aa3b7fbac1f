import type { Context } from 'hono'
import * as z from 'zod'
import { Refusal } from '../refusal.ts'
import { readSettings } from '../settings.ts'
import { listActivities } from '../store/list.ts'
import { findContactIds, listNames, type ContactNames } from '../store/names.ts'
import { MAX_SOURCES } from '../store/sources.ts'
import { answerJson, toJson } from './activity-json.ts'
import { cursor, integer, limit, period, perZone, text } from './fields.ts'
import { formatPosition } from './position.ts'
import { parseQuery } from './query.ts'

type ReadContext = Context<{ Bindings: Env }>

/** What `GET /contacts/{contactId}` is asked for. */
export const contactQuery = perZone((zone) =>
  z.strictObject({ ...period(zone), limit: limit(500, 50), cursor: cursor.optional() }),
)

const LOOKED_UP = ['email', 'sms', 'externalCustomerId'] as const

/** A name that contacts are looked up by. */
type LookedUp = { name: (typeof LOOKED_UP)[number]; value: string }

/** The names that contacts can be looked up by. */
export const lookedUpFields = {
  email: text.optional().meta({ description: 'In upper or lower case.' }),
  sms: text
    .refine((given) => /\d/.test(given), 'has to be a phone number')
    .optional()
    .meta({ description: 'A phone number; only its digits count.' }),
  externalCustomerId: text.optional().meta({ description: "The ID in the client's system." }),
}

/** What `GET /contacts` is asked for. */
export const contactsQuery = perZone((zone) => contactQuery(zone).extend(lookedUpFields))

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
    listNames(env.DB, [id]),
    listActivities(env.DB, { parameters: { contactId: [id] }, ...range }, most, after),
  ])
  if (!known.has(id) && page.activities.length === 0 && !(await isKnown(env.DB, id)))
    throw notFound()
  return answerJson(
    `{${describe(id, known.get(id))},"activity":[${page.activities.map(toJson)}],"next":${JSON.stringify(page.next && formatPosition(page.next))}}`,
  )
}

/** `GET /contacts?email=…`: the contacts that were seen under a name, and their activity. */
export async function findContacts({ env, req }: ReadContext): Promise<Response> {
  const { timeZone } = readSettings(env)
  const query = parseQuery(contactsQuery(timeZone), new URL(req.url).searchParams)
  const { limit: most, cursor: after, since, until } = query
  const wanted = readLookedUp(query)
  const { name } = wanted
  const found = await findContactIds(
    env.DB,
    name,
    spellingsOf(wanted),
    MAX_SOURCES,
    name === 'email',
  )
  const contactIds = found.slice(0, MAX_SOURCES)
  if (contactIds.length === 0)
    return answerJson('{"contacts":[],"isWhole":true,"activity":[],"next":null}')
  const filter = { parameters: { contactId: contactIds }, since, until }
  const [known, page] = await Promise.all([
    listNames(env.DB, contactIds),
    listActivities(env.DB, filter, most, after),
  ])
  const contacts = contactIds.map((id) => `{${describe(id, known.get(id))}}`)
  const cursorText = JSON.stringify(page.next && formatPosition(page.next))
  return answerJson(
    `{"contacts":[${contacts}],"isWhole":${found.length <= MAX_SOURCES},"activity":[${page.activities.map(toJson)}],"next":${cursorText}}`,
  )
}

/**
 * The one name that a query has.
 * @throws Refusal 400 where it has none, or several
 */
export function readLookedUp(query: { [Name in LookedUp['name']]?: string | undefined }): LookedUp {
  const given = LOOKED_UP.flatMap((name) => {
    const value = query[name]
    return value === undefined ? [] : [{ name, value }]
  })
  const [wanted] = given
  if (wanted && given.length === 1) return wanted
  throw new Refusal(
    400,
    'invalid_parameter',
    'Ask with exactly one of the parameters email, sms and externalCustomerId.',
    { details: { parameter: given[1]?.name ?? 'email' } },
  )
}

/** All that a name may be stored as; upper and lower case aside. */
function spellingsOf({ name, value }: LookedUp): string[] {
  return name === 'sms' ? spellPhone(value) : [value]
}

/** A phone number as a person writes it, and as Yespo may have it. */
export function spellPhone(given: string): string[] {
  const digits = given.replace(/\D/g, '')
  return [...new Set([given, digits, `+${digits}`])]
}

/** Whether there is anything of a contact, at any time. */
async function isKnown(db: D1Database, contactId: string): Promise<boolean> {
  const { activities } = await listActivities(
    db,
    { parameters: { contactId: [contactId] } },
    1,
    undefined,
  )
  return activities.length > 0
}

function describe(contactId: string, known: ContactNames = {}): string {
  return `"contactId":${contactId},"names":${JSON.stringify(known)}`
}

function notFound(): Refusal {
  return new Refusal(404, 'not_found', 'Nothing is known of a contact with this id.')
}
