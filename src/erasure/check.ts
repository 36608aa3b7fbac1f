import * as z from 'zod'
import { openArchive } from '../archive/open.ts'
import { countUnderWay } from '../db/erasure/erasures.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { invalidParameter } from '../http/parse-query.ts'
import { openHistory } from '../history/history.ts'
import { operateSettings } from '../settings/settings.ts'
import { textOf } from '../language/messages.ts'
import { parseJson } from './record.ts'
import {
  searchArchive,
  searchContacts,
  searchEngaged,
  searchNameless,
  searchQuarantine,
  searchSuppressed,
} from './search.ts'

/** The searches, in this order, by what they search. */
const SEARCHES = [
  ['contacts', searchContacts],
  ['engagement', searchEngaged],
  ['eventsWithoutContact', searchNameless],
  ['suppressions', searchSuppressed],
  ['quarantinedItems', searchQuarantine],
  ['archivedEvents', searchArchive],
] as const

/** How far a check is: which search, where in it, and for each search how much was searched and found. */
const progressSchema = z.tuple([
  z
    .int()
    .min(0)
    .max(SEARCHES.length - 1),
  z
    .array(z.union([z.string(), z.number()]))
    .max(2)
    .nullable(),
  z.array(z.int().min(0)).length(SEARCHES.length),
  z.array(z.int().min(0)).length(SEARCHES.length),
])
type Progress = z.output<typeof progressSchema>

const BEGINNING: Progress = [0, null, SEARCHES.map(() => 0), SEARCHES.map(() => 0)]

const checkSchema = lazily(() => {
  const counts = z.strictObject({
    contacts: z.int(),
    engagement: z.int(),
    eventsWithoutContact: z.int(),
    suppressions: z.int(),
    quarantinedItems: z.int(),
    archivedEvents: z.int(),
  })
  return z
    .strictObject({
      finished: z.boolean().meta({ description: 'Whether everything was searched.' }),
      searched: counts.meta({ description: 'How much was searched so far.' }),
      found: counts.meta({
        description: 'How much of it is about someone who was erased, and from before that.',
      }),
      underWay: z
        .int()
        .meta({ description: 'Erasures that are not finished: their data may be found.' }),
      summary: z.string().meta({ description: 'The same in a sentence.' }),
      next: z
        .string()
        .nullable()
        .meta({ description: 'The `next` of the next step; null when everything was searched.' }),
    })
    .meta({ id: 'ErasureCheck' })
})

const checkErasures = defineEndpoint({
  method: 'get',
  path: '/erasures/check',
  access: 'readToken',
  hasPage: true,
  operationId: 'checkErasures',
  tag: 'Contacts',
  summary: 'Check that nothing is left of those who were erased, step by step',
  description:
    'Searches all stored data again: contacts with their events and identifiers, their engagement, events without a contact, suppressions (unless they were kept), quarantined items and the archive. Changes nothing. Repeat with `next` until it is null: `found` then is 0 everywhere. It compares digests, as nobody knows any more who was erased.',
  query: z.strictObject({
    next: z.string().max(1_000).optional().meta({
      description: 'The `next` of the previous step; by default, the beginning.',
    }),
  }),
  response: checkSchema,
  async handle({ env, query }) {
    const step = await takeCheckStep(env, query.next)
    return { ...step, summary: summarize(step) }
  },
})

export const checkEndpoints = [checkErasures]

/** How far a check came, and what it found. */
export type CheckStep = Awaited<ReturnType<typeof takeCheckStep>>

/**
 * A step of a check that nothing is left of those who were erased.
 *
 * @param next the `next` of the step before; undefined for the beginning
 * @throws HttpError 400 if it is not one
 */
export async function takeCheckStep(env: Env, next: string | undefined) {
  const [index, cursor, searched, found] = parseProgress(next)
  const { plan } = operateSettings(env)
  const places = { db: env.DB, archive: openArchive(env), history: openHistory(env) }
  const context = { ...places, plan, mode: 'check' as const }
  const [, search] = SEARCHES[index] ?? SEARCHES[0]
  const step = await search(context, cursor ?? [])
  searched[index] = (searched[index] ?? 0) + step.scanned
  found[index] = (found[index] ?? 0) + step.found
  const following = step.next ? index : index + 1
  const finished = following >= SEARCHES.length
  const progress: Progress = [following, step.next && [...step.next], searched, found]
  return {
    finished,
    searched: toCounts(searched),
    found: toCounts(found),
    underWay: await countUnderWay(env.DB),
    next: finished ? null : JSON.stringify(progress),
  }
}

function parseProgress(next: string | undefined): Progress {
  if (next === undefined) return structuredClone(BEGINNING)
  const progress = progressSchema.safeParse(parseJson(next)).data
  if (progress) return progress
  throw invalidParameter('next', 'must be the `next` value of the previous step')
}

function toCounts(counts: readonly number[]) {
  const [contacts = 0, engagement = 0, eventsWithoutContact = 0, suppressions = 0] = counts
  const [quarantinedItems = 0, archivedEvents = 0] = counts.slice(4)
  return {
    contacts,
    engagement,
    eventsWithoutContact,
    suppressions,
    quarantinedItems,
    archivedEvents,
  }
}

function summarize({ finished, searched, found }: CheckStep): string {
  const list = textOf('en', 'erasure.searched', searched)
  if (!finished) return `${textOf('en', 'erasure.check.soFar', { list })} Go on with “next”.`
  const left = countFound(found)
  return left > 0
    ? `${textOf('en', 'erasure.check.left', { count: left, list })} Repeat the erasures (POST /erasures/again).`
    : textOf('en', 'erasure.check.clean', { list })
}

/** How much was found of someone who was erased. */
export function countFound(found: CheckStep['found']): number {
  return Object.values(found).reduce((sum, some) => sum + some, 0)
}
