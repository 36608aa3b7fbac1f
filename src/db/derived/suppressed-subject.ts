import { ADDRESS_OF } from '../../event/address.ts'
import type { ExactNumber } from '../../event/exact-number.ts'
import { normalizeIdentifier } from '../../event/identifier.ts'
import type { ParameterName } from '../../event/parameters.ts'
import { cutText } from '../../platform/cut-text.ts'
import type { Position, StoredActivity } from '../stored-activity.ts'
import { readOwnMembers } from '../erasure/subject-members.ts'
import { toSubject, type Name } from '../erasure/subject.ts'

/** SuppressedSubject the suppression of an event is for, beside its contact ID: what `INSERT_SUPPRESSIONS` reads. */
export type SuppressedSubject = [
  occurredAt: number,
  id: string,
  /** In the event's channel, or else another one by which it says whom it is about. */
  address: string | null,
  /** The parameter that the address is the value of. */
  addressType: string | null,
  externalCustomerId: string | null,
]

const ADDRESS_TYPES = ['email', 'sms', 'webpush', 'mobilepush'] as const
/** Of what is copied into the feed: a row has its limit. */
export const MAX_TEXT = 2_000

/** What an event has in a column. */
export type ValueOf = (name: ParameterName) => unknown

/** Whether an event says that someone is not to be written to any more. */
export function isSuppressing(valueOf: ValueOf): boolean {
  const status = valueOf('activityStatus')
  if (status === 'UNDELIVERED') return valueOf('hardBounce') === 1
  return status === 'SPAM' || status === 'UNSUBSCRIBED'
}

/**
 * SuppressedSubject an event is about, however it names them. The address is that of the event's channel. Of a channel that is
 * unknown, or has none, it is the only one that the event has; and where nothing else tells whom it is about,
 * whichever there is, if only what was sent for a contact ID and is none.
 */
export function findSuppressed(
  { occurredAt, id }: Position,
  valueOf: ValueOf,
  extra: unknown,
): SuppressedSubject {
  const contactId = valueOf('contactId') as number | ExactNumber | null | undefined
  const { names } = toSubject(contactId, valueOf, extra)
  const find = (name: Name['name']) =>
    names.find((each) => each.name === name && normalizeIdentifier(name, each.value) !== undefined)
  const whom = (address?: { name: string; value: string }): SuppressedSubject => [
    ...([occurredAt, id, cut(address?.value), address?.name ?? null] as const),
    cut(find('externalCustomerId')?.value),
  ]
  const mediaType = valueOf('mediaType')
  const own = typeof mediaType === 'string' ? ADDRESS_OF[mediaType] : undefined
  const addresses = ADDRESS_TYPES.flatMap((name) => find(name) ?? [])
  const ofChannel = addresses.find(({ name }) => name === own)
  if (ofChannel) return whom(ofChannel)
  const hasContact = contactId !== null && contactId !== undefined
  const isNamed = hasContact || find('externalCustomerId') !== undefined
  const isClear = own === undefined && addresses.length === 1
  if (isClear || !isNamed) return whom(addresses[0] ?? findSent(extra))
  return whom()
}

/** The same of what is stored. */
export function findSubjectOf(activity: StoredActivity): SuppressedSubject {
  return findSuppressed(activity, (name) => activity[name], activity.extra)
}

function findSent(extra: unknown): { name: string; value: string } | undefined {
  const members = typeof extra === 'string' ? [...readOwnMembers(extra)] : []
  return members.find(({ name, value }) => name === 'contactId' && value.trim() !== '')
}

function cut(text: string | undefined): string | null {
  return text === undefined ? null : cutText(text.trim(), MAX_TEXT)
}
