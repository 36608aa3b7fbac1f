import { textOf, type TextKey } from '../language/messages.ts'
import { HttpError } from '../platform/http-error.ts'

/** The code of an error about Cloudflare Access. */
export type AccessErrorCode =
  Extract<TextKey, `error.access_${string}`> extends `error.${infer Code}` ? Code : never

/** An error about Cloudflare Access, whose text is in the catalogue. */
export function accessError(
  status: 401 | 403 | 503,
  code: AccessErrorCode,
  more: ConstructorParameters<typeof HttpError>[3] = {},
): HttpError {
  return new HttpError(status, code, textOf('en', `error.${code}`), more)
}
