import { Buffer } from 'node:buffer'
import { isDigit, mayLoseDigits, type Traits } from './json-text.ts'

const [SPACE, QUOTE, BACKSLASH] = [0x20, 0x22, 0x5c] as const
const [PLUS, MINUS, POINT, E] = [0x2b, 0x2d, 0x2e, 0x65] as const
const LOWER_CASE = 0x20 // the bit that tells `e` from `E`
const DELETE = '\u007f'
const MAX_ESCAPE = 6 // bytes, for one

/**
 * Rewrites JSON text (as UTF-8) so that `JSON.parse` accepts it and loses nothing: control characters in texts are
 * escaped, and a number that may lose digits becomes a text: a mark and the literal.
 *
 * @param traits from the scanner
 * @returns also the mark, with which no text in the JSON begins
 */
export function rewriteJson(
  bytes: Uint8Array,
  traits: Traits,
): { bytes: Uint8Array; mark: string } {
  const mark = chooseMark(bytes)
  const room =
    bytes.length + traits.controls * (MAX_ESCAPE - 1) + traits.inexact * (mark.length + 2)
  const writer = new Writer(bytes, new Uint8Array(room))
  for (let at = 0; at < bytes.length;) {
    const code = bytes[at] ?? 0
    if (code === QUOTE) at = writer.copyText(at)
    else if (code === MINUS || isDigit(code)) at = writer.copyNumber(at, mark)
    else at = writer.copy(at, at + 1)
  }
  return { bytes: writer.written, mark }
}

/** Nearly always one byte; a text that has this byte gets an unpredictable mark. */
function chooseMark(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isTaken = text.includes(DELETE) || text.includes('\\u007')
  return isTaken ? crypto.randomUUID() : DELETE
}

class Writer {
  readonly #from: Uint8Array
  readonly #to: Uint8Array
  #end = 0

  constructor(from: Uint8Array, to: Uint8Array) {
    this.#from = from
    this.#to = to
  }

  get written(): Uint8Array {
    return this.#to.subarray(0, this.#end)
  }

  copy(start: number, end: number): number {
    for (let at = start; at < end; at++) this.#to[this.#end++] = this.#from[at] ?? 0
    return end
  }

  /** @returns where the text ends that begins there */
  copyText(start: number): number {
    const bytes = this.#from
    let at = this.copy(start, start + 1)
    for (; at < bytes.length; at++) {
      const code = bytes[at] ?? 0
      if (code === QUOTE) break
      if (code === BACKSLASH) this.copy(at, ++at)
      if (code < SPACE) this.#write(`\\u${code.toString(16).padStart(4, '0')}`)
      else this.#to[this.#end++] = bytes[at] ?? 0
    }
    return this.copy(at, at + 1)
  }

  /** @returns where the number ends that begins there */
  copyNumber(start: number, mark: string): number {
    const end = endOfNumber(this.#from, start)
    if (!mayLoseDigits(this.#from, start, end)) return this.copy(start, end)
    this.#write(`"${mark}`)
    this.copy(start, end)
    this.#write('"')
    return end
  }

  #write(ascii: string): void {
    for (let at = 0; at < ascii.length; at++) this.#to[this.#end++] = ascii.charCodeAt(at)
  }
}

function endOfNumber(bytes: Uint8Array, start: number): number {
  let at = start
  while (isDigit(bytes[at]) || isOfNumber(bytes[at] ?? 0)) at++
  return at
}

function isOfNumber(code: number): boolean {
  return code === MINUS || code === PLUS || code === POINT || (code | LOWER_CASE) === E
}
