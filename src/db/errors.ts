import { HttpError } from '../platform/http-error.ts'

/** The error of a transaction during which an erasure began: see `REQUIRE_VERSION`. */
export const NEW_ERASURE = 'an erasure began meanwhile'

/** The error of an erasure whose identifier got another contact meanwhile: see `startErasure`. */
export const NEW_CONTACT = 'a contact came meanwhile'

/**
 * Kinds of errors of D1.
 * - `transient`: the database is unavailable or busy; the same statement will succeed later
 * - `permanent`: the statement's data is invalid and will fail every time
 * - `unknown`: the data may be invalid
 */
export type ErrorKind = 'transient' | 'permanent' | 'unknown'

// A deployment without its migration causes these.
const NOT_MIGRATED = ['no such table', 'no such column', 'no such index', 'has no column']

// https://developers.cloudflare.com/d1/observability/debug-d1/#error-list
const TRANSIENT = [
  'Network connection lost',
  'storage caused object to be reset',
  'reset because its code was updated',
  'overloaded',
  'exceeded timeout',
  'Cannot resolve D1 DB',
  'internal error',
  'time limit',
  'Too many API requests',
  'Too many subrequests', // in this invocation; the next one has its own limit
  'long-running export',
  'exceeded its memory limit',
  "Can't read from request stream",
  'SQLITE_NOMEM',
  'SQLITE_BUSY',
  NEW_ERASURE,
  NEW_CONTACT,
  // These last until the operator acts or the day is over: until then, events should wait.
  'SQLITE_FULL',
  'maximum DB size',
  'storage limit',
  'daily',
  ...NOT_MIGRATED,
]
const PERMANENT = ['SQLITE_CONSTRAINT', 'malformed JSON', 'SQLITE_TOOBIG', 'SQLITE_MISMATCH']

// https://developers.cloudflare.com/d1/observability/debug-d1/#error-list: "Your account has exceeded D1's
// free tier daily row write limit. Upgrade to a paid plan or wait until tomorrow (midnight UTC) to continue."
const DAILY_LIMIT = /\bdaily\b.*\blimit\b/i

/** Whether D1 failed because a daily quota is used up: it works again after 00:00 UTC. */
export function isDailyLimit(error: unknown): boolean {
  return DAILY_LIMIT.test(String(error))
}

/** Whether work failed because nothing durable can be reached: it is tried again, and nothing in it is to blame. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof HttpError || classifyError(error) === 'transient'
}

/** Whether the database was never migrated. */
export function isMissingTable(error: unknown): boolean {
  return String(error).includes('no such table')
}

/** Whether the database lacks a table, column or index of a statement. */
export function isNotMigrated(error: unknown): boolean {
  return NOT_MIGRATED.some((text) => String(error).includes(text))
}

/** The kind of an error that D1 threw. */
export function classifyError(error: unknown): ErrorKind {
  if (error instanceof SyntaxError) return 'permanent' // a message that is not JSON
  const message = error instanceof Error ? error.message : String(error)
  if (PERMANENT.some((text) => message.includes(text))) return 'permanent'
  return TRANSIENT.some((text) => message.includes(text)) ? 'transient' : 'unknown'
}
