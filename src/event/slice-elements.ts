import { Buffer } from 'node:buffer'
import { Scanner, type Traits } from './json-text.ts'

/** Where an element stands in its body, in bytes, and what it is like. */
export type Slice = Traits & { start: number; end: number }

/** The elements of a body, in order. */
export type Slices = {
  /** Those that are whole; no more than were asked for. */
  elements: Slice[]
  /** How many are whole. */
  count: number
  /** What they are in: objects may come one after the other; a scalar is none, and has no elements. */
  shape: 'array' | 'objects' | 'scalar'
  /** The byte from which on the body is no JSON. */
  brokenAt: number | undefined
}

const SHAPES: ReadonlyMap<string, Slices['shape']> = new Map([
  ['[', 'array'],
  ['{', 'objects'],
])

/**
 * Finds the elements of a body in one pass, without reading them: those of an array, a single value, or
 * objects one after the other, as in a file with one a line.
 *
 * @param bytes of JSON text (as UTF-8), without a byte order mark
 */
export function sliceBody(bytes: Uint8Array, most = Infinity): Slices {
  const scanner = new Scanner(bytes)
  const elements: Slice[] = []
  let count = 0
  const take = () => {
    const traits = { values: 0, inexact: 0, controls: 0 }
    scanner.traits = traits
    const start = scanner.position
    if (!scanner.skipValue()) return false
    if (++count <= most) elements.push({ start, end: scanner.position, ...traits })
    scanner.skipSpace()
    return true
  }
  scanner.skipSpace()
  const shape = SHAPES.get(scanner.next ?? '') ?? 'scalar'
  const complete = shape === 'array' ? takeArray(scanner, take) : takeSequence(scanner, take)
  const isAll = complete && scanner.position === bytes.length
  const brokenAt = isAll ? undefined : scanner.position
  return shape === 'scalar'
    ? { elements: [], count: 0, shape, brokenAt }
    : { elements, count, shape, brokenAt }
}

/** Steps over an array; false where it breaks. @param take steps over an element and blanks */
function takeArray(scanner: Scanner, take: () => boolean): boolean {
  scanner.position++
  scanner.skipSpace()
  let isOpen = scanner.next !== ']'
  while (isOpen) {
    if (!take()) return false
    isOpen = scanner.next === ','
    if (isOpen) scanner.position++
    scanner.skipSpace()
  }
  if (scanner.next !== ']') return false
  scanner.position++
  scanner.skipSpace()
  return true
}

/** Steps over a value, and objects after an object. */
function takeSequence(scanner: Scanner, take: () => boolean): boolean {
  const isObject = scanner.next === '{'
  do if (!take()) return false
  while (isObject && scanner.next === '{')
  return true
}

/**
 * The elements of a JSON array as they stand in its text.
 * @throws where the text is no JSON array
 */
export function sliceElements(text: string): string[] {
  const bytes = Buffer.from(text)
  const { elements, shape, brokenAt } = sliceBody(bytes)
  if (shape !== 'array' || brokenAt !== undefined)
    throw new Error('expected the text of a JSON array')
  return elements.map(({ start, end }) => bytes.toString('utf8', start, end))
}
