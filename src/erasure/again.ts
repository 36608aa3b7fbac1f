import * as z from 'zod'
import { MINUTE_MS } from '../event/clock.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { invalidParameter } from '../http/parse-query.ts'
import { HttpError } from '../platform/http-error.ts'
import { openArchive } from '../archive/open.ts'
import { openHistory } from '../history/history.ts'
import { archiveBucket, operateSettings } from '../settings/settings.ts'
import { finishRecorded } from '../db/erasure/record.ts'
import { countUnderWay } from '../db/erasure/erasures.ts'
import { acquireLease, MAINTENANCE_LEASE, releaseLease } from '../db/lease.ts'
import { Budget } from '../platform/budget.ts'
import { advanceErasures } from './advance.ts'
import {
  searchArchive,
  searchContacts,
  searchEngaged,
  searchNameless,
  searchQuarantine,
  searchSuppressed,
  type SearchResult,
  type SearchContext,
} from './search.ts'
import { parseJson, takeRecorded } from './record.ts'

const WORK_MS = MINUTE_MS
const STEP_MS = 20_000

/** The searches, in this order. */
const PHASES = {
  contacts: searchContacts,
  engagement: searchEngaged,
  nameless: searchNameless,
  suppressions: searchSuppressed,
  quarantine: searchQuarantine,
  archive: searchArchive,
} as const satisfies Record<
  string,
  (looking: SearchContext, cursor: Cursor) => Promise<SearchResult>
>

type Phase = 'record' | keyof typeof PHASES | 'erase'
type Cursor = readonly (string | number)[]

const ORDER: readonly Phase[] = [
  'record',
  ...(Object.keys(PHASES) as (keyof typeof PHASES)[]),
  'erase',
]

const stepSchema = lazily(() =>
  z
    .strictObject({
      phase: z.enum(ORDER).meta({ description: 'What was searched.' }),
      scanned: z.int().meta({ description: 'How much of it was searched.' }),
      found: z.int().meta({ description: 'The number of erasures whose person was found.' }),
      underWay: z.int().meta({ description: 'The number of erasures that are not finished.' }),
      busy: z.boolean().meta({
        description: 'True if nothing was done because other maintenance is running: try again.',
      }),
      next: z
        .string()
        .nullable()
        .meta({ description: 'The `next` of the next step; null when everything is done.' }),
    })
    .meta({ id: 'EraseAgainStep' }),
)

type Step = z.input<ReturnType<typeof stepSchema>>

const eraseAgain = defineEndpoint({
  method: 'post',
  path: '/erasures/again',
  access: 'operateToken',
  operationId: 'eraseAgain',
  conflict: true,
  tag: 'Contacts',
  summary: 'Repeat all erasures, step by step',
  description:
    'After the database was restored: imports the record from the bucket, searches all stored data, and repeats the erasure of everyone who is found; events that happened and were received after the erasure stay. Any step may be repeated; the next one starts at `next`. `npm run erase-again` runs all steps.',
  query: z.strictObject({
    next: z.string().max(1_000).optional().meta({
      description:
        'The `next` of the previous step; by default, the beginning: the record in the bucket. Use `contacts` to start after it, if the record was sent.',
    }),
  }),
  response: stepSchema,
  async handle({ env, query }) {
    const [phase, cursor] = parseNext(query.next)
    const now = Date.now()
    const until = now + WORK_MS
    // Tasks work on the same erasures, and neither must undo the work of the other.
    if (!(await acquireLease(env.DB, MAINTENANCE_LEASE, now, until))) {
      return { phase, scanned: 0, found: 0, underWay: 0, busy: true, next: query.next ?? 'record' }
    }
    try {
      return await runStep(env, phase, cursor, now)
    } finally {
      await releaseLease(env.DB, MAINTENANCE_LEASE, until)
    }
  },
})

export const eraseAgainEndpoints = [eraseAgain]

async function runStep(env: Env, phase: Phase, cursor: Cursor, now: number): Promise<Step> {
  const { plan } = operateSettings(env)
  if (phase === 'erase') return erase(env, now)
  const places = { db: env.DB, archive: openArchive(env), history: openHistory(env) }
  const { scanned, found, next } =
    phase === 'record'
      ? await readRecord(env, cursor)
      : await PHASES[phase]({ ...places, plan, mode: 'erase' }, cursor)
  const following = ORDER[ORDER.indexOf(phase) + 1] ?? 'erase'
  const goesOn = next ? `${phase} ${JSON.stringify(next)}` : following
  return {
    phase,
    scanned,
    found,
    underWay: await countUnderWay(env.DB),
    busy: false,
    next: goesOn,
  }
}

async function readRecord(env: Env, [after = '']: Cursor): Promise<SearchResult> {
  const bucket = archiveBucket(env)
  if (!bucket) {
    throw new HttpError(
      409,
      'no_record',
      'No bucket is bound, so there is no record of erasures outside the database. Send a saved one with POST /erasures/record.',
    )
  }
  const { scanned, last } = await takeRecorded(env.DB, bucket, String(after))
  return { scanned, found: 0, next: last === null ? null : [last] }
}

/** Erases those who were found, as far as one request can. */
async function erase(env: Env, now: number): Promise<Step> {
  await finishRecorded(env.DB, now)
  const before = await countUnderWay(env.DB)
  if (before > 0) {
    const budget = new Budget(operateSettings(env).plan, 'request', STEP_MS)
    await advanceErasures(env, budget, now, now, now + MINUTE_MS)
  }
  const underWay = before > 0 ? await countUnderWay(env.DB) : 0
  const next = underWay > 0 ? 'erase' : null
  return { phase: 'erase', scanned: 0, found: 0, underWay, busy: false, next }
}

function parseNext(next: string | undefined): [Phase, Cursor] {
  if (next === undefined) return ['record', []]
  const [name = '', ...rest] = next.split(' ')
  const phase = ORDER.find((each) => each === name)
  const cursor = z
    .array(z.union([z.string(), z.number()]))
    .max(2)
    .safeParse(rest.length === 0 ? [] : parseJson(rest.join(' '))).data
  if (!phase || !cursor) {
    throw invalidParameter('next', 'must be the `next` value of the previous step')
  }
  return [phase, cursor]
}
