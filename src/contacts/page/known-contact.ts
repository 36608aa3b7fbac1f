import type { Context } from 'hono'
import { integer } from '../../http/query-fields.ts'
import { HttpError } from '../../platform/http-error.ts'

/**
 * The id of the contact that an address names: decimal digits.
 * @throws HttpError 404 `not_found` where it is none
 */
export function readContactId({ req }: Context<{ Bindings: Env }>): string {
  const digits = integer.safeParse(req.param('contactId') ?? '').data
  if (digits === undefined) throw unknownContact()
  return String(BigInt(digits))
}

/** Refuses to show a contact of whom there is nothing. @param advice what to do about that */
export function unknownContact(advice = ''): HttpError {
  const message = 'Nothing is known of a contact with this id.'
  return new HttpError(404, 'not_found', advice ? `${message} ${advice}` : message)
}
