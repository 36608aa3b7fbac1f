import type { Context } from 'hono'
import * as z from 'zod'
import { answerJson } from '../../read/activity-json.ts'
import { lookedUpFields, readLookedUp } from '../../read/contacts.ts'
import { integer } from '../../read/fields.ts'
import { parseQuery } from '../../read/query.ts'
import { Refusal } from '../../refusal.ts'
import { isUncounted } from '../../store/deliveries.ts'
import { findErasure } from '../../store/erasure-records.ts'
import { MAX_CONTACTS } from '../../store/erasures.ts'
import { findContactIdsBySpelling, listNames } from '../../store/names.ts'
import type { Name } from '../../store/person.ts'
import { spell } from '../../store/spell.ts'
import { carryOut } from './carry-out.ts'
import { describe } from './erasures.ts'

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
export const eraseByNameQuery = z.strictObject({ ...lookedUpFields, ...keepsSuppressions })

/** `DELETE /contacts/{contactId}`: forgets a contact. */
export async function eraseContact(context: OperateContext): Promise<Response> {
  const { env, req } = context
  const { suppressions } = parseQuery(eraseQuery, new URL(req.url).searchParams)
  const contactId = integer.safeParse(req.param('contactId') ?? '').data
  if (contactId === undefined) throw new Refusal(404, 'not_found', 'This is no id of a contact.')
  return answer(env.DB, 1, await forgetContact(env, contactId, suppressions))
}

/**
 * Begins to forget a contact, and goes as far as one request can; the schedule does the rest.
 *
 * @param contactId decimal digits
 * @returns the number of the erasure
 * @throws what D1 throws, where it has not begun
 */
export async function forgetContact(
  env: Env,
  contactId: string,
  suppressions: Suppressions,
): Promise<number> {
  const contactIds = [String(BigInt(contactId))]
  return carryOut(
    env,
    { contactIds, names: await namesOf(env.DB, contactIds) },
    suppressions === 'keep',
  )
}

/** `DELETE /contacts?email=…`: forgets all contacts that were seen under a name. */
export async function eraseByName({ env, req }: OperateContext): Promise<Response> {
  const query = parseQuery(eraseByNameQuery, new URL(req.url).searchParams)
  const given = readLookedUp(query)
  const { name, value } = given
  if (spell(name, value) === undefined) {
    throw new Refusal(
      400,
      'invalid_parameter',
      `This ${name} fills a field for many contacts and tells no person: ask by contactId.`,
      { details: { parameter: name } },
    )
  }
  if (await isUncounted(env.DB)) {
    throw new Refusal(
      409,
      'not_counted_yet',
      'Which contacts have this name is not known yet for events of an earlier version: run "npm run recount" once, or ask by contactId.',
    )
  }
  const found = await findContactIdsBySpelling(env.DB, name, value, MAX_CONTACTS)
  if (found.length > MAX_CONTACTS) {
    throw new Refusal(
      409,
      'too_many_contacts',
      `More than ${MAX_CONTACTS} contacts were seen under this ${name}, so it tells no person: ask by contactId.`,
    )
  }
  const names = await namesOf(env.DB, found)
  const number = await carryOut(
    env,
    { contactIds: found, given, names },
    query.suppressions === 'keep',
  )
  return answer(env.DB, found.length, number)
}

async function namesOf(db: D1Database, contactIds: readonly string[]): Promise<Name[]> {
  const known = await listNames(db, contactIds)
  return [...known.values()].flatMap((names) =>
    Object.entries(names).flatMap(([name, values]) =>
      values.map((value): Name => ({ name: name as Name['name'], value })),
    ),
  )
}

async function answer(db: D1Database, contacts: number, number: number): Promise<Response> {
  const erasure = await findErasure(db, number)
  return answerJson(JSON.stringify({ contacts, erasure: erasure && describe(erasure) }))
}
