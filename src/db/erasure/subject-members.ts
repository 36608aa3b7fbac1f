import { readNumber, readText } from '../../event/certain.ts'
import { isExactNumber, parseExactly } from '../../event/exact-number.ts'
import { listDropped } from '../../event/repeated-key.ts'
import { IDENTIFIERS } from '../../event/identifier.ts'

type MemberName = 'contactId' | (typeof IDENTIFIERS)[number]

/** A member of an object that identifies a data subject. The value of a number is its digits. */
export type Member = { name: MemberName; value: string }

const ALIASES = [
  ['webPushToken', 'webpush'],
  ['mobPushToken', 'mobilepush'],
] as const

/** The names of the members that identify a data subject. */
const MEMBER_NAMES: readonly string[] = [
  'contactId',
  ...IDENTIFIERS,
  ...ALIASES.map(([alias]) => alias),
]

/**
 * Whether the column `extra` of `activity` may mention a data subject, in SQL: it may be long, so it is read only then.
 * LIKE ignores case.
 */
export const MENTIONS_SUBJECT = `(${MEMBER_NAMES.map((name) => `activity.extra LIKE '%"${name}":%'`).join(' OR ')})`

const MEANINGS: ReadonlyMap<string, MemberName> = new Map<string, MemberName>([
  ['contactid', 'contactId'],
  ...IDENTIFIERS.map((name) => [name.toLowerCase(), name] as const),
  ...ALIASES.map(([alias, name]) => [alias.toLowerCase(), name] as const),
])

const ANY_NAME = MEMBER_NAMES.join('|')
const HEAD = `"(${ANY_NAME})"\\s*:\\s*\\[?\\s*`
const IS_MENTIONED = new RegExp(HEAD, 'i')
const MAY_BE_MENTIONED = new RegExp(`${ANY_NAME}|\\\\u00`, 'i') // a name can be written in escapes
// Values may take fifty times as much memory as their text.
const MAX_PARSED = 2_000_000 // characters; no stored event has as many

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y

/**
 * The members that identify data subjects, at any depth and with names in any case. The text may be an element, several
 * with commas in between, or a broken piece of one. Members with a repeated key are included.
 */
export function* readMembers(text: string): Generator<Member> {
  if (!MAY_BE_MENTIONED.test(text)) return
  const elements = text.length > MAX_PARSED ? undefined : parseAny(`[${text}]`)
  if (elements === undefined) {
    yield* scanMembers(text)
    return
  }
  for (const value of listObjects(elements)) yield* membersOf(value)
  for (const { json } of listDropped(`[${text}]`)) {
    for (const value of listObjects(parseAny(json))) yield* membersOf(value)
  }
}

/** Whether the text of an object, as `JSON.stringify` writes it, may mention a data subject. */
export function mentionsSubject(text: string): boolean {
  return IS_MENTIONED.test(text)
}

/** Like `readMembers`, but of an object's own members only, from its text as `JSON.stringify` writes it. */
export function* readOwnMembers(text: string): Generator<Member> {
  if (!mentionsSubject(text)) return
  const value = parseAny(text)
  if (typeof value === 'object' && value !== null) yield* membersOf(value)
}

/** A parsed value with every digit; undefined if the text is not JSON. */
export function parseAny(text: string): unknown {
  try {
    return parseExactly(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** A value and the arrays and objects within it, without recursion. */
export function* listObjects(root: unknown): Generator<object> {
  const pending = [root]
  while (pending.length > 0) {
    const value = pending.pop()
    if (typeof value !== 'object' || value === null || isExactNumber(value)) continue
    yield value
    for (const each of Object.values(value)) if (typeof each === 'object') pending.push(each)
  }
}

function* membersOf(value: object): Generator<Member> {
  if (Array.isArray(value)) return
  for (const [key, member] of Object.entries(value)) {
    const name = MEANINGS.get(key.toLowerCase())
    if (name === undefined) continue
    for (const each of Array.isArray(member) ? member : [member]) {
      const text = readText(each)
      if (text !== undefined) yield { name, value: text }
    }
  }
}

function* scanMembers(text: string): Generator<Member> {
  const head = new RegExp(HEAD, 'gi')
  for (let found = head.exec(text); found; found = head.exec(text)) {
    const name = MEANINGS.get((found[1] ?? '').toLowerCase())
    const literal = literalAt(text, head.lastIndex)
    head.lastIndex += literal.length
    if (name && literal) yield { name, value: readLiteral(literal) }
  }
}

/** The string or number literal at an index; one that is cut off extends to the end. */
export function literalAt(text: string, start: number): string {
  if (text[start] !== '"') {
    NUMBER.lastIndex = start
    return NUMBER.exec(text)?.[0] ?? ''
  }
  // Not by a pattern, which takes memory for each character: a text may have millions.
  let end = start + 1
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end)
    if (code === 0x5c) end++
    else if (code === 0x22) break
  }
  return text.slice(start, end + 1)
}

/** The value of a literal, as text; for a broken string, its characters. */
export function readLiteral(literal: string): string {
  if (!literal.startsWith('"')) return readNumber(literal)
  return readText(parseAny(literal)) ?? literal.slice(1, -1)
}
