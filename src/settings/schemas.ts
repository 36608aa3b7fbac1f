import * as z from 'zod'
import { isTimeZone } from '../event/clock.ts'
import { isGuessable, MIN_SECRET_LENGTH, Secret } from '../platform/secret.ts'

// Each reads the text of a setting; an error never repeats the text.

const MAX_HEADERS = 5 // as many as Yespo's form takes

/** A header name (RFC 9110, token). */
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~\w]+$/

/** A header that a request must carry with exactly this value; `isLong` if it is enough of a secret by itself. */
export type RequiredHeader = { name: string; value: Secret; isLong: boolean }

export const text = z.string()

export const login = text.refine(
  (login) => !login.includes(':'),
  'has a colon, which Basic cannot carry',
)

/** A text that is hard to guess, or empty. */
export const password = text.refine(
  (password) => password === '' || !isGuessable(password),
  `has fewer than ${MIN_SECRET_LENGTH} characters, which can be guessed`,
)

/** A bearer token; undefined if it is empty. */
export const token = password
  .refine((text) => !/\s/.test(text), 'has white space, which no bearer token can have')
  .transform((text) => (text === '' ? undefined : new Secret(text)))

/** `Name: value` lines. */
export const headerLines = text.transform((text, context): RequiredHeader[] => {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const headers = lines.map(parseHeader)
  const names = new Set(headers.map((header) => header?.name.toLowerCase()))
  if (headers.length > MAX_HEADERS) {
    context.addIssue(`has ${headers.length} headers; Yespo sends at most ${MAX_HEADERS}`)
  } else if (headers.includes(undefined)) {
    const line = headers.indexOf(undefined) + 1
    context.addIssue(`has no "Name: value" in line ${line}; write one header per line`)
  } else if (names.size < headers.length) context.addIssue('names a header twice')
  return headers.filter((header) => header !== undefined)
})

function parseHeader(line: string): RequiredHeader | undefined {
  const colon = line.indexOf(':')
  const name = line.slice(0, colon).trim()
  const value = line.slice(colon + 1).trim()
  if (colon < 0 || !HEADER_NAME.test(name) || value === '') return undefined
  return { name, value: new Secret(value), isLong: !isGuessable(value) }
}

/** Names of headers, comma-separated. */
export const headerNames = text
  .transform((text) => text.split(',').flatMap((name) => name.trim() || []))
  .refine((names) => names.every((name) => HEADER_NAME.test(name)), 'is not a list of header names')

export const timeZone = text.refine(
  isTimeZone,
  'is not a time zone; use an IANA name such as Europe/Kyiv',
)

export const timeZoneOrEmpty = text.refine(
  (name) => name === '' || isTimeZone(name),
  'is not a time zone; use an IANA name such as Europe/Kyiv, or leave it empty',
)

export const wholeNumber = (min: number, max: number) =>
  text
    .transform((text) => (/^\d+$/.test(text) ? Number(text) : Number.NaN))
    .refine(
      (number) => number >= min && number <= max,
      `is not a whole number from ${min} to ${max}`,
    )

export const oneOf = <const Name extends string>(names: readonly Name[], error: string) =>
  text.toLowerCase().pipe(z.enum(names, { error }))

const webUrl = (hint: string) =>
  text
    .refine(
      (url) => url === '' || /^https?:/.test(parseUrl(url).protocol),
      'is not an https:// URL',
    )
    .refine(
      (url) => parseUrl(url).username === '' && parseUrl(url).password === '',
      `has a login or password before an "@"${hint}`,
    )

/** A URL to post to; undefined if it is empty. */
export const alertUrl = webUrl(
  ', which would not be sent: use a URL that needs none, such as one with a secret in its path',
).transform((url) => (url === '' ? undefined : url))

const THIS_MACHINE = ['localhost', '127.0.0.1', '[::1]'] // as `URL` writes them

/** A URL that paths are appended to, and that a key is sent to. */
export const apiUrl = webUrl(': leave them out, as YESPO_API_KEY is sent instead')
  .refine(
    (url) => !/[?#]/.test(url),
    'has a "?" or a "#": leave it out with all that follows, as paths are appended to this URL',
  )
  .refine(
    (url) => parseUrl(url).protocol !== 'http:' || THIS_MACHINE.includes(parseUrl(url).hostname),
    'begins with http://, which would expose the key: use https:// (only localhost may do without)',
  )

const NO_URL = { protocol: '', username: '', password: '', hostname: '' }

function parseUrl(url: string): typeof NO_URL {
  return URL.parse(url) ?? NO_URL
}
