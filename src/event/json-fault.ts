import { Buffer } from 'node:buffer'
import { Scanner } from './json-text.ts'

const LINE_FEED = 0x0a

/** Where a text stops being JSON, and what is there. Offset in UTF-16 units, line and column from 1. */
export type JsonError = { offset: number; line: number; column: number; found: string }

/** Where a text stops being one JSON value; undefined where it is one. */
export function findJsonError(text: string): JsonError | undefined {
  const bytes = Buffer.from(text)
  const scanner = new Scanner(bytes)
  const whole = scanner.skipValue()
  if (whole) scanner.skipSpace()
  if (whole && scanner.position === bytes.length) return undefined
  return describeError(bytes, scanner.position)
}

/** What is at a byte of a text that is no JSON from there on. */
export function describeError(bytes: Uint8Array, position: number): JsonError {
  const fault = { offset: 0, line: 1, column: 1 }
  for (let at = 0; at < position; at++) {
    const code = bytes[at] ?? 0
    if ((code & 0xc0) === 0x80) continue // it belongs to the character before
    const units = code >= 0xf0 ? 2 : 1
    fault.offset += units
    fault.column = code === LINE_FEED ? 1 : fault.column + units
    if (code === LINE_FEED) fault.line++
  }
  return { ...fault, found: describe(bytes.subarray(position, position + 4)) }
}

function describe(bytes: Uint8Array): string {
  const codePoint = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })
    .decode(bytes)
    .codePointAt(0)
  if (codePoint === undefined) return 'end of the text'
  const name = `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`
  return codePoint > 0x20 && codePoint < 0x7f
    ? JSON.stringify(String.fromCodePoint(codePoint))
    : name
}
