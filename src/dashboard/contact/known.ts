import type { Context } from 'hono'
import { integer } from '../../read/fields.ts'
import { Refusal } from '../../refusal.ts'

/**
 * The id of the contact that an address names: decimal digits.
 * @throws Refusal 404 `not_found` where it is none
 */
export function readContactId({ req }: Context<{ Bindings: Env }>): string {
  const digits = integer.safeParse(req.param('contactId') ?? '').data
  if (digits === undefined) throw unknownContact()
  return String(BigInt(digits))
}

/** Refuses to show a contact of whom there is nothing. @param advice what to do about that */
export function unknownContact(advice = ''): Refusal {
  const message = 'Nothing is known of a contact with this id.'
  return new Refusal(404, 'not_found', advice ? `${message} ${advice}` : message)
}
