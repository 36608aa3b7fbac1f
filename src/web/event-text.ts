import { reasonOf } from '../event/bounce/reason.ts'
import type { ParameterName } from '../event/parameters.ts'
import { ADDRESS_OF, canonicalChannel } from '../event/channel.ts'
import { normalizeDomain } from '../event/identifier.ts'
import { MAX_DOMAIN } from '../db/reports/bounces.ts'
import type { StoredActivity } from '../db/stored-activity.ts'

/** A parameter as text, every digit of it; undefined if it was not sent, or is empty. */
export function textOf(activity: StoredActivity, name: ParameterName): string | undefined {
  const cell = activity[name]
  return cell === null || cell === '' ? undefined : String(cell)
}

/** The name of a message, or its number if it has none. */
export function messageOf(activity: StoredActivity): string {
  const name = textOf(activity, 'messageName')
  if (name?.trim()) return name
  const id = textOf(activity, 'messageId')
  return id === undefined ? '' : `Message ${id}`
}

/** The recipient of a message: the address in its channel, or else the contact. */
export function recipientOf(activity: StoredActivity): string {
  const channel = canonicalChannel(textOf(activity, 'mediaType') ?? '')
  const name = Object.hasOwn(ADDRESS_OF, channel) ? ADDRESS_OF[channel] : undefined
  const address = name && textOf(activity, name)
  const contactId = textOf(activity, 'contactId')
  return address ?? (contactId === undefined ? '' : `Contact ${contactId}`)
}

/** The reason of a bounce, as in the bounce report; undefined if it is unknown. */
export function bounceReasonOf(activity: StoredActivity): string | undefined {
  // To the functions of the database, a text ends at a NUL.
  const [description = ''] = (textOf(activity, 'statusDescription') ?? '').split('\0', 1)
  return reasonOf(description) || undefined
}

/** The domain of an event's email address, as in the bounce report. */
export function domainOf(activity: StoredActivity): string | undefined {
  const email = textOf(activity, 'email') ?? ''
  const at = email.lastIndexOf('@')
  const domain = email.slice(at + 1, at + 2 + 2 * MAX_DOMAIN)
  return at < 0 || Array.from(domain).length > MAX_DOMAIN ? undefined : normalizeDomain(domain)
}
