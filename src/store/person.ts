import type { ExactNumber } from '../activity/exact-number.ts'
import { NAMES } from './names.ts'

/** A name of a contact: the parameter, and what it was. */
export type Name = { name: (typeof NAMES)[number]; value: string }

/** By what something tells whom it is about: the contact in decimal digits, and names. */
export type Person = { contactId: string | null; names: readonly Name[] }

/** Who is to be forgotten. */
export type Forgotten = {
  /** Decimal digits. */
  contactIds: readonly string[]
  /** Whatever carries it is about them; undefined where they were told by their contact. */
  given?: Name | undefined
  /** Other names that the contacts were seen under: what names no contact, but one of these, is theirs. */
  names: readonly Name[]
}

/** What is remembered of someone, and what something is looked up by: texts that are equal where it fits. */
export function keysOf({ contactIds, given, names }: Forgotten): string[] {
  return [
    ...contactIds.map((contactId) => `contactId ${contactId}`),
    ...(given ? [`${given.name} ${spell(given)}`] : []),
    ...names.map((name) => `nameless ${name.name} ${spell(name)}`),
  ]
}

/** The keys by which something about a person can have been forgotten. */
export function keysAbout({ contactId, names }: Person): string[] {
  const known = contactId === null ? [] : [`contactId ${contactId}`]
  return known.concat(
    names.flatMap((name) => {
      const text = `${name.name} ${spell(name)}`
      return contactId === null ? [text, `nameless ${text}`] : text
    }),
  )
}

/** Tells of persons whether they are someone who is to be forgotten. */
export function recognize(forgotten: Forgotten): (person: Person) => boolean {
  const keys = new Set(keysOf(forgotten))
  return (person) => keysAbout(person).some((key) => keys.has(key))
}

/** One spelling of a name: addresses in lower case, and of a phone number its digits. */
function spell({ name, value }: Name): string {
  if (name === 'email') return value.toLowerCase()
  return name === 'sms' ? value.replace(/\D/g, '') : value
}

/** A person from the columns of a row; integers beyond 2^53 as text or exact. */
export function toPerson(
  contactId: number | string | ExactNumber | null | undefined,
  valueOf: (name: Name['name']) => unknown,
): Person {
  const names = NAMES.flatMap((name): Name[] => {
    const value = valueOf(name)
    return typeof value === 'string' && value !== '' ? [{ name, value }] : []
  })
  const digits = typeof contactId === 'object' ? contactId?.rawJSON : contactId
  return { contactId: digits === undefined || digits === null ? null : String(digits), names }
}

const MEMBER = new RegExp(
  `"(contactId|${NAMES.join('|')})"\\s*:\\s*(-?\\d+|"(?:[^"\\\\]|\\\\.)*")`,
  'g',
)

/** Whom an element that is no event speaks of, however broken it is: read without a parser. */
export function findPersons(text: string): Person[] {
  const contactIds = new Set<string>()
  const names: Name[] = []
  for (const [, member = '', literal = ''] of text.matchAll(MEMBER)) {
    const value = literal.startsWith('"') ? readText(literal) : literal
    const name = NAMES.find((each) => each === member)
    if (name && value) names.push({ name, value })
    else if (/^-?\d{1,30}$/.test(value)) contactIds.add(String(BigInt(value)))
  }
  if (contactIds.size === 0) return [{ contactId: null, names }]
  return [...contactIds].map((contactId) => ({ contactId, names }))
}

function readText(literal: string): string {
  try {
    return String(JSON.parse(literal))
  } catch (error) {
    if (error instanceof SyntaxError) return ''
    throw error
  }
}
