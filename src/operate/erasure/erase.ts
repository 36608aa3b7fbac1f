import type { Context } from 'hono'
import * as z from 'zod'
import { log } from '../../log.ts'
import { answerJson } from '../../read/activity-json.ts'
import { lookedUpFields, readLookedUp } from '../../read/contacts.ts'
import { integer } from '../../read/fields.ts'
import { parseQuery } from '../../read/query.ts'
import { Refusal } from '../../refusal.ts'
import { operateSettings } from '../../settings.ts'
import { countWritten } from '../../store/count-written.ts'
import { isUncounted } from '../../store/deliveries.ts'
import { takeErasureStep } from '../../store/erase/step.ts'
import {
  beginErasure,
  findErasure,
  finishErasure,
  MAX_CONTACTS,
  type Erasure,
} from '../../store/erasures.ts'
import { findContactIdsBySpelling, listNames } from '../../store/names.ts'
import type { Forgotten, Name } from '../../store/person.ts'
import { spell } from '../../store/spell.ts'
import { hasArchive } from '../../store/archive.ts'
import { noteRowsWritten } from '../../store/usage.ts'
import { withTimeLimit } from '../../time-limit.ts'
import { Budget } from '../budget.ts'

type OperateContext = Context<{ Bindings: Env }>

const TIME_LIMIT_MS = 8_000

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
  return forget(env, { contactIds, names: await namesOf(env.DB, contactIds) }, suppressions)
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
  const number = await forget(env, { contactIds: found, given, names }, query.suppressions)
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

async function forget(env: Env, forgotten: Forgotten, suppressions: Suppressions): Promise<number> {
  const beginning = beginErasure(env.DB, forgotten, suppressions === 'keep', Date.now())
  const number = await withTimeLimit('the database', TIME_LIMIT_MS, beginning)
  const budget = new Budget(operateSettings(env).plan, 'request', TIME_LIMIT_MS)
  try {
    await withTimeLimit('the database', 2 * TIME_LIMIT_MS, moveOn(env.DB, number, budget))
  } catch (error) {
    // It has begun, and goes on with the next schedule.
    log('error', 'erasure_waits', { erasure: number, faults: [String(error).slice(0, 200)] })
  }
  return number
}

async function answer(db: D1Database, contacts: number, number: number): Promise<Response> {
  const erasure = await findErasure(db, number)
  return answerJson(JSON.stringify({ contacts, erasure: erasure && describe(erasure) }))
}

/**
 * Takes steps of an erasure; ends it where there is no archive to look through.
 *
 * @returns whether the database holds nothing more
 */
export async function moveOn(db: D1Database, number: number, budget: Budget): Promise<boolean> {
  const counted = countWritten(db)
  try {
    return await takeSteps(counted.db, number, budget)
  } finally {
    await noteRowsWritten(db, counted.rowsWritten(), Date.now())
  }
}

async function takeSteps(db: D1Database, number: number, budget: Budget): Promise<boolean> {
  while (budget.take()) {
    const target = await takeErasureStep(db, number)
    if (target === null) return true
    if (target.stage !== 'archive') continue
    if (!(await hasArchive(db))) await finishErasure(db, number, Date.now())
    return true
  }
  return false
}

/** An erasure as it is answered. */
export function describe({ number, erasedAt, finishedAt, removed }: Erasure) {
  const state = finishedAt === null ? 'under way' : 'finished'
  return { number, state, erasedAt, finishedAt, removed }
}
