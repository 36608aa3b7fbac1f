import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { LogFields } from './log.ts'

/** Fields of the response in addition to its code and message. */
type Details = Readonly<Record<string, string | number>>

/** The codes of errors that programs get; `openapi/errors.ts` explains each. */
export type ErrorCode =
  | AccessErrorCode
  | 'archive_unavailable'
  | 'body_too_large'
  | 'broken_transfer'
  | 'daily_limit_reached'
  | 'database_not_migrated'
  | 'forbidden'
  | 'internal'
  | 'invalid_body'
  | 'invalid_parameter'
  | 'method_not_allowed'
  | 'no_api_key'
  | 'no_record'
  | 'not_configured'
  | 'not_found'
  | 'not_json'
  | 'other_key'
  | 'too_many_contacts'
  | 'too_many_failures'
  | 'too_many_requests'
  | 'too_much_to_search'
  | 'unauthorized'
  | 'unavailable'

/** The codes of errors about Cloudflare Access. */
export type AccessErrorCode =
  | 'access_expired'
  | 'access_invalid'
  | 'access_other_application'
  | 'access_other_team'
  | 'access_read_only'
  | 'access_unavailable'

/** The codes of errors that only people get. */
export type PageErrorCode = 'access_required' | 'invalid_form' | 'too_large'

type More = {
  details?: Details
  headers?: Record<string, string>
  log?: LogFields | 'nothing'
}

/**
 * A rejected request, with its response: `{ "error": { "code", "message", …details } }`. It is thrown anywhere, and
 * handled in one place. Strangers may read the message, so it never contains the value of a setting.
 */
export class HttpError extends Error {
  readonly status: ContentfulStatusCode
  readonly code: ErrorCode | PageErrorCode
  readonly details: Details
  readonly headers: Readonly<Record<string, string>>
  /** Fields of the log line; `nothing` for an error that must not flood the log. */
  readonly log: LogFields | 'nothing'

  constructor(
    status: ContentfulStatusCode,
    code: ErrorCode | PageErrorCode,
    message: string,
    more: More = {},
  ) {
    super(message)
    this.status = status
    this.code = code
    this.details = more.details ?? {}
    this.headers = more.headers ?? {}
    this.log = more.log ?? {}
  }

  /** The same error with more fields in the log. */
  withLog(fields: LogFields): HttpError {
    const { status, code, message, details, headers, log } = this
    const merged = log === 'nothing' ? fields : { ...log, ...fields }
    return new HttpError(status, code, message, { details, headers, log: merged })
  }

  /** The body of the response. */
  toJSON(): object {
    return { error: { code: this.code, message: this.message, ...this.details } }
  }
}
