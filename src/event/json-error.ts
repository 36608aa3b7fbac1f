import { Buffer } from 'node:buffer'
import { Scanner } from './json-text.ts'

const LINE_FEED = 0x0a

/** Where a text stops being JSON, and what is there. Offset in UTF-16 units, line and column from 1. */
export type JsonError = { offset: number; line: number; column: number; found: string }

/** Where a text stops being one JSON value; undefined if it is one. */
export function findJsonError(text: string): JsonError | undefined {
  const bytes = Buffer.from(text)
  const scanner = new Scanner(bytes)
  const isValue = scanner.skipValue()
  if (isValue) scanner.skipSpace()
  if (isValue && scanner.position === bytes.length) return undefined
  return locateError(bytes, scanner.position)
}

/** The place of a byte from which on a text is not JSON. */
export function locateError(bytes: Uint8Array, position: number): JsonError {
  const error = { offset: 0, line: 1, column: 1 }
  for (let at = 0; at < position; at++) {
    const code = bytes[at] ?? 0
    if ((code & 0xc0) === 0x80) continue // inside a character
    const units = code >= 0xf0 ? 2 : 1
    error.offset += units
    error.column = code === LINE_FEED ? 1 : error.column + units
    if (code === LINE_FEED) error.line++
  }
  return { ...error, found: describe(bytes.subarray(position, position + 4)) }
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
