import { HttpError } from '../platform/http-error.ts'
import { operateTokens, readingTokens, type Token } from '../settings/settings.ts'
import { findAccessAccount, rejectCrossSite } from './access.ts'
import { accessError } from './access-error.ts'
import type { EndpointContext } from './endpoint.ts'
import { checkThrottled, countReading, rejectBlocked } from './rate-limit.ts'
import type { Account } from './account.ts'

const BEARER = /^bearer +(\S+) *$/i

/**
 * Requires READ_TOKEN or OPERATE_TOKEN, or a sign-in at Cloudflare Access.
 * @throws HttpError 401, 403, 429, or 503 if no read token is set
 */
export async function authorizeReader(context: EndpointContext): Promise<void> {
  await authorize(context, readingTokens, 'READ_TOKEN')
}

/**
 * Requires the token that allows changes (OPERATE_TOKEN, or the read token if that is not set), or an operator of
 * Cloudflare Access.
 *
 * @throws HttpError 401, 403, 429, or 503 if no token is set
 */
export async function authorizeOperator(context: EndpointContext): Promise<void> {
  const name = context.env.OPERATE_TOKEN ? 'OPERATE_TOKEN' : 'READ_TOKEN'
  const { mayOperate } = await authorize(context, operateTokens, name)
  if (!mayOperate) throw accessError(403, 'access_read_only')
}

type TokensOf = (env: Env) => readonly Token[]

async function authorize(
  context: EndpointContext,
  tokensOf: TokensOf,
  name: string,
): Promise<Account> {
  const { env, req } = context
  const { headers } = req.raw
  const offered = BEARER.exec(headers.get('Authorization') ?? '')?.[1] ?? ''
  rejectBlocked(env.FAILED_CREDENTIALS, headers)
  const find = async () =>
    (offered === '' ? await findAccessAccount(env, headers) : undefined) ??
    fromToken(offered, tokensOf(env), name)
  const account = await checkThrottled(find, env.FAILED_CREDENTIALS, headers)
  if (account.isFromAccess) rejectCrossSite(req.raw)
  context.set('account', account)
  await countReading(env.READING, offered === '' ? account.name : offered)
  return account
}

function fromToken(offered: string, tokens: readonly Token[], name: string): Account {
  const token = offered === '' ? undefined : findToken(tokens, offered)
  if (token) return toAccount(token)
  throw new HttpError(
    401,
    'unauthorized',
    `${offered === '' ? 'Missing' : 'Wrong'} token. Send “Authorization: Bearer ${name}”.`,
    { headers: { 'WWW-Authenticate': 'Bearer realm="activity"' } },
  )
}

/** The token that a text is; always compares with all of them. */
export function findToken(tokens: readonly Token[], input: string): Token | undefined {
  return tokens[tokens.map(({ secret }) => secret.matches(input)).indexOf(true)]
}

/** The account of a token. */
export function toAccount({ name, mayOperate }: Token): Account {
  return { name, label: name, mayOperate, isFromAccess: false }
}
