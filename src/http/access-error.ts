import { textOf } from '../language/messages.ts'
import { HttpError, type AccessErrorCode } from '../platform/http-error.ts'

type More = ConstructorParameters<typeof HttpError>[3]

/** An error about Cloudflare Access, whose text is in the catalogue. */
export function accessError(
  status: 401 | 403 | 503,
  code: AccessErrorCode | 'access_required',
  more?: More,
): HttpError {
  return new HttpError(status, code, textOf('en', `error.${code}`), more)
}
