import { Buffer } from 'node:buffer'
import { HttpError } from '../platform/http-error.ts'
import { matchesAny } from '../platform/secret.ts'
import type { RequiredHeader } from '../settings/schemas.ts'
import type { WebhookSettings } from '../settings/settings.ts'

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2})$/i

/**
 * Lets a request in that carries what Yespo's form was given: the Basic credentials and the headers,
 * each where it is set. Yespo signs nothing and publishes no addresses, so these are all there is.
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
  // Node reads base64 that is none, too. The padding at its end may be left out, and is then left out whole.
  const padded = offered.toString('base64')
  const isBase64 = encoded !== '' && (encoded === padded || encoded === padded.replace(/=+$/, ''))
  // A password may hold colons and a login none, so the pair is compared as it came.
  if (isBase64 && matchesAny(accepted, offered)) return
  const message =
    authorization === null
      ? 'This webhook asks for credentials and the request has none. In Yespo, switch Authentication on and enter the login and password.'
      : 'The login or the password is wrong. Compare them with the ones entered in Yespo under Authentication.'
  throw new HttpError(401, 'unauthorized', message, {
    headers: { 'WWW-Authenticate': 'Basic realm="Yespo webhook", charset="UTF-8"' },
  })
}

function checkHeaders(headers: Headers, accepted: WebhookSettings['headerSets']): void {
  if (accepted.map((set) => hasAll(headers, set)).includes(true)) return
  throw new HttpError(
    403,
    'forbidden',
    'A header that this webhook requires is missing or has another value. Compare the headers entered in Yespo with the ones it was set up with.',
  )
}

function hasAll(headers: Headers, set: readonly RequiredHeader[]): boolean {
  return !set.map(({ name, value }) => value.matches(headers.get(name) ?? '')).includes(false)
}
