import { integer } from '../../http/query-fields.ts'
import type { TextKey } from '../../language/messages.ts'
import { PageError } from '../../web/page-error.ts'
import type { PageContext } from '../../web/viewer.tsx'

/**
 * The contact ID of a page's URL, decimal digits.
 * @throws PageError 404 `not_found` if it is not a number
 */
export function readContactId({ req }: PageContext): string {
  const digits = integer.safeParse(req.param('contactId') ?? '').data
  if (digits === undefined) throw unknownContact()
  return String(BigInt(digits))
}

/** The error for a contact without any data. */
export function unknownContact(key: TextKey = 'contacts.unknown'): PageError {
  return new PageError(404, 'not_found', key)
}
