import { createMiddleware } from 'hono/factory'
import { HttpError } from '../platform/http-error.ts'
import { matchesAny, type Secret } from '../platform/secret.ts'
import { operateTokens, readingTokens } from '../settings/settings.ts'
import { withTimeout } from '../platform/timeout.ts'
import { checkThrottled, countReading, rejectBlocked } from './rate-limit.ts'

type Bindings = { Bindings: Env }

const OPERATION_LIMIT_MS = 28_000 // before those who asked give up themselves

const BEARER = /^bearer +(\S+) *$/i

/** Lets requests on that carry the read token, or OPERATE_TOKEN. Throws HttpError 401, 429, or 503 where no read token is set. */
export const authorize = createMiddleware<Bindings>(async ({ env, req }, next) => {
  await admit(req.raw.headers, env, readingTokens(env), 'READ_TOKEN')
  await next()
})

/**
 * Lets requests on that may change what is stored: with OPERATE_TOKEN where it is set, and with the
 * read token where it is not. Throws HttpError 401, 429, or 503 where none is set, and what counts as
 * transient where it takes too long.
 */
export const authorizeOperator = createMiddleware<Bindings>(async ({ env, req }, next) => {
  const name = env.OPERATE_TOKEN ? 'OPERATE_TOKEN' : 'READ_TOKEN'
  await admit(req.raw.headers, env, operateTokens(env), name)
  // What hangs may have been done or not; it can be asked for again.
  await withTimeout('the database', OPERATION_LIMIT_MS, next())
})

async function admit(
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
    `This asks for a token: send the header "Authorization: Bearer ${name}".`,
    { headers: { 'WWW-Authenticate': 'Bearer realm="activity"' } },
  )
}
