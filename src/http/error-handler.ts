import type { Context, Handler } from 'hono'
import { routePath } from 'hono/route'
import { log } from '../platform/log.ts'
import { HttpError } from '../platform/http-error.ts'
import { classifyError, isDailyLimit, isMissingTable, isNotMigrated } from '../db/errors.ts'
import { delayUntilReset } from '../platform/retry-delay.ts'

/** Answers what was thrown: a refusal as it says, anything else as a fault of ours. */
export function respondWithError(error: Error, context: Context): Response {
  const refusal = toHttpError(error, context)
  return context.json(refusal, refusal.status, refusal.headers)
}

/** What was thrown as a refusal, and as a line of the log. */
export function toHttpError(error: Error, context: Context): HttpError {
  const refusal = error instanceof HttpError ? error : unexpected(error)
  const { status, code, details } = refusal
  if (refusal.log === 'nothing') return refusal
  log(status < 500 ? 'warn' : 'error', 'refused', {
    method: context.req.method,
    route: routePath(context),
    status,
    code,
    ...(details['setting'] !== undefined && { setting: details['setting'] }),
    ...refusal.log,
  })
  return refusal
}

export function respondNotFound(context: Context): Response {
  const refusal = new HttpError(404, 'not_found', 'Not found.')
  return context.json(refusal, refusal.status)
}

export function respondMethodNotAllowed(allow: string): Handler {
  return () => {
    throw new HttpError(405, 'method_not_allowed', `This address takes ${allow}.`, {
      headers: { Allow: allow },
      log: 'nothing', // anybody may ask for it, as often as they like
    })
  }
}

// Its message may hold anything, so only its kind and place are logged, and nothing is told.
function unexpected(error: Error): HttpError {
  if (isMissingTable(error)) return rejectFor(error, 'database_not_migrated', NOT_MIGRATED, 60)
  // A statement that asks for what is not there fails every time: for a consumer it is worth waiting, for a
  // reader it is not. The message has names of our own tables alone.
  if (isNotMigrated(error)) {
    return new HttpError(500, 'internal', INTERNAL, {
      log: { faults: [error.message.slice(0, 200)] },
    })
  }
  if (isDailyLimit(error)) {
    return rejectFor(error, 'daily_limit_reached', DAILY_LIMIT, delayUntilReset(Date.now()))
  }
  if (classifyError(error) === 'transient') return rejectFor(error, 'unavailable', AWAY, 10)
  const place = /^ {4}at .*$/m.exec(error.stack ?? '')?.[0] ?? ''
  return new HttpError(500, 'internal', INTERNAL, {
    log: { kind: error.name, place: place.trim() },
  })
}

const INTERNAL = "Internal error; see the Worker's log."
const NOT_MIGRATED =
  'The database is not migrated: it lacks tables that this version needs. Run `npm run deploy`, or `npm start` for a local receiver.'
const DAILY_LIMIT =
  "The database's rows of the free plan are used up for today; it answers again after 00:00 UTC. A paid plan has no such limit."
const AWAY = 'The database does not answer right now. Try again.'

/** @param seconds after which asking again makes sense */
function rejectFor(error: Error, code: string, message: string, seconds: number): HttpError {
  return new HttpError(503, code, message, {
    headers: { 'Retry-After': String(seconds) },
    log: { faults: [error.message.slice(0, 200)] },
  })
}
