import { readNumber } from './certain.ts'

/** The parameters that contacts are looked up by. */
export const LOOKUP_PARAMETERS = ['email', 'sms', 'externalCustomerId'] as const

/** The parameters that a contact is known by. */
export const IDENTIFIERS = [...LOOKUP_PARAMETERS, 'webpush', 'mobilepush'] as const

export type IdentifierName = (typeof IDENTIFIERS)[number]

const NAMES: ReadonlySet<string> = new Set(IDENTIFIERS)

/** Whether a parameter is one that a contact is known by. */
export function isIdentifierName(name: string): name is IdentifierName {
  return NAMES.has(name)
}

/** Fewer digits are a filler, or a short number that a company writes from. */
const MIN_DIGITS = 5

// What is longer is neither, and compared as it is: what follows would take long for it, and NFKC makes up to 18
// characters of one.
const [MAX_PHONE, MAX_ADDRESS] = [100, 1_000]

const FILLERS: ReadonlySet<string> = new Set(['null', 'undefined', 'none', 'nan', 'n/a', 'unknown'])

// What nearly all identifiers look like needs no closer look.
const PLAIN_ADDRESS = /^[a-z0-9._+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}$/
const PLAIN_PHONE = /^(?!3800)[1-79]\d{10,13}$/
const PLAIN_ID = /^[\w-]{0,99}\d$/

const HAS_MORE_THAN_ASCII = /[^ -~]/
const CONTROL = /\p{Cc}/gu
// Marks of direction, soft hyphens and blanks of no width: they come with what is copied from a page.
const UNSEEN = /[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/gu

/**
 * What an identifier of a contact is, however it is written: the one rule for storing, looking up, filters,
 * suppressions and erasures. An email address in lower case, its domain as DNS has it; of a phone number the
 * digits with the country's code; anything else as it is, without blanks around.
 *
 * @param name the parameter that it is the value of
 * @returns undefined for what fills a field and identifies nobody: `none`, `-`, `n/a`
 */
export function normalizeIdentifier(name: string, value: string): string | undefined {
  if (name === 'email') return normalizeAddress(value)
  if (name === 'sms') return normalizePhone(value)
  if (PLAIN_ID.test(value)) return value
  const text = clean(value).normalize('NFC')
  return /[\p{L}\p{N}]/u.test(text) && !FILLERS.has(text.toLowerCase()) ? text : undefined
}

/**
 * What an identifier from a query or a form can be, where a `+` that was not escaped has become a blank: one
 * inside an email address or before a phone number is the plus; elsewhere it may be a blank or a plus.
 */
export function readIdentifiers(name: string, given: string): string[] {
  if (name === 'email' && given.includes('@'))
    return [unwrapAddress(clean(given)).replace(/\s(?=.*@)/gs, '+')]
  if (name === 'sms') return [given.replace(/^ (?=\d)/, '+')]
  return given.includes(' ') ? [given, given.replaceAll(' ', '+')] : [given]
}

function clean(value: string): string {
  if (!HAS_MORE_THAN_ASCII.test(value)) return value.trim()
  return value.replace(UNSEEN, '').replace(CONTROL, ' ').trim()
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
  // There are two small sigmas, which differ by their place alone.
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

/** A text without characters at its end. By hand: a pattern looks at a long row of them from each of its places. */
function trimEnd(text: string, isOuter: RegExp): string {
  let end = text.length
  while (isOuter.test(text.charAt(end - 1))) end--
  return text.slice(0, end)
}

const DOMAIN = /^[\p{L}\p{M}\p{N}.\u3002\uff61-]+$/u

/** A domain as DNS has it: `приклад.укр` is `xn--80aikifvh.xn--j1amh`. */
function toAscii(domain: string): string {
  if (!HAS_MORE_THAN_ASCII.test(domain) || !DOMAIN.test(domain)) return domain
  return URL.canParse(`http://${domain}`) ? new URL(`http://${domain}`).hostname : domain
}

const BEFORE_NUMBER = /^(?:[\s="'`“”„«‘’]|(?:tel|sms|callto|whatsapp|viber|тел|моб)\s*[.:])+/iu
const AFTER_NUMBER = /[\s"'`“”»‘’;,.]/

/** What stands around an address, and in no domain. */
const AROUND = /[<>()"',;]/

/** A domain of an email address as `normalizeIdentifier` has it. @param text what is behind the last "@" */
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
 * The number that a message reaches: without an extension. A number without its country is Ukraine's where it
 * looks like one of those, as most of Yespo's customers are there.
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
  // What has letters, too, is no number but an id, perhaps of a messenger.
  if (!IS_PHONE.test(number)) return isNumbered(plain) ? plain : undefined
  const hasCountry = /^[\s(]*(?:\+|00)/.test(number)
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

/** A digit of any script as 0 to 9: each script has its ten in order. */
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
