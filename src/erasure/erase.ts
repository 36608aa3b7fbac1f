import * as z from 'zod'
import { normalizeIdentifier } from '../event/identifier.ts'
import { isKnown, lookupFields, readLookup } from '../contacts/api.ts'
import { integer } from '../http/query-fields.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { HttpError } from '../platform/http-error.ts'
import { findErasure } from '../db/erasure/list.ts'
import { isNewContact, MAX_CONTACTS, type Criterion } from '../db/erasure/erasures.ts'
import { findContactIds } from '../db/events/identifiers.ts'
import type { Identifier } from '../db/erasure/subject.ts'
import { namesOf } from './names.ts'
import { runErasure } from './run.ts'
import { describe, erasureSchema } from './api.ts'

/** How often contacts are found again, as others came meanwhile. */
const MAX_TRIES = 3

const keepsSuppressions = {
  suppressions: z
    .enum(['erase', 'keep'], { error: 'must be erase or keep' })
    .default('erase')
    .meta({
      description:
        'Whether to erase the suppressions of the contact, too: `keep` if the law allows you to keep them.',
    }),
}

/** Query parameters of `DELETE /contacts/{contactId}`. */
export const eraseQuery = z.strictObject(keepsSuppressions)

type Suppressions = z.output<typeof eraseQuery>['suppressions']

const ERASED =
  'Erases everything that happened until now: events, identifiers, suppressions, quarantined items, the archive; what is still in the queue, or sent again later, is not stored. Totals stay. If there is much, or an archive, this continues in the background: `GET /erasures/{number}` shows when it is finished.'

const erasedSchema = lazily(() =>
  z
    .strictObject({
      contacts: z.int().meta({ description: 'The number of contacts to erase.' }),
      message: z.string().optional().meta({ description: 'Only if no contact was found.' }),
      erasure: erasureSchema(),
    })
    .meta({ id: 'Erased' }),
)

const eraseContact = defineEndpoint({
  method: 'delete',
  path: '/contacts/{contactId}',
  access: 'operateToken',
  operationId: 'eraseContact',
  tag: 'Contacts',
  summary: 'Erase a contact',
  description: ERASED,
  parameter: { description: 'Contact ID.', type: 'integer' },
  query: eraseQuery,
  response: erasedSchema,
  async handle({ env, parameter, query: { suppressions } }) {
    const contactId = integer.safeParse(parameter).data
    if (contactId === undefined) throw new HttpError(404, 'not_found', 'This is no contact ID.')
    const isFound = await isKnown(env.DB, String(BigInt(contactId)))
    const number = await eraseContactNow(env, contactId, suppressions)
    return describeErased(env.DB, isFound ? 1 : 0, number, 'with this ID')
  },
})

const eraseByIdentifier = defineEndpoint({
  method: 'delete',
  path: '/contacts',
  access: 'operateToken',
  operationId: 'eraseByIdentifier',
  conflict: true,
  tag: 'Contacts',
  summary: 'Erase all contacts with an identifier',
  description: `Provide exactly one of \`email\`, \`sms\`, \`externalCustomerId\`. ${ERASED}`,
  query: z.strictObject({ ...lookupFields, ...keepsSuppressions }),
  response: erasedSchema,
  async handle({ env, query }) {
    const { name, values } = readLookup(query)
    const meanings = values.filter((value) => normalizeIdentifier(name, value) !== undefined)
    const [likeliest] = meanings
    if (likeliest === undefined) {
      throw new HttpError(
        400,
        'invalid_parameter',
        `This ${name} identifies no contact: it is invalid, or a placeholder that many contacts share. Use DELETE /contacts/{contactId}.`,
        { details: { parameter: name } },
      )
    }
    // The spellings of a phone number are one number; other readings exclude each other.
    const meant = name === 'sms' ? meanings : [await findMeant(env.DB, name, meanings, likeliest)]
    const keeps = query.suppressions === 'keep'
    const { contacts, number } = await eraseFound(env, { name, values: meant }, keeps)
    return describeErased(env.DB, contacts, number, `with this ${name}`)
  },
})

export const eraseEndpoints = [eraseContact, eraseByIdentifier]

/**
 * Starts erasing a contact, as far as one request can; tasks do the rest.
 *
 * @param contactId decimal digits
 * @returns the number of the erasure
 * @throws what D1 throws: then it has not started
 */
export async function eraseContactNow(
  env: Env,
  contactId: string,
  suppressions: Suppressions,
): Promise<number> {
  const contactIds = [String(BigInt(contactId))]
  return runErasure(
    env,
    { contactIds, identifiers: await namesOf(env, contactIds) },
    suppressions === 'keep',
  )
}

/**
 * Starts erasing the contacts with an identifier. If another one comes meanwhile, it finds them again.
 *
 * @throws HttpError 409 if there are too many, and what D1 throws
 */
async function eraseFound(
  env: Env,
  { name, values }: Criterion,
  keepsSuppressions: boolean,
): Promise<{ contacts: number; number: number }> {
  const [value = '', ...spellings] = values
  for (let tries = 1; ; tries++) {
    const contactIds = await findContactIds(env.DB, name, values, MAX_CONTACTS)
    if (contactIds.length > MAX_CONTACTS) {
      throw new HttpError(
        409,
        'too_many_contacts',
        `More than ${MAX_CONTACTS} contacts have this ${name}, so it does not identify a person. Use DELETE /contacts/{contactId}.`,
      )
    }
    const names = await namesOf(env, contactIds)
    const identifiers = [...names, ...spellings.map((each) => ({ name, value: each }))]
    const subject = { contactIds, requested: { name, value }, identifiers }
    try {
      const number = await runErasure(env, subject, keepsSuppressions, { name, values })
      return { contacts: contactIds.length, number }
    } catch (error) {
      if (!isNewContact(error) || tries === MAX_TRIES) throw error
    }
  }
}

/** The first of an identifier's readings that a contact has. */
async function findMeant(
  db: D1Database,
  name: Identifier['name'],
  values: readonly string[],
  likeliest: string,
): Promise<string> {
  for (const value of values) {
    const contactIds = await findContactIds(db, name, [value], 1)
    if (contactIds.length > 0) return value
  }
  return likeliest
}

async function describeErased(
  db: D1Database,
  contacts: number,
  number: number,
  criterion: string,
): Promise<z.input<ReturnType<typeof erasedSchema>>> {
  const erasure = await findErasure(db, number)
  if (!erasure) throw new Error(`the erasure ${number} is not there`)
  const described = { contacts, erasure: describe(erasure) }
  if (contacts > 0) return described
  const message = `No contact found ${criterion}. Events without a contact ID, quarantined items, the archive and the queue are searched all the same: “removed” counts what was found there.`
  return { ...described, message }
}
