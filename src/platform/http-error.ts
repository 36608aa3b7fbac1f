import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { LogFields } from './log.ts'

/** What a refusal tells besides its code and message. */
type Details = Readonly<Record<string, string | number>>

type More = {
  details?: Details
  headers?: Record<string, string>
  log?: LogFields | 'nothing'
}

/**
 * A request that is not served, with the answer to it. Thrown anywhere behind `app.ts`, which
 * answers `{ "error": { "code", "message", …details } }`. The message is read by a person, and
 * sometimes by a stranger: it never holds a value of a setting.
 */
export class HttpError extends Error {
  readonly status: ContentfulStatusCode
  readonly code: string
  readonly details: Details
  readonly headers: Readonly<Record<string, string>>
  /** What only the log says of it; `nothing` for one that the log is not to be filled with. */
  readonly log: LogFields | 'nothing'

  constructor(status: ContentfulStatusCode, code: string, message: string, more: More = {}) {
    super(message)
    this.status = status
    this.code = code
    this.details = more.details ?? {}
    this.headers = more.headers ?? {}
    this.log = more.log ?? {}
  }

  /** The same, of which the log says more. */
  withLog(fields: LogFields): HttpError {
    const { status, code, message, details, headers } = this
    return new HttpError(status, code, message, { details, headers, log: fields })
  }

  /** The body of the answer. */
  toJSON(): object {
    return { error: { code: this.code, message: this.message, ...this.details } }
  }
}
