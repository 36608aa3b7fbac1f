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
  return text === '' ? text : checkLength(text)
}

/** @param where the place in the setting, such as ` in entry 2` */
function checkLength(text: string, where = ''): string {
  if (!isGuessable(text)) return text
  throw new InvalidText(
    `has fewer than ${MIN_SECRET_LENGTH} characters${where}, which can be guessed`,
  )
}

/** A bearer token; undefined if it is empty. */
export function parseToken(text: string): Secret | undefined {
  return text === '' ? undefined : new Secret(checkToken(text))
}

/** @param where the place in the setting, such as ` in entry 2` */
function checkToken(text: string, where = ''): string {
  const token = checkLength(text, where)
  if (!/\s/.test(token)) return token
  throw new InvalidText(`has white space${where}, which no bearer token can have`)
}

/** A token of the setting READ_TOKEN, and the name of whoever has it. */
type NamedToken = { name: string; secret: Secret }

/** The name of a token that has none. */
const UNNAMED = 'read'
/** The name of OPERATE_TOKEN. */
export const OPERATOR = 'operate'

/** Begins with a letter and has no "@": names are logged, and addresses and phone numbers must not be. */
const TOKEN_NAME = /^\p{L}[\p{L}\p{M}\p{N} ._-]{0,39}$/u

/** The entries of READ_TOKEN: `name: token`, in lines or comma-separated, or one token alone. */
export function splitTokens(text: string): { name: string | undefined; token: string }[] {
  return text
    .split(/[,\r\n]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [, name, token = entry] = /^([^:]*):\s*(.*)$/.exec(entry) ?? []
      return { name: name?.trim(), token }
    })
}

/** One bearer token, or several with a name each. */
export function parseTokens(text: string): NamedToken[] {
  const entries = splitTokens(text)
  const isOne = entries.length === 1
  const tokens = entries.map(({ name, token }, index) => {
    const where = isOne ? '' : ` in entry ${index + 1}`
    if (name === undefined && !isOne) {
      throw new InvalidText(
        `has no "name: token"${where}; write one per line, or with commas between`,
      )
    }
    if (name !== undefined && !TOKEN_NAME.test(name)) {
      throw new InvalidText(
        `has a name${where} that is not 1 to 40 letters, digits, blanks, "." "_" "-", beginning with a letter`,
      )
    }
    if (name?.toLowerCase() === OPERATOR) {
      throw new InvalidText(`has the name "${OPERATOR}"${where}, which OPERATE_TOKEN has`)
    }
    return { name: name ?? UNNAMED, token: checkToken(token, where) }
  })
  const distinct = (values: string[]) => new Set(values).size === values.length
  if (!distinct(tokens.map(({ name }) => name.toLowerCase()))) {
    throw new InvalidText('has a name twice')
  }
  if (!distinct(tokens.map(({ token }) => token))) throw new InvalidText('has a token twice')
  return tokens.map(({ name, token }) => ({ name, secret: new Secret(token) }))
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
  const names = parseTexts(text)
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

/** The URL of a team of Cloudflare Access, without a slash at its end; empty if there is none. */
export function parseTeamDomain(text: string): string {
  const url = text.toLowerCase().replace(/\/$/, '')
  if (url === '' || /^https:\/\/[a-z0-9-]+\.cloudflareaccess\.com$/.test(url)) return url
  throw new InvalidText('is not the URL of a team, such as https://my-team.cloudflareaccess.com')
}

/** The tag of an application of Cloudflare Access; empty if there is none. */
export function parseAudience(text: string): string {
  if (text === '' || /^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase()
  throw new InvalidText("is not an application's AUD tag, which has 64 digits and letters a to f")
}

/** Any texts, comma-separated. */
export function parseTexts(text: string): string[] {
  return text.split(',').flatMap((each) => each.trim() || [])
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
