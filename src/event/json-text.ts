import { Buffer } from 'node:buffer'

/** What a scanner found in JSON text. */
export type Traits = {
  /** How many values there are: objects, arrays, texts, numbers and so on, in any depth. */
  values: number
  /** How many numbers `JSON.parse` may change: see exact-number.ts. Errs on the side of yes. */
  inexact: number
  /** How many control characters are in texts unescaped, against JSON's rules. */
  controls: number
}

const [TAB, LINE_FEED, RETURN, SPACE] = [0x09, 0x0a, 0x0d, 0x20] as const
const [QUOTE, COMMA, COLON, BACKSLASH] = [0x22, 0x2c, 0x3a, 0x5c] as const
const [PLUS, MINUS, POINT, ZERO, NINE] = [0x2b, 0x2d, 0x2e, 0x30, 0x39] as const
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d] as const
const LOWER_CASE = 0x20 // the bit that tells `e` from `E`

const WORDS = new Map(
  ['true', 'false', 'null'].map((word) => [word.charCodeAt(0), Buffer.from(word)]),
)
const ESCAPED = new Set(Buffer.from('"\\/bfnrt'))
const [U, E] = [0x75, 0x65] as const
const MAX_SAFE_DIGITS = 15 // with a minus, one fewer

/**
 * Reads JSON text (as UTF-8) byte by byte, without recursion and without building values. It tells
 * what `JSON.parse` does not: where a broken text breaks, which piece of the text an element is, and what it
 * would cost to read it. Texts may have unescaped control characters.
 */
export class Scanner {
  position = 0
  /** Of the text that was skipped since they were set. */
  traits: Traits = { values: 0, inexact: 0, controls: 0 }
  readonly #bytes: Uint8Array
  readonly #levels = new Levels()

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** The character at the position; undefined at the end. */
  get next(): string | undefined {
    const code = this.#bytes[this.position]
    return code === undefined ? undefined : String.fromCharCode(code)
  }

  skipSpace(): void {
    const bytes = this.#bytes
    let at = this.position
    for (; at < bytes.length; at++) {
      const code = bytes[at]
      if (code !== SPACE && code !== LINE_FEED && code !== RETURN && code !== TAB) break
    }
    this.position = at
  }

  /** Skips one value with everything in it; false if the text breaks, at `position`. */
  skipValue(): boolean {
    const levels = this.#levels
    levels.clear()
    do {
      this.skipSpace()
      this.traits.values++
      const opener = this.#bytes[this.position]
      if (opener === OPEN_OBJECT || opener === OPEN_ARRAY) {
        const isObject = opener === OPEN_OBJECT
        this.position++
        this.skipSpace()
        if (this.#bytes[this.position] !== (isObject ? CLOSE_OBJECT : CLOSE_ARRAY)) {
          levels.push(isObject)
          if (isObject && !this.#skipKey()) return false
          continue
        }
        this.position++
      } else if (!this.#skipScalar()) return false
      if (!this.#skipClosers()) return false
    } while (levels.depth > 0)
    return true
  }

  /** After a value: closes what ends here and skips the comma before the next value. */
  #skipClosers(): boolean {
    const levels = this.#levels
    while (levels.depth > 0) {
      this.skipSpace()
      const code = this.#bytes[this.position]
      if (code === COMMA) {
        this.position++
        this.skipSpace()
        return !levels.isObject || this.#skipKey()
      }
      if (code !== (levels.isObject ? CLOSE_OBJECT : CLOSE_ARRAY)) return false
      this.position++
      levels.pop()
    }
    return true
  }

  #skipKey(): boolean {
    if (this.#bytes[this.position] !== QUOTE || !this.#skipText()) return false
    this.skipSpace()
    if (this.#bytes[this.position] !== COLON) return false
    this.position++
    return true
  }

  #skipScalar(): boolean {
    const code = this.#bytes[this.position]
    if (code === QUOTE) return this.#skipText()
    if (code === MINUS || isDigit(code)) return this.#skipNumber()
    const word = WORDS.get(code ?? 0)
    if (!word) return false
    for (let at = 1; at < word.length; at++) {
      if (this.#bytes[this.position + at] !== word[at]) return false
    }
    this.position += word.length
    return true
  }

  #skipText(): boolean {
    const bytes = this.#bytes
    let at = this.position + 1
    for (; at < bytes.length; at++) {
      const code = bytes[at] ?? 0
      if (code === QUOTE) break
      if (code === BACKSLASH) {
        const length = this.#escapeAt(at)
        if (length === 0) break
        at += length - 1
      } else if (code < SPACE) this.traits.controls++
    }
    this.position = at
    if (bytes[at] !== QUOTE) return false
    this.position++
    return true
  }

  /** The length of the escape that begins there; 0 if it is not one. */
  #escapeAt(at: number): number {
    const code = this.#bytes[at + 1] ?? 0
    if (ESCAPED.has(code)) return 2
    if (code !== U) return 0
    for (let digit = at + 2; digit < at + 6; digit++) if (!isHex(this.#bytes[digit])) return 0
    return 6
  }

  #skipNumber(): boolean {
    const start = this.position
    const first = start + (this.#bytes[start] === MINUS ? 1 : 0)
    let end = this.#bytes[first] === ZERO ? first + 1 : this.#digitsFrom(first)
    if (end === first) return false // only a minus
    if (this.#bytes[end] === POINT) {
      const fraction = this.#digitsFrom(end + 1)
      if (fraction > end + 1) end = fraction
    }
    if (((this.#bytes[end] ?? 0) | LOWER_CASE) === E) {
      const sign = this.#bytes[end + 1]
      const from = end + (sign === PLUS || sign === MINUS ? 2 : 1)
      const exponent = this.#digitsFrom(from)
      if (exponent > from) end = exponent
    }
    if (mayLoseDigits(this.#bytes, start, end)) this.traits.inexact++
    this.position = end
    return true
  }

  #digitsFrom(start: number): number {
    let at = start
    while (isDigit(this.#bytes[at])) at++
    return at
  }
}

/** The objects and arrays that are open at a position, the outermost first: a bit each, as there may be millions. */
class Levels {
  depth = 0
  #bits = new Uint8Array(64)

  /** Whether the innermost is an object, and not an array. */
  get isObject(): boolean {
    const last = this.depth - 1
    return (((this.#bits[last >> 3] ?? 0) >> (last & 7)) & 1) === 1
  }

  push(isObject: boolean): void {
    const index = this.depth >> 3
    if (index === this.#bits.length) {
      const larger = new Uint8Array(index * 2)
      larger.set(this.#bits)
      this.#bits = larger
    }
    const bit = 1 << (this.depth & 7)
    const others = (this.#bits[index] ?? 0) & ~bit
    this.#bits[index] = isObject ? others | bit : others
    this.depth++
  }

  pop(): void {
    this.depth--
  }

  clear(): void {
    this.depth = 0
  }
}

/** Whether `JSON.parse` may change a number: a fraction, an exponent, a minus zero, or many digits. */
export function mayLoseDigits(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > MAX_SAFE_DIGITS) return true
  for (let at = start; at < end; at++) {
    const code = bytes[at] ?? 0
    if (code === POINT || (code | LOWER_CASE) === E) return true
  }
  return bytes[start] === MINUS && bytes[start + 1] === ZERO
}

export function isDigit(code: number | undefined): boolean {
  return code !== undefined && code >= ZERO && code <= NINE
}

function isHex(code = 0): boolean {
  const letter = code | LOWER_CASE
  return isDigit(code) || (letter >= 0x61 && letter <= 0x66)
}
