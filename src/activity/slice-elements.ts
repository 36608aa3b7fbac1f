import { Scanner } from './json-text.ts'
import { isDeeperThan } from './normalize.ts'

// JSON.stringify takes longer with the square of the depth.
const MAX_USUAL_DEPTH = 30

/** The elements of a JSON array as they stand in its text, and in one piece what comes after `most`. */
export type Slices = { elements: string[]; rest: string }

/**
 * @param text of a JSON array, which has to be valid
 * @param values of the elements: one that was sent just as `JSON.stringify` writes it is not read again
 */
export function sliceElements(
  text: string,
  most = Infinity,
  values: readonly unknown[] = [],
): Slices {
  const scanner = new Scanner(text)
  scanner.skipSpace()
  scanner.position++
  scanner.skipSpace()
  const elements: string[] = []
  while (scanner.next !== ']' && elements.length < most) {
    const start = scanner.position
    const usual = writeObject(values[elements.length])
    if (usual !== undefined && text.startsWith(usual, start)) scanner.position += usual.length
    else if (!scanner.skipValue()) throw new Error('sliceElements needs the text of a JSON array')
    elements.push(text.slice(start, scanner.position))
    scanner.skipSpace()
    if (scanner.next === ',') scanner.position++
    scanner.skipSpace()
  }
  return { elements, rest: text.slice(scanner.position, text.lastIndexOf(']')).trimEnd() }
}

/** The usual text of an object, which, unlike a number's, cannot be the beginning of a longer value. */
function writeObject(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return isDeeperThan(MAX_USUAL_DEPTH, value) ? undefined : JSON.stringify(value)
}
