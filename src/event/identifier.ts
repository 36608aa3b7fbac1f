import { readNumber } from './certain.ts'
import { waysToWrite } from './phone-country.ts'

/** The parameters by which contacts are looked up. */
export const LOOKUP_PARAMETERS = ['email', 'sms', 'externalCustomerId'] as const

/** The parameters that identify a contact. */
export const IDENTIFIERS = [...LOOKUP_PARAMETERS, 'webpush', 'mobilepush'] as const

export type IdentifierName = (typeof IDENTIFIERS)[number]

const NAMES: ReadonlySet<string> = new Set(IDENTIFIERS)

/** Whether a parameter identifies a contact. */
export function isIdentifierName(name: string): name is IdentifierName {
  return NAMES.has(name)
}

/** Fewer digits are a placeholder, or a company's short number. */
const MIN_DIGITS = 5

// Longer texts are neither, and are compared as they are: the patterns below would take long for them, and NFKC
// makes up to 18 characters of one.
const [MAX_PHONE, MAX_ADDRESS] = [100, 1_000]

const PLACEHOLDERS: ReadonlySet<string> = new Set([
  'null',
  'undefined',
  'none',
  'nan',
  'n/a',
  'unknown',
])

// Nearly all identifiers look like this and need no closer look.
const PLAIN_ADDRESS = /^[a-z0-9._+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}$/
const PLAIN_PHONE = /^(?!3800)[1-79]\d{10,13}$/
const PLAIN_ID = /^[\w-]{0,99}\d$/

const HAS_MORE_THAN_ASCII = /[^ -~]/
const CONTROL = /\p{Cc}/gu
// Direction marks, soft hyphens and zero-width blanks, which come with text copied from a page.
const INVISIBLE = /[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/gu

/**
 * An identifier of a contact in its one spelling: the one rule for storing, look-ups, filters, suppressions and
 * erasures. An email address in lower case with its domain as in DNS; a phone number as its digits with the
 * country code; anything else trimmed.
 *
 * @param name the parameter
 * @returns undefined for a placeholder that identifies no one: `none`, `-`, `n/a`
 */
export function normalizeIdentifier(name: string, value: string): string | undefined {
  if (name === 'email') return normalizeAddress(value)
  if (name === 'sms') return normalizePhone(value)
  if (PLAIN_ID.test(value)) return value
  const text = clean(value).normalize('NFC')
  return /[\p{L}\p{N}]/u.test(text) && !PLACEHOLDERS.has(text.toLowerCase()) ? text : undefined
}

/**
 * The possible readings of an identifier from a query or a form, in which an unescaped `+` has become a blank:
 * inside an email address or before a phone number it is a plus; elsewhere it may be either.
 */
export function readIdentifiers(name: string, text: string): string[] {
  if (name === 'email' && text.includes('@'))
    return [unwrapAddress(clean(text)).replace(/\s(?=.*@)/gs, '+')]
  if (name === 'sms') return [text.replace(/^ (?=\d)/, '+')]
  return text.includes(' ') ? [text, text.replaceAll(' ', '+')] : [text]
}

const IS_ABROAD = /^[\s(]*(?:\+|00)/

/**
 * The normalized spellings under which a phone number may be stored, if local numbers are those of a country. An event
 * keeps the number as it was sent, so the country may change at any time.
 *
 * @param country its ISO code
 * @returns the likeliest first; the text itself if it is not a number of that country
 */
export function readPhone(text: string, country: string): string[] {
  const digits = normalizePhone(text)
  if (digits === undefined || !/^\d+$/.test(digits)) return [text]
  const isAbroad = IS_ABROAD.test(clean(text))
  // As it was typed, as what looks Ukrainian is normalized to that.
  const typed = text
    .normalize('NFKC')
    .replace(/\p{Nd}/gu, toDigit)
    .replace(/\D/g, '')
  const local = isAbroad ? [] : waysToWrite(typed, country)
  const written = local.length > 0 ? local : waysToWrite(digits, country)
  const [whole] = written
  // With another country's code it is not a local number, even if it looks like one.
  if (whole === undefined || (isAbroad && whole !== digits)) return [text]
  const spellings = [whole, digits, ...written].flatMap((way) => normalizePhone(way) ?? [])
  return [...new Set(spellings)]
}

function clean(value: string): string {
  if (!HAS_MORE_THAN_ASCII.test(value)) return value.trim()
  return value.replace(INVISIBLE, '').replace(CONTROL, ' ').trim()
}

const QUOTED_ATOM = /^"([\w.+-]+)"$/

function normalizeAddress(value: string): string | undefined {
  if (PLAIN_ADDRESS.test(value)) return value
  const text = clean(value)
  const address =
    text.length > MAX_ADDRESS
      ? text
      : unwrapAddress(text.normalize('NFKC').toLowerCase().normalize('NFKC'))
  const at = address.lastIndexOf('@')
  const [local, domain] = [address.slice(0, Math.max(0, at)), address.slice(at + 1)]
  if (local === '' || domain === '') return undefined
  if (address.length > MAX_ADDRESS) return text
  // There are two small sigmas, which differ only by their place in a word.
  return `${local.replace(QUOTED_ATOM, '$1').replaceAll('ς', 'σ')}@${toAscii(domain)}`
}

// A local part may be in quotes, and a domain in brackets.
const BEFORE_ADDRESS = /^(?:mailto:|=(?=["'])|[\s'`“”„«»‘’‚([{<]|"(?![^"]*"@))+/i
const AFTER_ADDRESS = /[\s"'`“”„«»‘’‚>)};,.\u3002\uff61]/
const AFTER_PLAIN_ADDRESS = new RegExp(`${AFTER_ADDRESS.source}|\\]`)
const QUERY = /^([^@?]+@[^@?]+)\?.*$/s
const COMMENT = /(?<=\S)\s+\([^()@]*\)$/

/** The address of `Anna <anna@example.com>`, `'anna@example.com',` and `mailto:anna@example.com?subject=x`. */
function unwrapAddress(text: string): string {
  if (text.length > MAX_ADDRESS) return text
  const [, inside = text] = /<([^<>]*@[^<>]*)>[^<>]*$/.exec(text) ?? []
  const address = inside
    .trim()
    .replace(BEFORE_ADDRESS, '')
    .replace(QUERY, '$1')
    .replace(COMMENT, '')
  const bare = trimEnd(address, address.includes('[') ? AFTER_ADDRESS : AFTER_PLAIN_ADDRESS)
  return bare === text ? bare : unwrapAddress(bare)
}

/** A text without outer characters at its end. By hand, as a pattern takes quadratic time for a long row of them. */
function trimEnd(text: string, isOuter: RegExp): string {
  let end = text.length
  while (isOuter.test(text.charAt(end - 1))) end--
  return text.slice(0, end)
}

const DOMAIN = /^[\p{L}\p{M}\p{N}.\u3002\uff61-]+$/u

/** A domain as in DNS: `приклад.укр` is `xn--80aikifvh.xn--j1amh`. */
function toAscii(domain: string): string {
  if (!HAS_MORE_THAN_ASCII.test(domain) || !DOMAIN.test(domain)) return domain
  return URL.canParse(`http://${domain}`) ? new URL(`http://${domain}`).hostname : domain
}

const BEFORE_NUMBER = /^(?:[\s="'`“”„«‘’]|(?:tel|sms|callto|whatsapp|viber|тел|моб)\s*[.:])+/iu
const AFTER_NUMBER = /[\s"'`“”»‘’;,.]/

/** Characters around an address, never in a domain. */
const AROUND = /[<>()"',;]/

/** The domain of an email address as `normalizeIdentifier` spells it. @param text after the last "@" */
export function normalizeDomain(text: string): string {
  const [domain = ''] = text.split(AROUND, 1)
  return normalizeAddress(`x@${domain}`)?.slice('x@'.length) ?? ''
}

const EXTENSION =
  /(?:;\s*ext=|[\s,;]*(?:ext(?:ension)?|доб|дод|вн(?:утр)?)\.?:?\s*|\s*[x#]\s*|\s*(?:,,+|;)\s*)\d{1,6}$/iu
const THOUSANDS = /^\d{1,3}(?:,\d{3})+$/
const DECIMALS = /(?<=^\d{7,})\.0+$/
const SCIENTIFIC = /^\d\.\d{6,}e\+?\d{1,2}$/i // with all its digits, or nearly
const IS_PHONE = /^[+\d\s()./·•\p{Pd}]+$/u
const ZERO = /(?<=^|[\d\s()+oо-])[oо](?=[\d\s()oо-]|$)/giu // Latin and Cyrillic, among digits

/**
 * The number that a message reaches: without an extension. A number without a country code is Ukrainian if it
 * looks like one, as most of Yespo's customers are there.
 */
function normalizePhone(value: string): string | undefined {
  if (PLAIN_PHONE.test(value)) return value
  const text = clean(value)
  if (text.length > MAX_PHONE) return isNumbered(text) ? text : undefined
  const plain = trimEnd(
    text
      .normalize('NFKC')
      .replace(/\p{Nd}/gu, toDigit)
      .replace(BEFORE_NUMBER, ''),
    AFTER_NUMBER,
  )
  const grouped = THOUSANDS.test(plain) ? plain.replaceAll(',', '') : plain
  const number = (SCIENTIFIC.test(grouped) ? readNumber(grouped) : grouped)
    .replace(EXTENSION, '')
    .replace(DECIMALS, '')
    .replace(ZERO, '0')
  // With letters it is not a number but an id, perhaps of a messenger.
  if (!IS_PHONE.test(number)) return isNumbered(plain) ? plain : undefined
  const hasCountry = IS_ABROAD.test(number)
  const digits = (hasCountry ? number.replace(/\(0\)/, '') : number).replace(/\D/g, '')
  const whole = withCountry(digits)
  return whole.length < MIN_DIGITS ? undefined : whole
}

const isNumbered = (text: string) => /(?:\p{N}\P{N}*){3}/u.test(text)

const UKRAINIAN = /^0(?=(?:3[1-9]|4[1-8]|5[0-8]|6[1-9]|7[3-7]|9[1-9])\d{7}$)/
const UKRAINIAN_ONCE = /^8(?=0(?:39|50|6[3678]|7[37]|9[1-9])\d{7}$)/ // before 2009

function withCountry(digits: string): string {
  return digits
    .replace(/^00+(?=[1-9])/, '')
    .replace(UKRAINIAN_ONCE, '')
    .replace(UKRAINIAN, '380')
    .replace(/^3800(?=\d{9}$)/, '380')
}

/** A digit of any script as 0 to 9: each script has its ten digits in order. */
function toDigit(digit: string): string {
  let code = digit.codePointAt(0) ?? 0
  if (code < 0x80) return digit
  let value = 0
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - 1))) {
    code--
    value++
  }
  return String(value)
}
