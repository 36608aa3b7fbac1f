import type { Context } from 'hono'
import { routePath } from 'hono/route'
import { log } from '../platform/log.ts'
import { HttpError, type ErrorCode } from '../platform/http-error.ts'
import { classifyError, isDailyLimit, isMissingTable, isNotMigrated } from '../db/errors.ts'
import { delayUntilReset } from '../platform/retry-delay.ts'

/** The response to a thrown error: that of an HttpError, or an internal error for anything else. */
export function respondWithError(error: Error, context: Context): Response {
  const httpError = toHttpError(error, context)
  return context.json(httpError, httpError.status, httpError.headers)
}

/** The HttpError for what was thrown; logs it. */
export function toHttpError(error: Error, context: Context): HttpError {
  const httpError = error instanceof HttpError ? error : toUnexpected(error)
  const { status, code, details } = httpError
  if (httpError.log === 'nothing') return httpError
  log(status < 500 ? 'warn' : 'error', 'rejected', {
    method: context.req.method,
    route: routePath(context),
    status,
    code,
    ...(details['setting'] !== undefined && { setting: details['setting'] }),
    ...httpError.log,
  })
  return httpError
}

export function respondNotFound(context: Context): Response {
  const httpError = new HttpError(404, 'not_found', 'Not found.')
  return context.json(httpError, httpError.status)
}

/** @param allow the methods of the URL, as in the header Allow */
export function rejectMethod(allow: string): never {
  throw new HttpError(405, 'method_not_allowed', `Allowed methods: ${allow}.`, {
    headers: { Allow: allow },
    log: 'nothing', // anyone can cause it, any number of times
  })
}

// An error message may contain anything, so only the class and the line in the code are logged.
function toUnexpected(error: Error): HttpError {
  if (isMissingTable(error)) return toUnavailable(error, 'database_not_migrated', NOT_MIGRATED, 60)
  // A statement about a missing column fails every time: a consumer should wait, a reader should not. The message
  // has only names of our own tables.
  if (isNotMigrated(error)) {
    return new HttpError(500, 'internal', INTERNAL, {
      log: { errors: [error.message.slice(0, 200)] },
    })
  }
  if (isDailyLimit(error)) {
    return toUnavailable(error, 'daily_limit_reached', DAILY_LIMIT, delayUntilReset(Date.now()))
  }
  if (classifyError(error) === 'transient')
    return toUnavailable(error, 'unavailable', UNAVAILABLE, 10)
  const line = /^ {4}at .*$/m.exec(error.stack ?? '')?.[0] ?? ''
  return new HttpError(500, 'internal', INTERNAL, {
    log: { kind: error.name, at: line.trim() },
  })
}

const INTERNAL = "Internal error; see the Worker's log."
const NOT_MIGRATED =
  'The database is not migrated: tables that this version needs are missing. Run `npm run deploy`, or `npm start` for a local receiver.'
const DAILY_LIMIT =
  "The free plan's daily quota of database rows is used up; it resets at 00:00 UTC. A paid plan has no such limit."
const UNAVAILABLE = 'The database is unavailable. Try again.'

/** @param seconds until a retry makes sense */
function toUnavailable(error: Error, code: ErrorCode, message: string, seconds: number): HttpError {
  return new HttpError(503, code, message, {
    headers: { 'Retry-After': String(seconds) },
    log: { errors: [error.message.slice(0, 200)] },
  })
}
