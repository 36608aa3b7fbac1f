import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import { HttpError } from '../platform/http-error.ts'
import { errorText } from '../platform/log.ts'

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
  return new HttpError(
    503,
    'access_unavailable',
    'The keys of Cloudflare Access could not be loaded, so no sign-in can be checked. Try again; if it stays so, check the setting ACCESS_TEAM_DOMAIN.',
    { headers: { 'Retry-After': '10' }, log: { errors: [error] } },
  )
}

function invalidToken(error: InstanceType<typeof errors.JOSEError>): HttpError {
  const claim = error instanceof errors.JWTClaimValidationFailed ? error.claim : ''
  return new HttpError(401, 'unauthorized', describe(error, claim), {
    log: { reason: error.code, ...(claim !== '' && { claim }) },
  })
}

function describe(error: unknown, claim: string): string {
  if (error instanceof errors.JWTExpired) {
    return 'The sign-in at Cloudflare Access has expired. Reload this page to sign in again.'
  }
  if (claim === 'aud') {
    return 'This sign-in is for another application of Cloudflare Access. Check the setting ACCESS_AUDIENCE.'
  }
  if (claim === 'iss') {
    return 'This sign-in is from another team of Cloudflare Access. Check the setting ACCESS_TEAM_DOMAIN.'
  }
  return 'This sign-in is not from Cloudflare Access.'
}
