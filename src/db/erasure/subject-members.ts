import { readNumber, readText } from '../../event/certain.ts'
import { isExactNumber, parseExactly } from '../../event/exact-number.ts'
import { listDropped } from '../../event/repeated-key.ts'
import { NAMES } from '../events/identifiers.ts'

type MemberName = 'contactId' | (typeof NAMES)[number]

/** A member that tells of a person. A number comes as its digits. */
export type Member = { name: MemberName; value: string }

const ALIASES = [
  ['webPushToken', 'webpush'],
  ['mobPushToken', 'mobilepush'],
] as const

/** What the members that tell of a person are called. */
export const MEMBER_NAMES: readonly string[] = [
  'contactId',
  ...NAMES,
  ...ALIASES.map(([alias]) => alias),
]

const MEANINGS: ReadonlyMap<string, MemberName> = new Map<string, MemberName>([
  ['contactid', 'contactId'],
  ...NAMES.map((name) => [name.toLowerCase(), name] as const),
  ...ALIASES.map(([alias, name]) => [alias.toLowerCase(), name] as const),
])

const ANY_NAME = MEMBER_NAMES.join('|')
const HEAD = `"(${ANY_NAME})"\\s*:\\s*\\[?\\s*`
const IS_MENTIONED = new RegExp(HEAD, 'i')
const MAY_BE_NOTIFIED = new RegExp(`${ANY_NAME}|\\\\u00`, 'i') // a name can be written in escapes
// Values may take fifty times as much memory as their text.
const MAX_PARSED = 2_000_000 // characters; no event is stored that has as many

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y

/**
 * The members that tell of a person, in any depth and in any case of their names, of an element, of
 * several with commas in between, or of a piece of one, however broken it is; those too whose key comes again.
 */
export function* readMembers(text: string): Generator<Member> {
  if (!MAY_BE_NOTIFIED.test(text)) return
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

/** Whether the text of an object, as `JSON.stringify` writes it, may tell of a person. */
export function mentionsSubject(text: string): boolean {
  return IS_MENTIONED.test(text)
}

/** Those of an object's own members, from its text as `JSON.stringify` writes it. */
export function* readOwnMembers(text: string): Generator<Member> {
  if (!mentionsSubject(text)) return
  const value = parseAny(text)
  if (typeof value === 'object' && value !== null) yield* membersOf(value)
}

/** A value with every digit; undefined for what is no JSON. */
export function parseAny(text: string): unknown {
  try {
    return parseExactly(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** The arrays and objects that a value is made of, without recursion. */
export function* listObjects(root: unknown): Generator<object> {
  const waiting = [root]
  while (waiting.length > 0) {
    const value = waiting.pop()
    if (typeof value !== 'object' || value === null || isExactNumber(value)) continue
    yield value
    for (const each of Object.values(value)) if (typeof each === 'object') waiting.push(each)
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

/** The text or number that begins somewhere; one that is cut off ends with the text. */
export function literalAt(text: string, start: number): string {
  if (text[start] !== '"') {
    NUMBER.lastIndex = start
    return NUMBER.exec(text)?.[0] ?? ''
  }
  // By hand: a pattern takes memory for each character, and a text may have millions.
  let end = start + 1
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end)
    if (code === 0x5c) end++
    else if (code === 0x22) break
  }
  return text.slice(start, end + 1)
}

/** What a literal says; a broken text as it stands there. */
export function readLiteral(literal: string): string {
  if (!literal.startsWith('"')) return readNumber(literal)
  return readText(parseAny(literal)) ?? literal.slice(1, -1)
}
