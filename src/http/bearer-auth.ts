import { HttpError } from '../platform/http-error.ts'
import { matchesAny, type Secret } from '../platform/secret.ts'
import { operateTokens, readingTokens } from '../settings/settings.ts'
import { checkThrottled, countReading, rejectBlocked } from './rate-limit.ts'

const BEARER = /^bearer +(\S+) *$/i

/**
 * Requires READ_TOKEN or OPERATE_TOKEN.
 * @throws HttpError 401, 429, or 503 if no read token is set
 */
export async function requireReadToken(env: Env, headers: Headers): Promise<void> {
  await requireToken(headers, env, readingTokens(env), 'READ_TOKEN')
}

/**
 * Requires the token that allows changes: OPERATE_TOKEN, or the read token if that is not set.
 * @throws HttpError 401, 429, or 503 if neither is set
 */
export async function requireOperateToken(env: Env, headers: Headers): Promise<void> {
  const name = env.OPERATE_TOKEN ? 'OPERATE_TOKEN' : 'READ_TOKEN'
  await requireToken(headers, env, operateTokens(env), name)
}

async function requireToken(
  headers: Headers,
  { FAILED_CREDENTIALS, READING }: Env,
  tokens: readonly Secret[],
  name: string,
): Promise<void> {
  const offered = BEARER.exec(headers.get('Authorization') ?? '')?.[1] ?? ''
  rejectBlocked(FAILED_CREDENTIALS, headers)
  await checkThrottled(() => checkToken(offered, tokens, name), FAILED_CREDENTIALS, headers)
  await countReading(READING, offered)
}

function checkToken(offered: string, tokens: readonly Secret[], name: string): void {
  if (offered !== '' && matchesAny(tokens, offered)) return
  throw new HttpError(
    401,
    'unauthorized',
    `${offered === '' ? 'Missing' : 'Wrong'} token. Send “Authorization: Bearer ${name}”.`,
    { headers: { 'WWW-Authenticate': 'Bearer realm="activity"' } },
  )
}
