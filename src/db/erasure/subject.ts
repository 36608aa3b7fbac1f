import type { ExactNumber } from '../../event/exact-number.ts'
import { normalizeIdentifier } from '../../event/identifier.ts'
import { NAMES } from '../events/identifiers.ts'
import { readMembers, readOwnMembers } from './subject-members.ts'

/** A name of a contact: the parameter, and what it was. */
export type Name = { name: (typeof NAMES)[number]; value: string }

/** By what something tells whom it is about: the contact in decimal digits, and names. */
export type DataSubject = { contactId: string | null; names: readonly Name[] }

/** Who is to be forgotten. */
export type TakenOut = {
  /** Decimal digits. */
  contactIds: readonly string[]
  /** Whatever carries it is about them; undefined where they were told by their contact. */
  given?: Name | undefined
  /** Other names that the contacts were seen under: what names no contact, but one of these, is theirs. */
  names: readonly Name[]
}

/**
 * What is remembered of someone, and what something is looked up by: texts that are equal where it
 * fits. What fills a field and tells nobody is none.
 */
export function keysOf({ contactIds, given, names }: TakenOut): string[] {
  return [
    ...contactIds.map((contactId) => `contactId ${contactId}`),
    ...(given ? keysOfNames([given]) : []),
    ...keysOfNames(names).map((text) => `nameless ${text}`),
  ]
}

/** The keys by which something about a person can have been forgotten. */
export function keysAbout({ contactId, names }: DataSubject): string[] {
  const texts = keysOfNames(names)
  return contactId === null
    ? texts.flatMap((text) => [text, `nameless ${text}`])
    : [`contactId ${contactId}`, ...texts]
}

function keysOfNames(names: readonly Name[]): string[] {
  return names.flatMap(({ name, value }) => {
    const identifier = normalizeIdentifier(name, value)
    return identifier === undefined ? [] : `${name} ${identifier}`
  })
}

/** Tells of persons whether they are someone who is to be forgotten. */
export function recognize(forgotten: TakenOut): (person: DataSubject) => boolean {
  const keys = new Set(keysOf(forgotten))
  return (person) => keysAbout(person).some((key) => keys.has(key))
}

/**
 * A person from the columns of a row; integers beyond 2^53 as text or exact.
 *
 * @param extra its column: a contact, or a name, of another type than it should have is there
 */
export function toSubject(
  contactId: number | string | ExactNumber | null | undefined,
  valueOf: (name: Name['name']) => unknown,
  extra?: unknown,
): DataSubject {
  const names = NAMES.flatMap((name): Name[] => {
    const value = valueOf(name)
    return typeof value === 'string' && value !== '' ? [{ name, value }] : []
  })
  const digits = typeof contactId === 'object' ? contactId?.rawJSON : contactId
  let known = digits === undefined || digits === null ? null : String(digits)
  if (typeof extra !== 'string') return { contactId: known, names }
  for (const { name, value } of readOwnMembers(extra)) {
    if (name !== 'contactId') names.push({ name, value })
    else known ??= toContactId(value) ?? null
  }
  return { contactId: known, names }
}

/** Of each kind: whoever comes after them in one element is not found in it. */
const MAX_FOUND = 1_000

/**
 * SuppressedSubject an element that is no event speaks of, however broken it is. All names are beside the first
 * contact, or beside none.
 *
 * @param most contacts, and names, that are taken: an element that speaks of more is about nobody else
 */
export function findSubjects(text: string, most = MAX_FOUND): DataSubject[] {
  const contactIds = new Set<string>()
  const names = new Map<string, Name>()
  for (const { name, value } of readMembers(text)) {
    if (name === 'contactId') {
      const contactId = toContactId(value)
      if (contactId !== undefined && contactIds.size < most) contactIds.add(contactId)
    } else if (names.size < most) {
      const identifier = normalizeIdentifier(name, value)
      if (identifier !== undefined) names.set(`${name} ${identifier}`, { name, value })
    }
  }
  const [first = null, ...others] = contactIds
  return [
    { contactId: first, names: [...names.values()] },
    ...others.map((contactId) => ({ contactId, names: [] })),
  ]
}

function toContactId(value: string): string | undefined {
  return /^\s*-?\d{1,30}\s*$/.test(value) ? String(BigInt(value)) : undefined
}
