import type { Context } from 'hono'
import * as z from 'zod'
import { period, perZone } from '../read/fields.ts'
import { parseQuery } from '../read/query.ts'
import { Refusal } from '../refusal.ts'
import { pullSettings, readSettings } from '../settings.ts'
import { endPull, listPulls, type Pull } from '../store/pulls.ts'
import { begin, MAX_BACK_MS } from './begin.ts'

type PullContext = Context<{ Bindings: Env }>

const SHOWN = 20
const NO_STORE = { 'Cache-Control': 'no-store' }

/** What `POST /backfill` is asked for, in its query or as JSON. */
export const backfillQuery = perZone((zone) => z.strictObject(period(zone)))

/** `POST /backfill`: reads a stretch of time from Yespo's API, as a whole, whatever is stored of it. */
export async function startBackfill(context: PullContext): Promise<Response> {
  const { env, req } = context
  const given = new URLSearchParams({
    ...Object.fromEntries(new URL(req.url).searchParams),
    ...(await readBody(req.raw)),
  })
  const number = await beginBackfill(env, given, readSettings(env).timeZone)
  return Response.json({ backfill: number }, { headers: NO_STORE })
}

/**
 * Begins what `backfillQuery` asks for.
 *
 * @param zone of times without one
 * @returns its number
 * @throws Refusal 400 `invalid_parameter` that names what is wrong, and 409 `no_api_key` without a key
 */
export async function beginBackfill(
  env: Env,
  given: URLSearchParams,
  zone: string,
): Promise<number> {
  const now = Date.now()
  const { since, until = now } = parseQuery(backfillQuery(zone), given)
  if (!pullSettings(env)) {
    throw new Refusal(
      409,
      'no_api_key',
      "Set the secret YESPO_API_KEY first: the key of Yespo's API, from Account settings → API.",
      { details: { setting: 'YESPO_API_KEY' } },
    )
  }
  if (since === undefined) throw refuse('since', 'is missing: from when on to read')
  if (since < now - MAX_BACK_MS)
    throw refuse('since', 'is longer ago than 90 days, which Yespo keeps')
  if (until <= since) throw refuse('until', 'has to be after since')
  return begin(env, 'backfill', since, Math.min(until, now), now)
}

/** `GET /backfill`: how far the last readings are, those of the schedule too. */
export async function showBackfills({ env }: PullContext): Promise<Response> {
  const pulls = await listPulls(env.DB, SHOWN)
  return Response.json({ backfills: pulls.map(describe) }, { headers: NO_STORE })
}

/** `DELETE /backfill`: cancels all that is being read; what was read stays. */
export async function cancelBackfills({ env }: PullContext): Promise<Response> {
  return Response.json({ cancelled: await cancelAll(env.DB) }, { headers: NO_STORE })
}

/** Cancels all that is being read. @returns how many readings that were */
export async function cancelAll(db: D1Database): Promise<number> {
  const running = (await listPulls(db, SHOWN)).filter(({ state }) => state === 'running')
  let cancelled = 0
  for (const { number } of running) {
    if (await endPull(db, number, 'cancelled', null, Date.now())) cancelled++
  }
  return cancelled
}

async function readBody(request: Request): Promise<Record<string, string>> {
  const text = await request.text()
  if (text.trim() === '') return {}
  try {
    return z.record(z.string(), z.coerce.string()).parse(JSON.parse(text))
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error
    throw new Refusal(
      400,
      'not_json',
      'The body is no JSON such as {"since":"2026-01-01","until":"2026-01-31"}.',
    )
  }
}

function refuse(parameter: string, message: string): Refusal {
  return new Refusal(400, 'invalid_parameter', `The parameter ${parameter} ${message}.`, {
    details: { parameter },
  })
}

/** A pull as it is answered. */
export function describe({ number, kind, since, until, state, fault, share, ...times }: Pull) {
  const progress = Math.round(share * 1_000) / 1_000
  const { delay, beganAt, finishedAt } = times
  return { number, kind, since, until, state, progress, fault, delay, beganAt, finishedAt }
}
