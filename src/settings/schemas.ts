import * as z from 'zod'
import { isTimeZone } from '../event/clock.ts'
import { HEADER_NAME, parseHeaderLines } from './required-headers.ts'
import { isGuessable, MIN_SECRET_LENGTH } from '../platform/secret.ts'

const SECRET_HEADERS = ['authorization', 'proxy-authorization', 'cookie']
const DEFAULT_MAX_BODY_BYTES = 7_000_000 // 10,000 events, and what an isolate has memory for
const PLATFORM_MAX_BODY_BYTES = 100_000_000

// `echo secret | wrangler secret put` leaves a line end that nobody means.
const secretText = z
  .string()
  .default('')
  .transform((text) => text.replace(/[\r\n]+$/, ''))
const TOO_SHORT = `has fewer than ${MIN_SECRET_LENGTH} characters, which can be guessed`

/** What lets someone in; empty where it is not set. */
const credential = secretText.refine((text) => text === '' || !isGuessable(text), TOO_SHORT)
const token = credential.refine(
  (text) => !/\s/.test(text),
  'has white space, which no bearer token can have',
)

// A number too, as someone may write one in wrangler.toml.
const plainText = z
  .union([z.string(), z.number()])
  .default('')
  .transform((text) => String(text).trim())

const timeZone = plainText
  .transform((name) => name || 'UTC')
  .refine(isTimeZone, 'is not a time zone; use an IANA name such as Europe/Kyiv')

const headerLines = secretText.transform(parseHeaderLines)

const labelHeaders = plainText
  .transform((text) => text.split(',').flatMap((name) => name.trim() || []))
  .refine((names) => names.every((name) => HEADER_NAME.test(name)), 'is not a list of header names')

const maxBodyBytes = plainText
  .transform((text) => Number(/^\d*$/.test(text) ? text || DEFAULT_MAX_BODY_BYTES : Number.NaN))
  .refine(
    (bytes) => bytes >= 1 && bytes <= PLATFORM_MAX_BODY_BYTES,
    `is not a whole number from 1 to ${PLATFORM_MAX_BODY_BYTES}`,
  )

/** The settings of the webhook, as text. What is wrong is reported without a value. */
export const webhookSchema = z
  .object({
    WEBHOOK_LOGIN: secretText,
    WEBHOOK_PASSWORD: credential,
    WEBHOOK_HEADERS: headerLines,
    WEBHOOK_LOGIN_PREVIOUS: secretText,
    WEBHOOK_PASSWORD_PREVIOUS: credential,
    WEBHOOK_HEADERS_PREVIOUS: headerLines,
    LABEL_HEADERS: labelHeaders,
    YESPO_TIME_ZONE: timeZone,
    MAX_BODY_BYTES: maxBodyBytes,
  })
  .superRefine((env, context) => {
    const refuse = (setting: string, message: string) =>
      context.addIssue({ code: 'custom', path: [setting], message })
    for (const suffix of ['', '_PREVIOUS'] as const) {
      const login = env[`WEBHOOK_LOGIN${suffix}`]
      const password = env[`WEBHOOK_PASSWORD${suffix}`]
      if (login && !password)
        refuse(`WEBHOOK_PASSWORD${suffix}`, 'is missing, though its login is set')
      if (password && !login)
        refuse(`WEBHOOK_LOGIN${suffix}`, 'is missing, though its password is set')
      if (login.includes(':'))
        refuse(`WEBHOOK_LOGIN${suffix}`, 'has a colon, which Basic cannot carry')
    }
    const headers = [...env.WEBHOOK_HEADERS, ...env.WEBHOOK_HEADERS_PREVIOUS]
    const required = new Set(headers.map(({ name }) => name.toLowerCase()))
    const isSecret = (name: string) => SECRET_HEADERS.includes(name) || required.has(name)
    if (env.WEBHOOK_LOGIN && required.has('authorization')) {
      refuse('WEBHOOK_HEADERS', 'names Authorization, which carries the login and password already')
    }
    if (env.LABEL_HEADERS.some((name) => isSecret(name.toLowerCase()))) {
      refuse(
        'LABEL_HEADERS',
        'names a header that is a secret, which would be stored with every event',
      )
    }
    if (env.WEBHOOK_LOGIN) return
    if (env.WEBHOOK_HEADERS.length === 0) {
      refuse('WEBHOOK_LOGIN', 'is missing: set it with WEBHOOK_PASSWORD, or set WEBHOOK_HEADERS')
    }
    for (const name of ['WEBHOOK_HEADERS', 'WEBHOOK_HEADERS_PREVIOUS'] as const) {
      if (env[name].length > 0 && !env[name].some(({ isLong }) => isLong)) {
        refuse(
          name,
          `has no value of ${MIN_SECRET_LENGTH} characters, and no password is asked for`,
        )
      }
    }
  })

/** The settings of the read API, as text. */
export const readSchema = z.object({
  READ_TOKEN: token.refine((text) => text !== '', 'is missing'),
  READ_TOKEN_PREVIOUS: token,
  YESPO_TIME_ZONE: timeZone,
})

const wholeNumber = (usual: number, most: number) =>
  plainText
    .transform((text) => Number(/^\d*$/.test(text) ? text || usual : Number.NaN))
    .refine((number) => number <= most, `is not a whole number from 0 to ${most}`)

const oneOf = <const Name extends string>(usual: Name, ...others: Name[]) =>
  plainText
    .transform((text) => text.toLowerCase() || usual)
    .pipe(z.enum([usual, ...others], { error: `is not ${[usual, ...others].join(' or ')}` }))

const MAX_DAYS = 36_500

const isWebAddress = (text: string) => /^https?:\/\//.test(URL.parse(text)?.href ?? '')

const hasNoLogin = (text: string) => {
  const { username = '', password = '' } = URL.parse(text) ?? {}
  return username === '' && password === ''
}

const alertUrl = secretText
  .refine((text) => text === '' || isWebAddress(text), 'is no address that begins with https://')
  .refine(
    hasNoLogin,
    'has a login or password before an "@", which is not sent along: use an address that needs none, such as one with a secret in its path',
  )

/** The settings of what looks after the receiver, as text. Each stands for itself. */
export const operateSchema = z.object({
  KEEP_DAYS: wholeNumber(400, MAX_DAYS),
  QUARANTINE_DAYS: wholeNumber(30, MAX_DAYS),
  CLOUDFLARE_PLAN: oneOf('free', 'paid'),
  ALERT_URL: alertUrl,
  ALERT_FORMAT: oneOf('slack', 'plain'),
})

/** The zone of Yespo's times, as text. */
export const timeZoneSchema = z.object({ YESPO_TIME_ZONE: timeZone })

/** The token that operates, as text; without one the read token does. */
export const operateTokenSchema = z.object({ OPERATE_TOKEN: token })

const THIS_MACHINE = ['localhost', '127.0.0.1', '[::1]'] // as `URL` writes them

const keepsKeySecret = (text: string) => {
  const { protocol, hostname = '' } = URL.parse(text) ?? {}
  return protocol !== 'http:' || THIS_MACHINE.includes(hostname)
}

const apiUrl = plainText
  .transform((text) => text || 'https://esputnik.com/api')
  .refine(isWebAddress, 'is no address that begins with https://')
  .refine(
    hasNoLogin,
    'has a login or password before an "@": leave them out, as the secret YESPO_API_KEY is what is sent',
  )
  .refine(
    (text) => !/[?#]/.test(text),
    'has a "?" or a "#": leave out what begins there, as paths are appended to this address',
  )
  .refine(
    keepsKeySecret,
    'begins with http://, by which the key could be read on its way: use https:// (only localhost may do without)',
  )

/** The settings of reading Yespo's API, as text. */
export const syncSchema = z.object({
  YESPO_API_KEY: secretText,
  YESPO_API_URL: apiUrl,
  YESPO_API_TIME_ZONE: plainText.refine(
    (name) => name === '' || isTimeZone(name),
    'is not a time zone; use an IANA name such as Europe/Kyiv, or leave it empty',
  ),
  YESPO_API_MINUTES: wholeNumber(60, 10_080),
  YESPO_API_DAYS: wholeNumber(7, 90),
  YESPO_TIME_ZONE: timeZone,
})
