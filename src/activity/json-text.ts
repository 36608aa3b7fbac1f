/** Where a text stops being JSON, and what is there. Offset in UTF-16 units, line and column from 1. */
export type JsonFault = { offset: number; line: number; column: number; found: string }

const WHITE_SPACE = /[ \t\n\r]*/y
const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const STRING_PART = /[^"\\\u0000-\u001f]*/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y

/**
 * Reads JSON text token by token, without recursion and without building values. It serves the two
 * questions that `JSON.parse` leaves open: where a broken text breaks, and which piece of the text
 * an element of the outermost array was.
 */
export class Scanner {
  position = 0
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  get next(): string {
    return this.#text.charAt(this.position)
  }

  skipSpace(): void {
    this.#skip(WHITE_SPACE)
  }

  /** Steps over one value with everything in it; false where the text breaks, `position` tells where. */
  skipValue(): boolean {
    const closers: string[] = []
    do {
      this.skipSpace()
      const opener = this.next
      if (opener === '{' || opener === '[') {
        this.position++
        this.skipSpace()
        const closer = opener === '{' ? '}' : ']'
        if (this.next !== closer) {
          closers.push(closer)
          if (closer === '}' && !this.#skipKey()) return false
          continue
        }
        this.position++
      } else if (!this.#skipScalar()) return false
      if (!this.#skipClosers(closers)) return false
    } while (closers.length > 0)
    return true
  }

  /** After a value: closes what ends here and steps over the comma to the next value. */
  #skipClosers(closers: string[]): boolean {
    while (closers.length > 0) {
      this.skipSpace()
      const closer = closers.at(-1)
      if (this.next === ',') {
        this.position++
        this.skipSpace()
        return closer === ']' || this.#skipKey()
      }
      if (this.next !== closer) return false
      this.position++
      closers.pop()
    }
    return true
  }

  #skipKey(): boolean {
    if (!this.#skipString()) return false
    this.skipSpace()
    if (this.next !== ':') return false
    this.position++
    return true
  }

  #skipScalar(): boolean {
    return this.next === '"' ? this.#skipString() : this.#skip(SCALAR)
  }

  #skipString(): boolean {
    if (this.next !== '"') return false
    this.position++
    do this.#skip(STRING_PART)
    while (this.#skip(ESCAPE))
    if (this.next !== '"') return false
    this.position++
    return true
  }

  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.position
    if (!pattern.test(this.#text)) return false
    this.position = pattern.lastIndex
    return true
  }
}

/** Where a text stops being one JSON value; undefined where it is one. */
export function findFault(text: string): JsonFault | undefined {
  const scanner = new Scanner(text)
  const whole = scanner.skipValue()
  if (whole) scanner.skipSpace()
  const offset = scanner.position
  if (whole && offset === text.length) return undefined
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  const column = offset - before.lastIndexOf('\n')
  return { offset, line, column, found: describe(text, offset) }
}

function describe(text: string, offset: number): string {
  const codePoint = text.codePointAt(offset)
  if (codePoint === undefined) return 'end of the text'
  const name = `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`
  return codePoint > 0x20 && codePoint < 0x7f
    ? JSON.stringify(String.fromCodePoint(codePoint))
    : name
}
