import { Buffer } from 'node:buffer'
import { Scanner, type Traits } from './json-text.ts'

/** Where an element is in its body, in bytes, and what the scanner found in it. */
export type Slice = Traits & { start: number; end: number }

/** The elements of a body, in order. */
export type Slices = {
  /** The complete ones, up to the requested number. */
  elements: Slice[]
  /** How many are complete. */
  count: number
  /** What they are in; `objects` is one or several in a row, and a scalar has no elements. */
  shape: 'array' | 'objects' | 'scalar'
  /** The byte from which on the body is not JSON, or was not read. */
  brokenAt: number | undefined
}

const SHAPES: ReadonlyMap<string, Slices['shape']> = new Map([
  ['[', 'array'],
  ['{', 'objects'],
])

/**
 * Finds the elements of a body in one pass, without reading them: those of an array, a single value, or
 * objects in a row, as in a file with one per line.
 *
 * @param bytes of JSON text (as UTF-8), without a byte order mark
 * @param max how many elements are returned
 * @param maxCount after how many the rest of the body is not read
 */
export function sliceBody(bytes: Uint8Array, max = Infinity, maxCount = Infinity): Slices {
  const scanner = new Scanner(bytes)
  const elements: Slice[] = []
  let count = 0
  const skip = () => {
    if (count === maxCount) return false
    const traits = { values: 0, inexact: 0, controls: 0 }
    scanner.traits = traits
    const start = scanner.position
    if (!scanner.skipValue()) return false
    if (++count <= max) elements.push({ start, end: scanner.position, ...traits })
    scanner.skipSpace()
    return true
  }
  scanner.skipSpace()
  const shape = SHAPES.get(scanner.next ?? '') ?? 'scalar'
  const complete = shape === 'array' ? skipArray(scanner, skip) : skipSequence(scanner, skip)
  const isAll = complete && scanner.position === bytes.length
  const brokenAt = isAll ? undefined : scanner.position
  return shape === 'scalar'
    ? { elements: [], count: 0, shape, brokenAt }
    : { elements, count, shape, brokenAt }
}

/** Skips an array; false if it breaks. @param skip for an element and the blanks after it */
function skipArray(scanner: Scanner, skip: () => boolean): boolean {
  scanner.position++
  scanner.skipSpace()
  let isOpen = scanner.next !== ']'
  while (isOpen) {
    if (!skip()) return false
    isOpen = scanner.next === ','
    if (isOpen) scanner.position++
    scanner.skipSpace()
  }
  if (scanner.next !== ']') return false
  scanner.position++
  scanner.skipSpace()
  return true
}

/** Skips a value, and objects after an object. */
function skipSequence(scanner: Scanner, skip: () => boolean): boolean {
  const isObject = scanner.next === '{'
  do if (!skip()) return false
  while (isObject && scanner.next === '{')
  return true
}

/**
 * The elements of a JSON array as they are in its text.
 * @throws Error if the text is not a JSON array
 */
export function sliceElements(text: string): string[] {
  const bytes = Buffer.from(text)
  const { elements, shape, brokenAt } = sliceBody(bytes)
  if (shape !== 'array' || brokenAt !== undefined)
    throw new Error('expected the text of a JSON array')
  return elements.map(({ start, end }) => bytes.toString('utf8', start, end))
}
