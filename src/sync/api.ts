import type { Context } from 'hono'
import * as z from 'zod'
import { HOUR_MS, startOfHour } from '../event/clock.ts'
import { period, perZone } from '../http/query-fields.ts'
import { checkPeriod, invalidParameter, parseQuery } from '../http/parse-query.ts'
import { HttpError } from '../platform/http-error.ts'
import { syncSettings, readSettings } from '../settings/settings.ts'
import { cancelRunning, listShown, type SyncRun } from '../db/sync/runs.ts'
import { begin, MAX_BACK_MS, RESOLVED_MS } from './start.ts'

type RunContext = Context<{ Bindings: Env }>

const SHOWN = 20
const NO_STORE = { 'Cache-Control': 'no-store' }

/** What `POST /backfill` is asked for, in its query or as JSON. */
export const backfillQuery = perZone((zone) => z.strictObject(period(zone)))

/** A reading, and what it reads: whole hours, UTC milliseconds; `until` is not included. */
export type Backfill = { backfill: number; since: number; until: number }

/** `POST /backfill`: reads a stretch of time from Yespo's API, as a whole, whatever is stored of it. */
export async function startBackfill(context: RunContext): Promise<Response> {
  const { env, req } = context
  const given = new URL(req.url).searchParams
  for (const [name, value] of await readBody(req.raw)) given.append(name, value)
  const backfill = await startBackfillRun(env, given, readSettings(env).timeZone)
  return Response.json(backfill, { headers: NO_STORE })
}

/**
 * Begins what `backfillQuery` asks for, or finds it where it is being read already.
 *
 * @param zone of times without one
 * @throws HttpError 400 `invalid_parameter` that names what is wrong, and 409 `no_api_key` without a key
 */
export async function startBackfillRun(
  env: Env,
  given: URLSearchParams,
  zone: string,
): Promise<Backfill> {
  const now = Date.now()
  const asked = parseQuery(backfillQuery(zone), given)
  if (!syncSettings(env)) {
    throw new HttpError(
      409,
      'no_api_key',
      "Set the secret YESPO_API_KEY first: the key of Yespo's API, from Account settings → API.",
      { details: { setting: 'YESPO_API_KEY' } },
    )
  }
  const { since, until } = chooseHours(asked, now)
  const running = (await listShown(env.DB, 0)).find(
    (pull) => pull.since === since && pull.until === until,
  )
  const backfill = running?.number ?? (await begin(env, 'backfill', since, until, now))
  return { backfill, since, until }
}

/**
 * The whole hours of what is asked for, but none in which the webhook may still be on its way: what it
 * brings a little later would count as missed.
 */
function chooseHours(
  { since, until }: { since?: number | undefined; until?: number | undefined },
  now: number,
): { since: number; until: number } {
  if (since === undefined) throw invalidParameter('since', 'is missing: from when on to read')
  if (since > now) throw invalidParameter('since', 'is in the future')
  if (since < now - MAX_BACK_MS) {
    throw invalidParameter('since', 'is longer ago than 90 days, which Yespo keeps')
  }
  checkPeriod({ since, until })
  const hours = {
    since: startOfHour(since),
    until: Math.min(startOfHour((until ?? now) + HOUR_MS - 1), startOfHour(now - RESOLVED_MS)),
  }
  if (hours.until <= hours.since) {
    throw invalidParameter(
      'since',
      'leaves nothing to read yet: the last hour is read when it is over for 15 minutes, as the webhook may still bring it until then',
    )
  }
  return hours
}

/** `GET /backfill`: how far the readings are that go on, and the last ones, those of the schedule too. */
export async function showBackfills({ env }: RunContext): Promise<Response> {
  const pulls = await listShown(env.DB, SHOWN)
  return Response.json({ backfills: pulls.map(describe) }, { headers: NO_STORE })
}

/** `DELETE /backfill`: cancels all that is being read; what was read stays. */
export async function cancelBackfills({ env }: RunContext): Promise<Response> {
  const cancelled = await cancelRunning(env.DB, Date.now())
  return Response.json({ cancelled }, { headers: NO_STORE })
}

/** The parameters in a body of JSON; null is as good as absent. */
async function readBody(request: Request): Promise<[name: string, value: string][]> {
  const text = await request.text()
  if (text.trim() === '') return []
  return Object.entries(readObject(text)).flatMap(([name, value]) => {
    if (value === null) return []
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw invalidParameter(name, 'has to be a string or a number in the JSON of the body')
    }
    return [[name, String(value)]]
  })
}

function readObject(json: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(json))
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error
    throw new HttpError(
      400,
      'not_json',
      'The body is no JSON such as {"since":"2026-01-01","until":"2026-01-31"}.',
    )
  }
}

/** A pull as it is answered. */
function describe({ number, kind, since, until, state, error: fault, share, ...times }: SyncRun) {
  const progress = Math.round(share * 1_000) / 1_000
  const { delay, beganAt, finishedAt } = times
  return { number, kind, since, until, state, progress, fault, delay, beganAt, finishedAt }
}
