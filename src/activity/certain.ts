import { exactNumber, isExactNumber, type ExactNumber } from './exact-number.ts'
import { TYPES, type TypeName } from './parameters.ts'

/** Statuses that Yespo documents, or is known to send all the same. */
const STATUSES = [
  ...['SENT', 'DELIVERED', 'UNDELIVERED', 'READ', 'UNSUBSCRIBED', 'CLICKED', 'SPAM'],
  ...['SUBSCRIPTION_CHANGED', 'RECEIVED', 'PUSH_SUBSCRIBED'],
]

const lettersOf = (status: string) => status.replaceAll(/[^A-Z]/g, '')
const STATUS_BY_LETTERS = new Map(STATUSES.map((status) => [lettersOf(status), status]))
const IS_STATUS: ReadonlySet<string> = new Set(STATUSES)

/** A status in Yespo's spelling: `Delivered` and ` delivered` are `DELIVERED`. */
export function readStatus(given: string): string {
  if (IS_STATUS.has(given)) return given
  const status = given.trim().toUpperCase()
  return STATUS_BY_LETTERS.get(lettersOf(status)) ?? status
}

const DECIMAL = /^(-?)(0|[1-9]\d{0,39})(?:\.(\d{1,40}))?(?:[eE]\+?(\d{1,2}))?$/

/**
 * The digits of a whole number, whether it came as a number or as text: `5`, `"5"`, `5.0` and `0.5e1` are `5`.
 * Undefined if it is anything else, and if it has zeros in front, which an id may mean.
 */
function readDigits(value: unknown): string | undefined {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    DECIMAL.exec(literalOf(value) ?? '') ?? []
  if (whole === '' || !/^0*$/.test(fraction.slice(Number(exponent)))) return undefined
  const digits = whole + fraction.slice(0, Number(exponent)).padEnd(Number(exponent), '0')
  return String(BigInt(sign + digits))
}

function literalOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim()
  if (typeof value === 'number') return String(value)
  return isExactNumber(value) ? value.rawJSON : undefined
}

/** A whole number that a 64-bit column holds, to the digit; undefined if that is not what it means. */
export function readInteger(value: unknown): number | ExactNumber | undefined {
  if (TYPES.int.fits(value)) return value
  const digits = readDigits(value)
  const integer = digits === undefined ? undefined : exactNumber(digits)
  return TYPES.int.fits(integer) ? integer : undefined
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['true', '1', 'yes'].map((text) => [text, true] as const),
  ...['false', '0', 'no'].map((text) => [text, false] as const),
])

/** True or false, also as text and as 1 or 0; undefined if that is not what it means. */
export function readBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  const text = readDigits(value) ?? literalOf(value)
  return text === undefined ? undefined : BOOLEANS.get(text.toLowerCase())
}

/** A text as it is, and the digits of a number; undefined for all else. */
export function readText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : (readDigits(value) ?? literalOf(value))
}

/** A list of texts; of numbers too, as JSON text, or a single one without a comma. */
function readTexts(value: unknown): readonly string[] | undefined {
  if (TYPES['array of strings'].fits(value)) return value
  if (typeof value === 'string' && value.trim().startsWith('[')) return readTexts(parseArray(value))
  if (typeof value === 'string' && (value.trim() === '' || value.includes(','))) return undefined
  const texts = (Array.isArray(value) ? value : [value]).map(readText)
  return TYPES['array of strings'].fits(texts) ? texts : undefined
}

function parseArray(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const READ: Readonly<Record<TypeName, (value: unknown) => unknown>> = {
  string: readText,
  int: readInteger,
  bool: readBoolean,
  'array of strings': readTexts,
}

/**
 * What a value of a documented parameter means in the parameter's type: the value itself where it has that
 * type, and what is certain of another one (`"true"` for a bool, `"5"` for an int, 5 for a text). What was
 * sent has to be kept beside it where the two differ.
 *
 * @returns undefined if its meaning is not certain
 */
export function readAs(type: TypeName, value: unknown): unknown {
  return READ[type](value)
}
