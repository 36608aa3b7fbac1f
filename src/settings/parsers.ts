import { isPhoneCountry } from '../event/phone-country.ts'
import { isTimeZone } from '../event/time-zone.ts'
import { isGuessable, MIN_SECRET_LENGTH, Secret } from '../platform/secret.ts'

// Each parses the text of a setting. Plain functions, as the webhook needs them before anything else is loaded.

/** The error of a parser: what is wrong with the text, without repeating it. */
export class InvalidText extends Error {}

const MAX_HEADERS = 5 // as many as Yespo's form takes

/** A header name (RFC 9110, token). */
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~\w]+$/

/** A header that a request must carry with exactly this value; `isLong` if it is enough of a secret by itself. */
export type RequiredHeader = { name: string; value: Secret; isLong: boolean }

/** Any text. */
export function parseText(text: string): string {
  return text
}

export function parseLogin(text: string): string {
  if (text.includes(':')) throw new InvalidText('has a colon, which Basic cannot carry')
  return text
}

/** A text that is hard to guess, or empty. */
export function parsePassword(text: string): string {
  if (text !== '' && isGuessable(text)) {
    throw new InvalidText(`has fewer than ${MIN_SECRET_LENGTH} characters, which can be guessed`)
  }
  return text
}

/** A bearer token; undefined if it is empty. */
export function parseToken(text: string): Secret | undefined {
  const token = parsePassword(text)
  if (/\s/.test(token)) {
    throw new InvalidText('has white space, which no bearer token can have')
  }
  return token === '' ? undefined : new Secret(token)
}

/** `Name: value` lines. */
export function parseHeaderLines(text: string): RequiredHeader[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length > MAX_HEADERS) {
    throw new InvalidText(`has ${lines.length} headers; Yespo sends at most ${MAX_HEADERS}`)
  }
  const headers = lines.map(parseHeader)
  const names = new Set(headers.map(({ name }) => name.toLowerCase()))
  if (names.size < headers.length) throw new InvalidText('names a header twice')
  return headers
}

function parseHeader(line: string, index: number): RequiredHeader {
  const colon = line.indexOf(':')
  const name = line.slice(0, colon).trim()
  const value = line.slice(colon + 1).trim()
  if (colon < 0 || !HEADER_NAME.test(name) || value === '') {
    throw new InvalidText(`has no "Name: value" in line ${index + 1}; write one header per line`)
  }
  return { name, value: new Secret(value), isLong: !isGuessable(value) }
}

/** Names of headers, comma-separated. */
export function parseHeaderNames(text: string): string[] {
  const names = text.split(',').flatMap((name) => name.trim() || [])
  if (!names.every((name) => HEADER_NAME.test(name))) {
    throw new InvalidText('is not a list of header names')
  }
  return names
}

export function parseTimeZone(text: string): string {
  if (isTimeZone(text)) return text
  throw new InvalidText('is not a time zone; use an IANA name such as Europe/Kyiv')
}

export function parseTimeZoneOrEmpty(text: string): string {
  if (text === '' || isTimeZone(text)) return text
  throw new InvalidText(
    'is not a time zone; use an IANA name such as Europe/Kyiv, or leave it empty',
  )
}

/** The ISO code of a country. */
export function parsePhoneCountry(text: string): string {
  const country = text.toUpperCase()
  if (isPhoneCountry(country)) return country
  throw new InvalidText('is not the ISO code of a country, such as UA')
}

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (number >= min && number <= max) return number
    throw new InvalidText(`is not a whole number from ${min} to ${max}`)
  }
}

/** A percentage, such as `0.3`. */
export function parsePercent(text: string): number {
  const percent = /^\d{1,3}(\.\d{1,4})?$/.test(text) ? Number(text) : Number.NaN
  if (percent > 0 && percent <= 100) return percent
  throw new InvalidText('is not a percentage above 0, such as 0.3')
}

export function oneOf<const Name extends string>(
  names: readonly Name[],
  error: string,
): (text: string) => Name {
  return (text) => {
    const name = names.find((each) => each === text.toLowerCase())
    if (name === undefined) throw new InvalidText(error)
    return name
  }
}

/** A URL to post to; undefined if it is empty. */
export function parseAlertUrl(text: string): string | undefined {
  checkUrl(
    text,
    ', which would not be sent: use a URL that needs none, such as one with a secret in its path',
  )
  return text === '' ? undefined : text
}

const THIS_MACHINE = ['localhost', '127.0.0.1', '[::1]'] // as `URL` writes them

/** The URL of Yespo's API. */
export function parseApiUrl(text: string): string {
  return parseUrlForSecret(text, 'YESPO_API_KEY')
}

/** The URL of a catalog; empty if there is none. */
export function parseCatalogUrl(text: string): string {
  return parseUrlForSecret(text, 'CATALOG_TOKEN')
}

/** A URL that paths are appended to. @param secret the setting that is sent to it */
function parseUrlForSecret(text: string, secret: string): string {
  checkUrl(text, `: leave them out, as ${secret} is sent instead`)
  if (/[?#]/.test(text)) {
    throw new InvalidText(
      'has a "?" or a "#": leave it out with all that follows, as paths are appended to this URL',
    )
  }
  const url = URL.parse(text)
  if (url?.protocol === 'http:' && !THIS_MACHINE.includes(url.hostname)) {
    throw new InvalidText(
      `begins with http://, which would expose ${secret}: use https:// (only localhost may do without)`,
    )
  }
  return text
}

/** The name of an R2 bucket. */
export function parseBucketName(text: string): string {
  if (/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(text)) return text
  throw new InvalidText('is not the name of an R2 bucket')
}

/** Checks that a text is the URL of a website, or empty. @param hint what to do about a login or password in it */
function checkUrl(text: string, hint: string): void {
  if (text === '') return
  const url = URL.parse(text)
  if (!url || !/^https?:/.test(url.protocol)) throw new InvalidText('is not an https:// URL')
  if (url.username !== '' || url.password !== '') {
    throw new InvalidText(`has a login or password before an "@"${hint}`)
  }
}
