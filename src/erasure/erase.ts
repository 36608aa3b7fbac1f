import type { Context } from 'hono'
import * as z from 'zod'
import { normalizeIdentifier } from '../event/identifier.ts'
import { respondJson } from '../http/event-json.ts'
import { isKnown, lookupFields, readLookup } from '../contacts/api.ts'
import { integer } from '../http/query-fields.ts'
import { parseQuery } from '../http/parse-query.ts'
import { HttpError } from '../platform/http-error.ts'
import { findErasure } from '../db/erasure/list.ts'
import { MAX_CONTACTS } from '../db/erasure/erasures.ts'
import { findContactIds, listIdentifiers } from '../db/events/identifiers.ts'
import type { Identifier } from '../db/erasure/subject.ts'
import { runErasure } from './run.ts'
import { describe } from './api.ts'

type OperateContext = Context<{ Bindings: Env }>

const keepsSuppressions = {
  suppressions: z
    .enum(['erase', 'keep'], { error: 'has to be erase or keep' })
    .default('erase')
    .meta({
      description:
        'Whether it is forgotten, too, that they are not to be written to any more: `keep` where the law lets you keep that.',
    }),
}

/** What `DELETE /contacts/{contactId}` is asked for. */
export const eraseQuery = z.strictObject(keepsSuppressions)

type Suppressions = z.output<typeof eraseQuery>['suppressions']

/** What `DELETE /contacts` is asked for. */
export const eraseByNameQuery = z.strictObject({ ...lookupFields, ...keepsSuppressions })

/** `DELETE /contacts/{contactId}`: forgets a contact. */
export async function eraseContact(context: OperateContext): Promise<Response> {
  const { env, req } = context
  const { suppressions } = parseQuery(eraseQuery, new URL(req.url).searchParams)
  const contactId = integer.safeParse(req.param('contactId') ?? '').data
  if (contactId === undefined) throw new HttpError(404, 'not_found', 'This is no id of a contact.')
  const isFound = await isKnown(env.DB, String(BigInt(contactId)))
  const number = await eraseContactNow(env, contactId, suppressions)
  return answer(env.DB, isFound ? 1 : 0, number, 'with this id')
}

/**
 * Begins to forget a contact, and goes as far as one request can; the schedule does the rest.
 *
 * @param contactId decimal digits
 * @returns the number of the erasure
 * @throws what D1 throws, where it has not begun
 */
export async function eraseContactNow(
  env: Env,
  contactId: string,
  suppressions: Suppressions,
): Promise<number> {
  const contactIds = [String(BigInt(contactId))]
  return runErasure(
    env,
    { contactIds, identifiers: await namesOf(env.DB, contactIds) },
    suppressions === 'keep',
  )
}

/** `DELETE /contacts?email=…`: forgets all contacts that were seen under a name. */
export async function eraseByName({ env, req }: OperateContext): Promise<Response> {
  const query = parseQuery(eraseByNameQuery, new URL(req.url).searchParams)
  const { name, values } = readLookup(query)
  const meanings = values.filter((value) => normalizeIdentifier(name, value) !== undefined)
  const [likeliest] = meanings
  if (likeliest === undefined) {
    throw new HttpError(
      400,
      'invalid_parameter',
      `This ${name} identifies nobody: it is no address, or one that fills a field for many contacts. Ask by contactId.`,
      { details: { parameter: name } },
    )
  }
  const { value, contactIds } = await findMeant(env.DB, name, meanings, likeliest)
  if (contactIds.length > MAX_CONTACTS) {
    throw new HttpError(
      409,
      'too_many_contacts',
      `More than ${MAX_CONTACTS} contacts were seen under this ${name}, so it tells no person: ask by contactId.`,
    )
  }
  const names = await namesOf(env.DB, contactIds)
  const number = await runErasure(
    env,
    { contactIds, requested: { name, value }, identifiers: names },
    query.suppressions === 'keep',
  )
  return answer(env.DB, contactIds.length, number, `with this ${name}`)
}

/** Of all that an identifier can be, the first that a contact was seen under. */
async function findMeant(
  db: D1Database,
  name: Identifier['name'],
  values: readonly string[],
  likeliest: string,
): Promise<{ value: string; contactIds: string[] }> {
  for (const value of values) {
    const contactIds = await findContactIds(db, name, [value], MAX_CONTACTS)
    if (contactIds.length > 0) return { value, contactIds }
  }
  return { value: likeliest, contactIds: [] }
}

async function namesOf(db: D1Database, contactIds: readonly string[]): Promise<Identifier[]> {
  const known = await listIdentifiers(db, contactIds)
  return [...known.values()].flatMap((names) =>
    Object.entries(names).flatMap(([name, values]) =>
      values.map((value): Identifier => ({ name: name as Identifier['name'], value })),
    ),
  )
}

const NOT_FOUND =
  'Events without a contact ID, quarantined items, the archive and what is still in the queue are searched all the same: "removed" counts what was found there.'

async function answer(
  db: D1Database,
  contacts: number,
  number: number,
  whom: string,
): Promise<Response> {
  const erasure = await findErasure(db, number)
  const message = contacts === 0 ? { message: `No contact found ${whom}. ${NOT_FOUND}` } : {}
  return respondJson(
    JSON.stringify({ contacts, ...message, erasure: erasure && describe(erasure) }),
  )
}
