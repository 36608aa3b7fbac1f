/**
 * Numbers that a JavaScript number would change: `9007199254740993`, `5.0`, `1e400`, `-0`.
 * They travel as the literal that was sent, and `JSON.stringify` writes them out unchanged.
 * The two functions are V8's (stage 4, "JSON.parse source text access"); TypeScript does not know them yet.
 */
declare global {
  interface JSON {
    rawJSON(text: string): ExactNumber
    isRawJSON(value: unknown): value is ExactNumber
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
    ): unknown
  }
}

/** The literal of a number, digit for digit. */
export type ExactNumber = { readonly rawJSON: string }

/** Whether a value is a number kept as its literal. */
export function isExactNumber(value: unknown): value is ExactNumber {
  return JSON.isRawJSON(value)
}

/** A number from its literal: a plain one if that says the same, otherwise the literal itself. */
export function exactNumber(literal: string): number | ExactNumber {
  const value = Number(literal)
  return String(value) === literal ? value : JSON.rawJSON(literal)
}

/** `JSON.parse` that keeps every digit of every number. About ten times slower than without. */
export function parseExactly(text: string): unknown {
  return JSON.parse(text, (_key, value, context) =>
    typeof value === 'number' && context.source !== undefined ? exactNumber(context.source) : value,
  )
}

// At the beginning, after `[` or `,`, or the colon after a key: a minus zero, a fraction, an
// exponent, or at least 16 digits. May also match inside a string, which costs time and nothing else.
const INEXACT_LITERAL = /(?:^|[[,]|(?<="\s*):)\s*(?:-0|-?\d+[.eE]|-?\d{16})/

/** Whether `JSON.parse` alone could change a number of this JSON text. Errs on the side of yes. */
export function mayLoseDigits(text: string): boolean {
  return INEXACT_LITERAL.test(text)
}
