import * as z from 'zod'
import { digest128 } from '../event/identity.ts'
import { HttpError } from '../platform/http-error.ts'
import { accessSettings } from '../settings/settings.ts'
import { accessError } from './access-error.ts'
import type { Account } from './account.ts'

const texts = z.union([z.array(z.string()), z.string().transform((text) => [text])]).catch([])
const text = z.string().catch('')

/** Claims of Cloudflare Access: of people, and of service tokens, which have a `common_name` and no `sub`. */
const claimsSchema = z.object({
  sub: text,
  common_name: text,
  email: text,
  groups: texts,
  custom: z.object({ groups: texts }).catch({ groups: [] }),
})

type Claims = z.output<typeof claimsSchema>

/** A name that may be logged as it is: a UUID, or the client ID of a service token. */
const PLAIN_NAME = /^[\w.-]{1,60}$/

/**
 * The account that Cloudflare Access let in; undefined if Access is not set up, or is not in front of this URL. Access
 * adds its token to a request as a header, which anyone could send: only its signature counts.
 *
 * @throws HttpError 401 if the token is invalid, 503 if it cannot be checked
 */
export async function findAccessAccount(env: Env, headers: Headers): Promise<Account | undefined> {
  const token = headers.get('Cf-Access-Jwt-Assertion')
  const settings = token === null ? undefined : accessSettings(env)
  if (token === null || settings === undefined) return undefined
  const { verifyAccess } = await import('./verify-access.ts')
  const claims = claimsSchema.parse(await verifyAccess(token, settings))
  const id = claims.sub || claims.common_name
  if (id === '') throw accessError(401, 'access_invalid')
  const name = PLAIN_NAME.test(id) ? id : digest128(id)
  return {
    name,
    label: claims.email || name,
    mayOperate: isOperator(claims, settings.operators),
    isFromAccess: true,
  }
}

/** An entry with "@" is an email address only: in some companies, anyone may give a group any name. */
function isOperator(claims: Claims, operators: readonly string[]): boolean {
  const { email, groups, custom, common_name: clientId } = claims
  const names = new Set(
    [...groups, ...custom.groups, clientId].filter((name) => !name.includes('@')),
  )
  return operators.some((entry) =>
    entry.includes('@') ? entry.toLowerCase() === email.toLowerCase() : names.has(entry),
  )
}

/**
 * Rejects a request that a browser sends for another site: Access signs in by a cookie, which such a request carries,
 * too.
 *
 * @throws HttpError 403 `forbidden`
 */
export function rejectCrossSite(request: Request): void {
  const { headers, url } = request
  const site = headers.get('Sec-Fetch-Site') ?? 'none'
  const { origin } = new URL(url)
  const isOwn =
    ['same-origin', 'none'].includes(site) && (headers.get('Origin') ?? origin) === origin
  if (!isOwn) {
    throw new HttpError(403, 'forbidden', 'This request was sent by another site.')
  }
}
