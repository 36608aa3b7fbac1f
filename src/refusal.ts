import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** What a refusal tells besides its code and message. */
type Details = Readonly<Record<string, string | number>>

/**
 * A request that is not served, with the answer to it. Thrown anywhere behind `app.ts`, which
 * answers `{ "error": { "code", "message", …details } }`. The message is read by a person, and
 * sometimes by a stranger: it never holds a value of a setting.
 */
export class Refusal extends Error {
  readonly status: ContentfulStatusCode
  readonly code: string
  readonly details: Details
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: ContentfulStatusCode,
    code: string,
    message: string,
    more: { details?: Details; headers?: Record<string, string> } = {},
  ) {
    super(message)
    this.status = status
    this.code = code
    this.details = more.details ?? {}
    this.headers = more.headers ?? {}
  }

  /** The body of the answer. */
  toJSON(): object {
    return { error: { code: this.code, message: this.message, ...this.details } }
  }
}
