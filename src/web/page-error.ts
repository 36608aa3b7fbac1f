import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { textOf, type TextKey, type Values } from '../language/messages.ts'
import { HttpError, type ErrorCode, type PageErrorCode } from '../platform/http-error.ts'

/** An error that a page tells in the viewer's language. Its message, for logs and programs, is in English. */
export class PageError extends HttpError {
  readonly key: TextKey
  readonly values: Values

  /** @param parameter the invalid parameter, whose field is shown again @param log nothing for what may flood the log */
  constructor(
    status: ContentfulStatusCode,
    code: ErrorCode | PageErrorCode,
    key: TextKey,
    { values = {}, parameter, log }: { values?: Values; parameter?: string; log?: 'nothing' } = {},
  ) {
    super(status, code, textOf('en', key, values), {
      ...(parameter !== undefined && { details: { parameter } }),
      ...(log && { log }),
    })
    this.key = key
    this.values = values
  }
}
