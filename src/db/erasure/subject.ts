import type { ExactNumber } from '../../event/exact-number.ts'
import { IDENTIFIERS, normalizeIdentifier, type IdentifierName } from '../../event/identifier.ts'
import { readMembers, readOwnMembers } from './subject-members.ts'

/** An identifier of a contact: the parameter, and its value. */
export type Identifier = { name: IdentifierName; value: string }

/** The data subject of an event or item: the contact in decimal digits, and identifiers. */
export type DataSubject = { contactId: string | null; identifiers: readonly Identifier[] }

/** A data subject to erase. */
export type ErasureSubject = {
  /** Decimal digits. */
  contactIds: readonly string[]
  /** The requested identifier: everything with it is about them. Undefined if a contact ID was requested. */
  requested?: Identifier | undefined
  /** Other identifiers of the contacts: everything with one of these and without a contact is about them. */
  identifiers: readonly Identifier[]
}

/** The keys of a data subject to erase, whose digests are stored. On a match they equal those of `keysAbout`. */
export function keysOf({ contactIds, requested, identifiers }: ErasureSubject): string[] {
  return [
    ...contactIds.map((contactId) => `contactId ${contactId}`),
    ...(requested ? textsOf([requested]) : []),
    ...textsOf(identifiers).map((text) => `nameless ${text}`),
  ]
}

/** The keys by which a data subject may have been erased. */
export function keysAbout({ contactId, identifiers }: DataSubject): string[] {
  const texts = textsOf(identifiers)
  return contactId === null
    ? texts.flatMap((text) => [text, `nameless ${text}`])
    : [`contactId ${contactId}`, ...texts]
}

/** Omits placeholders, which identify no one. */
function textsOf(identifiers: readonly Identifier[]): string[] {
  return identifiers.flatMap(({ name, value }) => {
    const identifier = normalizeIdentifier(name, value)
    return identifier === undefined ? [] : `${name} ${identifier}`
  })
}

/** Returns a function that decides whether a data subject is the one to erase. */
export function subjectMatcher(erased: ErasureSubject): (subject: DataSubject) => boolean {
  const keys = new Set(keysOf(erased))
  return (subject) => keysAbout(subject).some((key) => keys.has(key))
}

/**
 * The data subject of a row, from its columns; integers beyond 2^53 as text or exact.
 *
 * @param extra the value of this column: it has a contact or an identifier of an undocumented type
 */
export function toSubject(
  contactId: number | string | ExactNumber | null | undefined,
  valueOf: (name: IdentifierName) => unknown,
  extra?: unknown,
): DataSubject {
  const identifiers = IDENTIFIERS.flatMap((name): Identifier[] => {
    const value = valueOf(name)
    return typeof value === 'string' && value !== '' ? [{ name, value }] : []
  })
  const digits = typeof contactId === 'object' ? contactId?.rawJSON : contactId
  let known = digits === undefined || digits === null ? null : String(digits)
  if (typeof extra !== 'string') return { contactId: known, identifiers }
  for (const { name, value } of readOwnMembers(extra)) {
    if (name !== 'contactId') identifiers.push({ name, value })
    else known ??= toContactId(value) ?? null
  }
  return { contactId: known, identifiers }
}

/** Per element, for contacts and for identifiers. */
const MAX_FOUND = 1_000

/**
 * The data subjects of an element that is not a valid event, even if it is broken. All identifiers belong to the first
 * contact, if there is one.
 *
 * @param most the maximum number of contacts, and of identifiers
 */
export function findSubjects(text: string, most = MAX_FOUND): DataSubject[] {
  const contactIds = new Set<string>()
  const identifiers = new Map<string, Identifier>()
  for (const { name, value } of readMembers(text)) {
    if (name === 'contactId') {
      const contactId = toContactId(value)
      if (contactId !== undefined && contactIds.size < most) contactIds.add(contactId)
    } else if (identifiers.size < most) {
      const identifier = normalizeIdentifier(name, value)
      if (identifier !== undefined) identifiers.set(`${name} ${identifier}`, { name, value })
    }
  }
  const [first = null, ...others] = contactIds
  return [
    { contactId: first, identifiers: [...identifiers.values()] },
    ...others.map((contactId) => ({ contactId, identifiers: [] })),
  ]
}

function toContactId(value: string): string | undefined {
  return /^\s*-?\d{1,30}\s*$/.test(value) ? String(BigInt(value)) : undefined
}
