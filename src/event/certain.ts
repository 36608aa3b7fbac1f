import { canonicalChannel } from './channel.ts'
import { cutText } from '../platform/cut-text.ts'
import { exactNumber, isExactNumber, parseExactly, type ExactNumber } from './exact-number.ts'
import { PARAMETERS, TYPES, type ParameterName, type TypeName } from './parameters.ts'

/** Statuses that Yespo documents, or is known to send all the same. */
export const STATUSES: readonly string[] = [
  'SENT',
  'DELIVERED',
  'UNDELIVERED',
  'READ',
  'UNSUBSCRIBED',
  'CLICKED',
  'SPAM',
  'SUBSCRIPTION_CHANGED',
  'RECEIVED',
  'PUSH_SUBSCRIBED',
]

/** A status in capitals, without what separates its words. */
export const lettersOf = (status: string) => status.toUpperCase().replace(/[\s_-]+/g, '')
const STATUS_BY_LETTERS = new Map(STATUSES.map((status) => [lettersOf(status), status]))
const IS_STATUS: ReadonlySet<string> = new Set(STATUSES)

/** A status in Yespo's spelling: ` delivered` is `DELIVERED`. One that nobody knows stays as it came. */
export function readStatus(given: string): string {
  return IS_STATUS.has(given) ? given : (STATUS_BY_LETTERS.get(lettersOf(given)) ?? given)
}

/** UTF-16 units of what campaigns are told apart by: a longer text is none of Yespo's, and is kept beside it. */
const MAX_LABEL = 2_000

const LABELS: ReadonlySet<string> = new Set(['mediaType', 'messageName', 'messageTag', 'from'])

/** What a parameter means as it has room in its column: of a text that many events share, the beginning. */
export function fitColumn(name: string, meaning: unknown): unknown {
  const isLong = typeof meaning === 'string' && meaning.length > MAX_LABEL
  return isLong && LABELS.has(name) ? cutText(meaning, MAX_LABEL) : meaning
}

/** A channel in its one spelling. */
function readChannel(value: unknown): string | undefined {
  const mediaType = readOneText(value)
  return mediaType === undefined ? undefined : canonicalChannel(mediaType)
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
function readInteger(value: unknown): number | ExactNumber | undefined {
  if (TYPES.int.fits(value)) return value
  const digits = readDigits(value)
  const integer = digits === undefined ? undefined : exactNumber(digits)
  return TYPES.int.fits(integer) ? integer : undefined
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['true', '1'].map((text) => [text, true] as const),
  ...['false', '0'].map((text) => [text, false] as const),
])

/** True or false, also as text and as 1 or 0; undefined if that is not what it means. */
function readBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  const text = readDigits(value) ?? literalOf(value)
  return text === undefined ? undefined : BOOLEANS.get(text.toLowerCase())
}

/** A text as it is, and the digits of a number; undefined for all else. */
export function readText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : readNumber(literalOf(value))
}

/** The same, and of a list of one what is in it. */
function readOneText(value: unknown): string | undefined {
  return readText(Array.isArray(value) && value.length === 1 ? value[0] : value)
}

/** A number from its literal, as text: of `4.711e3` its digits, `4711`. */
export function readNumber<Literal extends string | undefined>(literal: Literal): string | Literal {
  return readDigits(literal) ?? literal
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
    const value = parseExactly(text)
    const isWellFormed = (each: unknown) => typeof each !== 'string' || each.isWellFormed()
    return Array.isArray(value) && value.every(isWellFormed) ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const BY_TYPE: Readonly<Record<TypeName, (value: unknown) => unknown>> = {
  string: readOneText,
  int: readInteger,
  bool: readBoolean,
  'array of strings': readTexts,
}

const ownText = (value: unknown) => (typeof value === 'string' ? value : undefined)

const OWN: { readonly [Name in ParameterName]?: (value: unknown) => unknown } = {
  activityDateTime: ownText, // what else it means is `occurredAt`
  activityStatus: (value) => (typeof value === 'string' ? readStatus(value) : undefined),
  mediaType: readChannel,
}

const BY_NAME: ReadonlyMap<string, (value: unknown) => unknown> = new Map(
  PARAMETERS.map(({ name, type }) => [name, OWN[name] ?? BY_TYPE[type]]),
)

/**
 * What a value of a documented parameter means, in the parameter's type: the value itself if it has that type,
 * and what is certain of another one (`"true"` for a bool, `"5"` for an int, 5 for a text). What was sent has
 * to be kept beside it if the two differ.
 *
 * @returns undefined if its meaning is not certain, and for a parameter that nobody documented
 */
export function readMeaning(name: string, value: unknown): unknown {
  return BY_NAME.get(name)?.(value)
}
