import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import type { AccessErrorCode, HttpError } from '../platform/http-error.ts'
import { errorText } from '../platform/log.ts'
import { accessError } from './access-error.ts'

const TIMEOUT_MS = 3_000
const KEYS_MS = 3_600_000 // Access replaces its keys every six weeks, and signs with the old ones for another week
const PAUSE_MS = 5_000 // between attempts to load keys that could not be loaded

/** The keys of a team, and when they could last not be loaded: UTC milliseconds. */
type Keys = { load: JWTVerifyGetKey; failedAt: number }

const keysOfTeams = new Map<string, Keys>()

/**
 * The claims of a token that Cloudflare Access signed for an application.
 *
 * @param teamDomain the URL of the team
 * @throws HttpError 401 if the token is invalid, 503 if the keys to check it cannot be loaded
 */
export async function verifyAccess(
  token: string,
  { teamDomain, audience }: { teamDomain: string; audience: string },
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keysOf(teamDomain), {
      issuer: teamDomain,
      audience,
      algorithms: ['RS256'],
      requiredClaims: ['exp'],
    })
    return payload
  } catch (error) {
    throw error instanceof errors.JOSEError ? invalidToken(error) : error
  }
}

function keysOf(teamDomain: string): JWTVerifyGetKey {
  const keys = keysOfTeams.get(teamDomain) ?? openKeys(teamDomain)
  keysOfTeams.set(teamDomain, keys)
  return async (header, token) => {
    if (Date.now() - keys.failedAt < PAUSE_MS) throw keysUnavailable('tried a moment ago')
    try {
      return await keys.load(header, token)
    } catch (error) {
      if (isAboutToken(error)) throw error
      keys.failedAt = Date.now()
      throw keysUnavailable(errorText(error))
    }
  }
}

function openKeys(teamDomain: string): Keys {
  const load = createRemoteJWKSet(new URL('/cdn-cgi/access/certs', teamDomain), {
    timeoutDuration: TIMEOUT_MS,
    cacheMaxAge: KEYS_MS,
  })
  return { load, failedAt: -Infinity }
}

/** Whether the token names a key that does not exist, and not that the keys could not be loaded. */
function isAboutToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys
  )
}

function keysUnavailable(error: string): HttpError {
  return accessError(503, 'access_unavailable', {
    headers: { 'Retry-After': '10' },
    log: { errors: [error] },
  })
}

function invalidToken(error: InstanceType<typeof errors.JOSEError>): HttpError {
  const claim = error instanceof errors.JWTClaimValidationFailed ? error.claim : ''
  const log = { reason: error.code, ...(claim !== '' && { claim }) }
  return accessError(401, codeOf(error, claim), { log })
}

function codeOf(error: unknown, claim: string): AccessErrorCode {
  if (error instanceof errors.JWTExpired) return 'access_expired'
  if (claim === 'aud') return 'access_other_application'
  return claim === 'iss' ? 'access_other_team' : 'access_invalid'
}
