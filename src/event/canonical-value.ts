import { isExactNumber } from './exact-number.ts'

/**
 * A JSON value in the one spelling that equal meanings share: keys in order, texts trimmed, and
 * numbers and booleans as text, since the sender of `5`, `5.0` and `"5"` means the same contact ID.
 * Recursive: for values nested no deeper than `MAX_DEPTH`.
 */
export function toCanonical(value: unknown): unknown {
  if (typeof value === 'string') return value.trim()
  if (value === undefined || value === null) return value
  if (typeof value === 'number') return writeNumber(value)
  if (typeof value === 'boolean') return String(value)
  if (isExactNumber(value)) return writeLiteral(value.rawJSON)
  if (Array.isArray(value)) return value.map(toCanonical)
  const members = Object.entries(value).map(([key, member]) => [key, toCanonical(member)] as const)
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Texts as a set: trimmed, sorted, each once, without empty ones. */
export function toSet(texts: readonly string[]): string[] {
  return [...new Set(texts.map((text) => text.trim()))].filter((text) => text !== '').sort()
}

function writeNumber(value: number): string {
  return Number.isSafeInteger(value) ? `${value}` : writeLiteral(`${value}`)
}

const LITERAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/
const MAX_PLAIN_ZEROS = 30 // at the end of an integer; written out, 1e400000 would be a text of its length
const MAX_EXPONENT_LENGTH = 12 // no arithmetic with absurd ones

/** The digits of a number, however it was written: `1E2`, `100.0` and `100` are the same. */
function writeLiteral(literal: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = LITERAL.exec(literal) ?? []
  if (exponent.length > MAX_EXPONENT_LENGTH) return literal.toLowerCase()
  const { digits, dropped } = trimZeros(whole + fraction)
  if (digits === '') return '0'
  const zeros = Number(exponent) - fraction.length + dropped
  const isPlain = zeros >= 0 && zeros <= MAX_PLAIN_ZEROS
  return `${sign}${digits}${isPlain ? '0'.repeat(zeros) : `e${zeros}`}`
}

/** Digits without zeros at either end, and how many were dropped at the end. */
function trimZeros(text: string): { digits: string; dropped: number } {
  let [start, end] = [0, text.length]
  while (text[start] === '0') start++
  while (end > start && text[end - 1] === '0') end--
  return { digits: text.slice(start, end), dropped: text.length - end }
}
