import * as z from 'zod'
import { HOUR_MS, startOfHour } from '../event/clock.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { moment } from '../http/response-fields.ts'
import { period, perZone } from '../http/query-fields.ts'
import { checkPeriod, invalidParameter, parseQuery } from '../http/parse-query.ts'
import { HttpError } from '../platform/http-error.ts'
import { syncSettings, readSettings } from '../settings/settings.ts'
import { cancelRunning, listRuns, type SyncRun } from '../db/sync/runs.ts'
import { startSync, MAX_BACK_MS, RESOLVED_MS } from './runs.ts'

const SHOWN = 20

/** Query parameters of `POST /backfill`; the body may have them as JSON. */
export const backfillQuery = perZone((zone) => z.strictObject(period(zone)))

const backfillSchema = lazily(() =>
  z
    .strictObject({
      backfill: z.int().meta({ description: 'Its number.' }),
      since: moment('Its start, at a full hour'),
      until: moment('Its end, not included, at a full hour'),
    })
    .meta({ id: 'Backfill' }),
)

const showBackfills = defineEndpoint({
  method: 'get',
  path: '/backfill',
  access: 'readToken',
  operationId: 'showBackfills',
  tag: 'Service',
  summary: 'List syncs with Yespo’s API',
  description: 'All running syncs and the last 20, scheduled ones too. Newest first.',
  response: lazily(() =>
    z
      .strictObject({
        backfills: z.array(
          z.strictObject({
            number: z.int(),
            kind: z.enum(['schedule', 'backfill']),
            since: moment('Its start'),
            until: moment('Its end, not included'),
            state: z.enum(['running', 'finished', 'cancelled', 'stopped']),
            progress: z.number().meta({ description: 'From 0 to 1.' }),
            error: z.string().nullable().meta({ description: 'Why it was stopped.' }),
            delay: z.string().nullable().meta({ description: 'What it waits for.' }),
            beganAt: moment('When it was started'),
            finishedAt: moment('When it ended').nullable(),
          }),
        ),
      })
      .meta({ id: 'Backfills' }),
  ),
  async handle({ env }) {
    const runs = await listRuns(env.DB, SHOWN)
    return { backfills: runs.map(describe) }
  },
})

const startBackfill = defineEndpoint({
  method: 'post',
  path: '/backfill',
  access: 'operateToken',
  operationId: 'startBackfill',
  conflict: true,
  tag: 'Service',
  summary: 'Sync a period from Yespo’s API',
  description:
    'Up to 90 days back, in the background: `GET /backfill` shows the progress. `since` is required. Each parameter is given once, here or as a string or number of a JSON object in the body, in which null means absent. Full hours are synced, up to the last that ended at least 15 minutes ago: the webhook may still deliver later events. A period that is being synced already is not started again: the response names the running sync.',
  query: backfillQuery,
  response: backfillSchema,
  async handle({ env }, { req }) {
    const parameters = new URL(req.url).searchParams
    for (const [name, value] of await readBody(req.raw)) parameters.append(name, value)
    return startBackfillRun(env, parameters, readSettings(env).timeZone)
  },
})

const cancelBackfills = defineEndpoint({
  method: 'delete',
  path: '/backfill',
  access: 'operateToken',
  operationId: 'cancelBackfills',
  tag: 'Service',
  summary: 'Cancel all running syncs',
  description: 'Events synced so far are kept.',
  response: lazily(() => z.strictObject({ cancelled: z.int() }).meta({ id: 'Cancelled' })),
  handle: async ({ env }) => ({ cancelled: await cancelRunning(env.DB, Date.now()) }),
})

export const backfillEndpoints = [showBackfills, startBackfill, cancelBackfills]

/**
 * Starts a backfill, unless one of the same period is running.
 *
 * @param zone the time zone of times without one
 * @throws HttpError 400 `invalid_parameter` that names what is wrong, and 409 `no_api_key` without a key
 */
export async function startBackfillRun(
  env: Env,
  parameters: URLSearchParams,
  zone: string,
): Promise<z.input<ReturnType<typeof backfillSchema>>> {
  const now = Date.now()
  const query = parseQuery(backfillQuery(zone), parameters)
  if (!syncSettings(env)) {
    throw new HttpError(
      409,
      'no_api_key',
      "Set the secret YESPO_API_KEY first: the key of Yespo's API, from Account settings → API.",
      { details: { setting: 'YESPO_API_KEY' } },
    )
  }
  const { since, until } = chooseHours(query, now)
  const running = (await listRuns(env.DB, 0)).find(
    (run) => run.since === since && run.until === until,
  )
  const backfill = running?.number ?? (await startSync(env, 'backfill', since, until, now))
  return { backfill, since, until }
}

/**
 * The full hours of a period, up to the last hour whose events the webhook must have delivered: later ones would count
 * as missed.
 */
function chooseHours(
  { since, until }: { since?: number | undefined; until?: number | undefined },
  now: number,
): { since: number; until: number } {
  if (since === undefined) throw invalidParameter('since', 'is required')
  if (since > now) throw invalidParameter('since', 'must not be in the future')
  if (since < now - MAX_BACK_MS) {
    throw invalidParameter('since', 'must be within the last 90 days, which Yespo keeps')
  }
  checkPeriod({ since, until })
  const hours = {
    since: startOfHour(since),
    until: Math.min(startOfHour((until ?? now) + HOUR_MS - 1), startOfHour(now - RESOLVED_MS)),
  }
  if (hours.until <= hours.since) {
    throw invalidParameter(
      'since',
      'leaves nothing to sync yet: an hour is synced 15 minutes after its end, as the webhook may deliver its events until then',
    )
  }
  return hours
}

/** The parameters in a JSON body; null means absent. */
async function readBody(request: Request): Promise<[name: string, value: string][]> {
  const text = await request.text()
  if (text.trim() === '') return []
  return Object.entries(readObject(text)).flatMap(([name, value]) => {
    if (value === null) return []
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw invalidParameter(name, 'must be a string or a number in the JSON body')
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
      'The body must be a JSON object such as {"since":"2026-01-01","until":"2026-01-31"}.',
    )
  }
}

/** A sync run as in responses. */
function describe({ number, kind, since, until, state, error, share, ...times }: SyncRun) {
  const progress = Math.round(share * 1_000) / 1_000
  const { delay, beganAt, finishedAt } = times
  return { number, kind, since, until, state, progress, error, delay, beganAt, finishedAt }
}
