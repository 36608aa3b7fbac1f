import { integer } from '../../http/query-fields.ts'
import { HttpError } from '../../platform/http-error.ts'
import type { PageContext } from '../../web/viewer.tsx'

/**
 * The contact ID of a page's URL, decimal digits.
 * @throws HttpError 404 `not_found` if it is not a number
 */
export function readContactId({ req }: PageContext): string {
  const digits = integer.safeParse(req.param('contactId') ?? '').data
  if (digits === undefined) throw unknownContact()
  return String(BigInt(digits))
}

/** The error for a contact without any data. @param advice another sentence */
export function unknownContact(advice = ''): HttpError {
  return new HttpError(404, 'not_found', `There is no contact with this ID. ${advice}`.trimEnd())
}
