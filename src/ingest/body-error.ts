import { Buffer } from 'node:buffer'
import { locateError } from '../event/json-error.ts'
import type { Slices } from '../event/slice-elements.ts'

/** Why a body cannot be read, or only its beginning. */
export type BodyError = {
  /** A sentence for the sender. */
  message: string
  /** The place of the error, if there is one. */
  details: Readonly<Record<string, number>>
}

const EXPECTED = 'expected a JSON array of events'
const HEAD_BYTES = 1_000

// A body that begins like this is in another format, and has no line to correct.
const OTHER_FORMATS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^(?:\xff\xfe\0\0|\0\0\xfe\xff|[^\0]\0\0\0|\0\0\0[^\0])/, 'UTF-32, not UTF-8'],
  [/^(?:\xff\xfe|\xfe\xff|[^\0]\0|\0[^\0])/, 'UTF-16, not UTF-8'],
  // oxlint-disable-next-line no-control-regex -- the bytes that open UTF-32, UTF-16 and gzip
  [/^\x1f\x8b/, 'gzip that cannot be inflated'],
  [/^\s*</, 'HTML or XML, not JSON'],
  [/^--/, 'a form with parts (multipart/form-data), not JSON'],
  [/^\s*[\w.%+-]+=/, 'a form (name=value), not JSON'],
]

const ENCODED_TWICE = /^"(?:\s|\\[nrt])*(?:\[|\{(?:\s|\\[nrt])*\\")/

/** Why a body is neither an array nor an object; undefined if it is one. */
export function findBodyError(body: Uint8Array, slices: Slices): BodyError | undefined {
  const { brokenAt, shape, count } = slices
  if (brokenAt === undefined && shape !== 'scalar') return undefined
  const head = Buffer.from(body.subarray(0, HEAD_BYTES)).toString('latin1')
  if (count === 0 && brokenAt === body.length && head.trim() === '') {
    return { message: `The body is empty; ${EXPECTED}.`, details: {} }
  }
  const other = count === 0 && OTHER_FORMATS.find(([pattern]) => pattern.test(head))
  if (other) return { message: `The body is ${other[1]}; ${EXPECTED}.`, details: {} }
  if (brokenAt === undefined) {
    const name = nameScalar(head.trimStart())
    return { message: `The body is ${name}; ${EXPECTED}, or one event.`, details: {} }
  }
  const { found, ...details } = locateError(body, brokenAt)
  const where = `unexpected ${found} in line ${details.line}, column ${details.column}`
  return { message: `The body is not JSON: ${where}.${hintAt(body, brokenAt, slices)}`, details }
}

function nameScalar(text: string): string {
  if (text.startsWith('n')) return 'null'
  if (/^[tf]/.test(text)) return 'a boolean'
  if (!text.startsWith('"')) return 'a number'
  return ENCODED_TWICE.test(text) ? 'a string that holds JSON, encoded twice' : 'a string'
}

const NO_VALUE = /^(?:NaN|-?Infinity|undefined|None|True|False)\b/

/** Advice for a common mistake; empty for any other. */
function hintAt(body: Uint8Array, at: number, { shape, count }: Slices): string {
  const after = Buffer.from(body.subarray(at, at + 12)).toString('utf8')
  const before = Buffer.from(body.subarray(Math.max(0, at - 100), at))
    .toString('latin1')
    .trimEnd()
  const value = NO_VALUE.exec(after)?.[0]
  if (value) return ` JSON has no ${value}; send null.`
  if (/^['‘’“”]/.test(after)) return ' Names and texts are in straight double quotes.'
  if (/^[/#]/.test(after)) return ' JSON has no comments.'
  if (/^[}\]]/.test(after) && before.endsWith(',')) return ' Remove the comma before it.'
  if (after.startsWith(',') && shape === 'objects' && count > 0)
    return ' Put several events in an array.'
  return ''
}
