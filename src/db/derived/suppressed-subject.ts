import { ADDRESS_OF } from '../../event/channel.ts'
import type { ExactNumber } from '../../event/exact-number.ts'
import { normalizeIdentifier } from '../../event/identifier.ts'
import type { ParameterName } from '../../event/parameters.ts'
import { cutText } from '../../platform/cut-text.ts'
import type { EventKey } from '../stored-event.ts'
import { readOwnMembers } from '../erasure/subject-members.ts'
import { toSubject, type Identifier } from '../erasure/subject.ts'

/** The subject of an event's suppression, without its contact ID, as `insertSuppressions` reads it. */
export type SuppressedSubject = [
  occurredAt: number,
  id: string,
  /** The one of the event's channel, or another that identifies the subject. */
  address: string | null,
  /** The parameter that has the address as its value. */
  addressType: string | null,
  externalCustomerId: string | null,
]

const ADDRESS_TYPES = ['email', 'sms', 'webpush', 'mobilepush'] as const
/** Characters of texts in the feed, as a row has a maximum size. */
export const MAX_TEXT = 2_000

/** The value of a column of an event. */
export type ValueOf = (name: ParameterName) => unknown

/** Whether an event is a hard bounce, a complaint or an unsubscription. */
export function isSuppressing(valueOf: ValueOf): boolean {
  const status = valueOf('activityStatus')
  if (status === 'UNDELIVERED') return valueOf('hardBounce') === 1
  return status === 'SPAM' || status === 'UNSUBSCRIBED'
}

/**
 * The subject to suppress for an event. The address is that of the event's channel. If the channel is unknown or has no
 * addresses, it is the event's only address. If nothing else identifies the subject, it is any address, or at least the
 * text that was sent as a contact ID but is not one.
 */
export function findSuppressed(
  { occurredAt, id }: EventKey,
  valueOf: ValueOf,
  extra: unknown,
): SuppressedSubject {
  const contactId = valueOf('contactId') as number | ExactNumber | null | undefined
  const { identifiers } = toSubject(contactId, valueOf, extra)
  const find = (name: Identifier['name']) =>
    identifiers.find(
      (each) => each.name === name && normalizeIdentifier(name, each.value) !== undefined,
    )
  const customerId = cut(find('externalCustomerId')?.value)
  const withAddress = (address?: { name: string; value: string }): SuppressedSubject => [
    occurredAt,
    id,
    cut(address?.value),
    address?.name ?? null,
    customerId,
  ]
  const mediaType = valueOf('mediaType')
  const channelType = typeof mediaType === 'string' ? ADDRESS_OF[mediaType] : undefined
  const addresses = ADDRESS_TYPES.flatMap((name) => find(name) ?? [])
  const ofChannel = addresses.find(({ name }) => name === channelType)
  if (ofChannel) return withAddress(ofChannel)
  const hasContact = contactId !== null && contactId !== undefined
  const isIdentified = hasContact || customerId !== null
  const isOnly = channelType === undefined && addresses.length === 1
  if (isOnly || !isIdentified) return withAddress(addresses[0] ?? findSent(extra))
  return withAddress()
}

function findSent(extra: unknown): { name: string; value: string } | undefined {
  const members = typeof extra === 'string' ? [...readOwnMembers(extra)] : []
  return members.find(({ name, value }) => name === 'contactId' && value.trim() !== '')
}

function cut(text: string | undefined): string | null {
  return text === undefined ? null : cutText(text.trim(), MAX_TEXT)
}
