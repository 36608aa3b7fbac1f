import { Buffer } from 'node:buffer'
import { Scanner, type Traits } from './json-text.ts'
import { rewriteJson } from './rewrite-json.ts'

/**
 * Numbers that a JavaScript number would change: `9007199254740993`, `5.0`, `1e400`, `-0`.
 * They are kept as the literal that was sent, and `JSON.stringify` writes them unchanged.
 * The two functions are V8's (stage 4, "JSON.parse source text access"); TypeScript does not know them yet.
 */
declare global {
  interface JSON {
    rawJSON(text: string): ExactNumber
    isRawJSON(value: unknown): value is ExactNumber
  }
}

/** The literal of a number, digit for digit. */
export type ExactNumber = { readonly rawJSON: string }

/** Whether a value is a number kept as its literal. */
export function isExactNumber(value: unknown): value is ExactNumber {
  return JSON.isRawJSON(value)
}

/** A number from its literal: a plain one if that has the same literal, otherwise the literal itself. */
export function exactNumber(literal: string): number | ExactNumber {
  const value = Number(literal)
  return String(value) === literal ? value : JSON.rawJSON(literal)
}

/**
 * `JSON.parse` that keeps every digit of every number, and accepts control characters in texts.
 *
 * @throws SyntaxError if the text is not JSON
 */
export function parseExactly(text: string): unknown {
  const bytes = Buffer.from(text)
  const scanner = new Scanner(bytes)
  const isValue = scanner.skipValue()
  if (isValue) scanner.skipSpace()
  if (!isValue || scanner.position < bytes.length) throw new SyntaxError('the text is not JSON')
  return parseScanned(bytes, scanner.traits)
}

// A reviver gets the literals, too, but takes ten times as long, and memory for each value.
/**
 * The same for text that is known to be JSON.
 *
 * @param bytes the text as UTF-8
 * @param traits from the scanner
 */
export function parseScanned(bytes: Uint8Array, traits: Traits): unknown {
  if (traits.inexact === 0 && traits.controls === 0) return JSON.parse(decoder.decode(bytes))
  const { bytes: rewritten, mark } = rewriteJson(bytes, traits)
  const value: unknown = JSON.parse(decoder.decode(rewritten))
  return traits.inexact === 0 ? value : restoreLiterals(value, mark)
}

const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })

/** The value with each marked literal as a number again; without recursion, as it may have any depth. */
function restoreLiterals(root: unknown, mark: string): unknown {
  const pending: object[] = []
  const restore = (value: unknown) => {
    if (typeof value === 'string' && value.startsWith(mark)) {
      return exactNumber(value.slice(mark.length))
    }
    if (typeof value === 'object' && value !== null) pending.push(value)
    return value
  }
  const restored = restore(root)
  for (let holder = pending.pop(); holder; holder = pending.pop()) {
    if (Array.isArray(holder)) {
      for (let index = 0; index < holder.length; index++) holder[index] = restore(holder[index])
    } else {
      const members = holder as Record<string, unknown>
      for (const key of Object.keys(members)) members[key] = restore(members[key])
    }
  }
  return restored
}
