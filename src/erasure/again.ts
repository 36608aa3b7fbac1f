import type { Context } from 'hono'
import * as z from 'zod'
import { MINUTE_MS } from '../event/clock.ts'
import { invalidParameter, parseQuery } from '../http/parse-query.ts'
import { HttpError } from '../platform/http-error.ts'
import { archiveBucket, operateSettings } from '../settings/settings.ts'
import { finishRecorded } from '../db/erasure/record.ts'
import { countUnderWay } from '../db/erasure/erasures.ts'
import { acquireLease, MAINTENANCE_LEASE, releaseLease } from '../db/lease.ts'
import { Budget } from '../platform/budget.ts'
import { advanceErasures } from './advance.ts'
import {
  searchArchive,
  searchContacts,
  searchNameless,
  searchQuarantine,
  searchSuppressed,
  type SearchResult,
  type SearchContext,
} from './search.ts'
import { takeRecorded } from './record.ts'

const WORK_MS = MINUTE_MS
const STEP_MS = 20_000

/** What is gone through, in this order: where each is done, the next begins. */
const PHASES = {
  contacts: searchContacts,
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

/** What `POST /erasures/again` is asked for. */
export const againQuery = z.strictObject({
  next: z.string().max(500).optional().meta({
    description:
      'The `next` of the step before; left out, the beginning: the record in the bucket. With `contacts`, behind it: the record was sent.',
  }),
})

/** One step, as it is answered. */
type Step = {
  /** What was gone through. */
  phase: Phase
  looked: number
  found: number
  /** Erasures that are not finished. */
  underWay: number
  /** Whether someone else is at work, so that nothing was done. */
  isBusy: boolean
  next: string | null
}

/**
 * `POST /erasures/again`: one step of erasing all who were forgotten once more, after the database was restored
 * to a moment from before. Any step may be taken twice.
 */
export async function takeAgainStep({ env, req }: Context<{ Bindings: Env }>): Promise<Response> {
  const { next: given } = parseQuery(againQuery, new URL(req.url).searchParams)
  const [phase, cursor] = parseNext(given)
  const now = Date.now()
  const until = now + WORK_MS
  // The schedule goes on with the same erasures, and neither may undo what the other does.
  const isFree = await acquireLease(env.DB, MAINTENANCE_LEASE, now, until)
  let step: Step
  try {
    step = isFree
      ? await take(env, phase, cursor, now)
      : { phase, looked: 0, found: 0, underWay: 0, isBusy: true, next: given ?? 'record' }
  } finally {
    if (isFree) await releaseLease(env.DB, MAINTENANCE_LEASE, until)
  }
  return Response.json(step, { headers: { 'Cache-Control': 'no-store' } })
}

async function take(env: Env, phase: Phase, cursor: Cursor, now: number): Promise<Step> {
  const bucket = archiveBucket(env)
  const { plan } = operateSettings(env)
  if (phase === 'erase') return erase(env, now)
  const { looked, found, next } =
    phase === 'record'
      ? await readRecord(env, cursor)
      : await PHASES[phase]({ db: env.DB, bucket, plan }, cursor)
  const following = ORDER[ORDER.indexOf(phase) + 1] ?? 'erase'
  const goesOn = next ? `${phase} ${JSON.stringify(next)}` : following
  return {
    phase,
    looked,
    found,
    underWay: await countUnderWay(env.DB),
    isBusy: false,
    next: goesOn,
  }
}

async function readRecord(env: Env, [after = '']: Cursor): Promise<SearchResult> {
  const bucket = archiveBucket(env)
  if (!bucket) {
    throw new HttpError(
      409,
      'no_record',
      'No bucket is bound, so there is no record of erasures beside the database: send the one that was saved, with POST /erasures/record.',
    )
  }
  const { looked, last } = await takeRecorded(env.DB, bucket, String(after))
  return { looked, found: 0, next: last === null ? null : [last] }
}

/** All were looked for: what is found goes, as far as one request can. */
async function erase(env: Env, now: number): Promise<Step> {
  await finishRecorded(env.DB, now)
  const before = await countUnderWay(env.DB)
  if (before > 0) {
    const budget = new Budget(operateSettings(env).plan, 'request', STEP_MS)
    await advanceErasures(env, budget, now, now + MINUTE_MS)
  }
  const underWay = before > 0 ? await countUnderWay(env.DB) : 0
  const next = underWay > 0 ? 'erase' : null
  return { phase: 'erase', looked: 0, found: 0, underWay, isBusy: false, next }
}

function parseNext(given: string | undefined): [Phase, Cursor] {
  if (given === undefined) return ['record', []]
  const [name = '', ...rest] = given.split(' ')
  const phase = ORDER.find((each) => each === name)
  const cursor = z
    .array(z.union([z.string(), z.number()]))
    .max(2)
    .safeParse(rest.length === 0 ? [] : parseJson(rest.join(' '))).data
  if (!phase || !cursor) {
    throw invalidParameter('next', 'has to be the "next" of the step before, as it came')
  }
  return [phase, cursor]
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
