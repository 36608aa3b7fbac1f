import { reasonOf } from '../event/bounce/reason.ts'
import type { ParameterName } from '../event/parameters.ts'
import { ADDRESS_OF, canonicalChannel } from '../event/channel.ts'
import { normalizeDomain } from '../event/identifier.ts'
import { MAX_DOMAIN } from '../db/reports/bounces.ts'
import type { StoredEvent } from '../db/stored-event.ts'
import type { Viewer } from './viewer.tsx'

/** A parameter as text, with every digit; undefined if it was not sent, or is empty. */
export function textOf(event: StoredEvent, name: ParameterName): string | undefined {
  const cell = event[name]
  return cell === null || cell === '' ? undefined : String(cell)
}

/** The name of a message, or its number if it has none. */
export function messageOf(event: StoredEvent, text: Viewer['text']): string {
  const name = textOf(event, 'messageName')
  if (name?.trim()) return name
  const id = textOf(event, 'messageId')
  return id === undefined ? '' : text('event.message', { id })
}

/** The recipient of a message: the address in its channel, or the contact ID. */
export function recipientOf(event: StoredEvent, text: Viewer['text']): string {
  const channel = canonicalChannel(textOf(event, 'mediaType') ?? '')
  const name = Object.hasOwn(ADDRESS_OF, channel) ? ADDRESS_OF[channel] : undefined
  const address = name && textOf(event, name)
  const contactId = textOf(event, 'contactId')
  return address ?? (contactId === undefined ? '' : text('event.contact', { id: contactId }))
}

/** The reason of a bounce, as in the bounce report; undefined if it is unknown. */
export function bounceReasonOf(event: StoredEvent): string | undefined {
  // In the functions of the database, a text ends at a NUL.
  const [description = ''] = (textOf(event, 'statusDescription') ?? '').split('\0', 1)
  return reasonOf(description) || undefined
}

/** The domain of an event's email address, as in the bounce report. */
export function domainOf(event: StoredEvent): string | undefined {
  const email = textOf(event, 'email') ?? ''
  const at = email.lastIndexOf('@')
  const domain = email.slice(at + 1, at + 2 + 2 * MAX_DOMAIN)
  return at < 0 || Array.from(domain).length > MAX_DOMAIN ? undefined : normalizeDomain(domain)
}
