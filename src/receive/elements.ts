import { Buffer } from 'node:buffer'
import { mayLoseDigits, parseExactly } from '../activity/exact-number.ts'
import { findFault } from '../activity/json-text.ts'
import { isDeeperThan, MAX_DEPTH } from '../activity/normalize.ts'
import { countMembers, countWritten, listDropped, type Dropped } from '../activity/repeated-key.ts'
import { sliceElements, type Slices } from '../activity/slice-elements.ts'
import { Refusal } from '../refusal.ts'

/** The elements of one request's body, in order. */
export type Elements = {
  /** How many there are. */
  count: number
  /** The value of each; `NOT_UTF8` for one whose bytes are no text, `TOO_MANY` for a last that is many. */
  values: readonly unknown[]
  /**
   * The piece of the body that an element was, as it was sent; one that is not UTF-8 with a
   * character for each byte (ISO 8859-1).
   */
  sourceOf(index: number): string
  /** Whether that piece is not UTF-8. */
  isBytes(index: number): boolean
  /** What of it its value does not tell: the first; asked of an object that is text. */
  findDropped(index: number): Dropped | undefined
}

/** Stands for the value of an element whose bytes are not UTF-8. */
export const NOT_UTF8 = Symbol('not UTF-8')

/** Stands for all the elements of a body after the first `MAX_ELEMENTS`. */
export const TOO_MANY = Symbol('too many')

/** The largest body has room for some 30,000 events; what holds more is none of Yespo's. */
export const MAX_ELEMENTS = 50_000

/**
 * The elements of a body: those of an array, or a single object.
 * @throws Refusal 400 where the body is not JSON, or neither an array nor an object
 */
export function parseElements(body: Uint8Array): Elements {
  const text = decodeUtf8(body)
  // Structure is ASCII, so a body with broken characters can still be taken apart, and only the
  // elements that are broken are lost to reading.
  const readable = text ?? latin1(body).replace(LATIN1_BOM, '')
  const value = parse(readable)
  if (typeof value !== 'object' || value === null) {
    const article = value === null ? 'null' : `a ${typeof value}`
    throw notJson(`The body is ${article}; expected a JSON array of events, or one event.`)
  }
  const all: readonly unknown[] = Array.isArray(value) ? value : [value]
  let known: Slices | undefined
  const slices = () =>
    (known ??= Array.isArray(value)
      ? sliceElements(readable, MAX_ELEMENTS, all)
      : { elements: [readable.trim()], rest: '' })
  let values = all.length > MAX_ELEMENTS ? all.slice(0, MAX_ELEMENTS) : all
  if (text === undefined) values = slices().elements.map(parseBytes)
  else if (mayLoseDigits(text)) {
    values = values.map((plain, index) => {
      const source = slices().elements[index] ?? ''
      return mayLoseDigits(source) ? exactly(plain, source) : plain
    })
  }
  const isRepetitive = countWritten(body) !== countMembers(value)
  const pieceOf = (index: number) => slices().elements[index] ?? slices().rest
  const decode = (index: number) =>
    text === undefined ? decodeUtf8(latin1Bytes(pieceOf(index))) : pieceOf(index)
  return {
    count: all.length,
    values: all.length > MAX_ELEMENTS ? [...values, TOO_MANY] : values,
    sourceOf: (index) => decode(index) ?? pieceOf(index),
    isBytes: (index) => decode(index) === undefined,
    findDropped: (index) =>
      isRepetitive ? (listDropped(decode(index) ?? '').next().value ?? undefined) : undefined,
  }
}

const LATIN1_BOM = /^\u00ef\u00bb\u00bf/

/** Undefined where the bytes are not UTF-8; a byte order mark is dropped. */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

/** The bytes that have a character each. */
function latin1Bytes(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}

/** An element of a body that is not UTF-8 throughout; it may be itself. */
function parseBytes(source: string): unknown {
  const text = decodeUtf8(latin1Bytes(source))
  return text === undefined ? NOT_UTF8 : exactly(JSON.parse(text), text)
}

function exactly(plain: unknown, source: string): unknown {
  // Reading exactly is recursive; what is nested deeper than can be stored is set aside anyway.
  return isDeeperThan(MAX_DEPTH + 1, plain) ? plain : parseExactly(source)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    if (text.trim() === '') throw notJson('The body is empty; expected a JSON array of events.')
    const fault = findFault(text)
    if (fault === undefined) throw notJson('The body is not JSON.')
    const { found, ...place } = fault
    throw notJson(
      `The body is not JSON: unexpected ${found} in line ${place.line}, column ${place.column}.`,
      place,
    )
  }
}

function notJson(message: string, details: Record<string, number> = {}): Refusal {
  return new Refusal(400, 'not_json', message, { details })
}
