import { Buffer } from 'node:buffer'
import { HttpError } from '../platform/http-error.ts'
import { matchesAny } from '../platform/secret.ts'
import type { RequiredHeader } from '../settings/parsers.ts'
import type { WebhookSettings } from '../settings/settings.ts'

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2})$/i

/**
 * Accepts a request that carries the Basic credentials and the headers of Yespo's form, whichever are set. Yespo
 * signs nothing and publishes no addresses, so there is nothing else to check.
 *
 * @throws HttpError 401 for the credentials, 403 for a header
 */
export function authenticate(headers: Headers, settings: WebhookSettings): void {
  if (settings.credentials.length > 0) checkCredentials(headers, settings.credentials)
  if (settings.headerSets.length > 0) checkHeaders(headers, settings.headerSets)
}

function checkCredentials(headers: Headers, accepted: WebhookSettings['credentials']): void {
  const authorization = headers.get('Authorization')
  const encoded = BASIC.exec(authorization ?? '')?.[1] ?? ''
  const offered = Buffer.from(encoded, 'base64')
  // Node accepts invalid base64, too. The padding at its end may be missing, but only as a whole.
  const padded = offered.toString('base64')
  const isBase64 = encoded !== '' && (encoded === padded || encoded === padded.replace(/=+$/, ''))
  // A password may hold colons, a login may not, so the pair is compared as it came.
  if (isBase64 && matchesAny(accepted, offered)) return
  const message =
    authorization === null
      ? 'Missing credentials. In Yespo, switch Authentication on and enter the login and password.'
      : 'Wrong login or password. Compare them with the ones entered in Yespo under Authentication.'
  throw new HttpError(401, 'unauthorized', message, {
    headers: { 'WWW-Authenticate': 'Basic realm="Yespo webhook", charset="UTF-8"' },
  })
}

function checkHeaders(headers: Headers, accepted: WebhookSettings['headerSets']): void {
  if (accepted.map((set) => hasAll(headers, set)).includes(true)) return
  throw new HttpError(
    403,
    'forbidden',
    'A required header is missing or has another value. Compare the headers entered in Yespo with WEBHOOK_HEADERS.',
  )
}

function hasAll(headers: Headers, set: readonly RequiredHeader[]): boolean {
  return !set.map(({ name, value }) => value.matches(headers.get(name) ?? '')).includes(false)
}
