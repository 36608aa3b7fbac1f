import { canonicalChannel } from './channel.ts'
import { cutText } from '../platform/cut-text.ts'
import { exactNumber, isExactNumber, parseExactly, type ExactNumber } from './exact-number.ts'
import { PARAMETERS, TYPES, type ParameterName, type TypeName } from './parameters.ts'

export const DOCUMENTED_STATUSES = [
  'SENT',
  'DELIVERED',
  'UNDELIVERED',
  'READ',
  'UNSUBSCRIBED',
  'CLICKED',
  'SPAM',
  'SUBSCRIPTION_CHANGED',
] as const

/** Statuses that Yespo documents, or is known to send. */
export const STATUSES: readonly string[] = [...DOCUMENTED_STATUSES, 'RECEIVED', 'PUSH_SUBSCRIBED']

/** A status in capitals, without separators between its words. */
export const lettersOf = (status: string) => status.toUpperCase().replace(/[\s_-]+/g, '')
const STATUS_BY_LETTERS = new Map(STATUSES.map((status) => [lettersOf(status), status]))
const IS_STATUS: ReadonlySet<string> = new Set(STATUSES)

/** A status in Yespo's spelling: ` delivered` is `DELIVERED`. An unknown one stays as it came. */
export function readStatus(text: string): string {
  return IS_STATUS.has(text) ? text : (STATUS_BY_LETTERS.get(lettersOf(text)) ?? text)
}

/** UTF-16 units of a campaign's texts: Yespo has no longer ones, and what exceeds this is in `extra`. */
const MAX_LABEL = 2_000

const LABELS: ReadonlySet<string> = new Set([
  'mediaType',
  'messageName',
  'messageTag',
  'from',
  'messageLanguageCode',
  'workflowBlockId',
])

/** A parameter's meaning as it fits its column: the beginning of a text that many events share. */
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
 * Undefined if it is anything else, and if it has leading zeros, which may be part of an id.
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

/** A whole number that a 64-bit column holds, to the digit; undefined if the value does not mean one. */
function readInteger(value: unknown): number | ExactNumber | undefined {
  if (TYPES.int.fits(value)) return value
  const digits = readDigits(value)
  const integer = digits === undefined ? undefined : exactNumber(digits)
  return TYPES.int.fits(integer) ? integer : undefined
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])

/** True or false, also from text and from 1 or 0; undefined if the value does not mean one. */
function readBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  const text = readDigits(value) ?? literalOf(value)
  return text === undefined ? undefined : BOOLEANS.get(text.toLowerCase())
}

/** A text as it is, and a number as its digits; undefined for anything else. */
export function readText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : readNumber(literalOf(value))
}

/** The same, also from a list of one. */
function readOneText(value: unknown): string | undefined {
  return readText(Array.isArray(value) && value.length === 1 ? value[0] : value)
}

/** The digits of a number's literal: of `4.711e3` they are `4711`. */
export function readNumber<Literal extends string | undefined>(literal: Literal): string | Literal {
  return readDigits(literal) ?? literal
}

/** A list of texts, also from numbers, from JSON text, and from a single text without a comma. */
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
  activityDateTime: ownText, // otherwise its meaning is `occurredAt`
  activityStatus: (value) => (typeof value === 'string' ? readStatus(value) : undefined),
  mediaType: readChannel,
}

const BY_NAME: ReadonlyMap<string, (value: unknown) => unknown> = new Map(
  PARAMETERS.map(({ name, type }) => [name, OWN[name] ?? BY_TYPE[type]]),
)

/**
 * The meaning of a documented parameter's value, in the parameter's type: the value itself if it has that type,
 * otherwise what is certain (`"true"` for a bool, `"5"` for an int, 5 for a text). If the two differ, the value
 * has to be kept as well.
 *
 * @returns undefined if its meaning is not certain, and for an undocumented parameter
 */
export function readMeaning(name: string, value: unknown): unknown {
  return BY_NAME.get(name)?.(value)
}
