import type { MiddlewareHandler } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { DAY_MS } from '../../event/clock.ts'
import { log } from '../../platform/log.ts'
import { operateTokens, readingTokens, type Token } from '../../settings/settings.ts'
import { endSession, hasEnded } from '../../db/ended-sessions.ts'
import { findAccessAccount } from '../../http/access.ts'
import { accessError } from '../../http/access-error.ts'
import { findToken, toAccount } from '../../http/authorize.ts'
import { checkThrottled, countFailure, rejectBlocked } from '../../http/rate-limit.ts'
import type { Account } from '../../http/account.ts'
import { readForm } from '../form.ts'
import { PageError } from '../page-error.ts'
import { link } from '../link.ts'
import { ownPath } from '../own-path.ts'
import type { PageContext } from '../viewer.tsx'
import { sessionCookieAt } from './session-cookie.ts'
import { showCookieRejected, showLeaving, showSignIn } from './sign-in.tsx'

type Bindings = { Bindings: Env }

const SESSION_DAYS = 30
const COOKIE = /^(\d{13})\.([\w-]{36})\.([\w-]+)$/ // end, id, and the signature of both
const COOKIE_OPTIONS = { path: '/', httpOnly: true, sameSite: 'Strict' } as const

/** Middleware that lets signed-in viewers through, and shows others the sign-in form. */
export const requireSession: MiddlewareHandler<Bindings> = async (context, next) => {
  const { env, req } = context
  const find = () => findAccount(context)
  const account = await checkThrottled(find, env.FAILED_CREDENTIALS, req.raw.headers)
  context.set('account', account)
  if (account) return next()
  if (readingTokens(env).length === 0) throw accessError(401, 'access_required', { log: 'nothing' })
  const { pathname, search } = new URL(req.url)
  const isPage = req.method === 'GET' || req.method === 'HEAD'
  return showSignIn(context, { to: isPage ? pathname + search : '/' })
}

/** Middleware that lets operators through. Throws HttpError 403, or 503 if OPERATE_TOKEN is invalid. */
export const requireOperator: MiddlewareHandler<Bindings> = async (context, next) => {
  if (mayOperate(context)) return next()
  if (isFromAccess(context)) throw accessError(403, 'access_read_only')
  operateTokens(context.env) // names an invalid setting
  throw new PageError(403, 'forbidden', 'error.readOnly')
}

/** Whether the viewer may make changes; nobody with a token may while OPERATE_TOKEN is invalid. */
export function mayOperate(context: PageContext): boolean {
  return context.get('account')?.mayOperate ?? false
}

/** Whether Cloudflare Access let the viewer in. */
export function isFromAccess(context: PageContext): boolean {
  return context.get('account')?.isFromAccess ?? false
}

/** Whether someone is signed in; false while READ_TOKEN is invalid, or the database is unavailable. */
export async function maySee(context: PageContext): Promise<boolean> {
  try {
    const account = context.get('account') ?? (await findAccount(context))
    context.set('account', account)
    return account !== undefined
  } catch {
    return false // the page with the error is shown anyway
  }
}

/**
 * Whoever has a session, or whom Cloudflare Access let in.
 * @throws HttpError 401 or 503 of Access, or 503 `not_configured`
 */
async function findAccount(context: PageContext): Promise<Account | undefined> {
  const token = await findOngoing(context)
  return token ? toAccount(token) : findAccessAccount(context.env, context.req.raw.headers)
}

/**
 * `POST /sign-in` with READ_TOKEN or OPERATE_TOKEN: starts a session, which expires, or ends when its token changes.
 */
export async function signIn(context: PageContext): Promise<Response> {
  const tokens = readingTokens(context.env)
  const { token = '', to = '/' } = await readForm(context.req)
  const { headers } = context.req.raw
  rejectBlocked(context.env.FAILED_CREDENTIALS, headers)
  const target = ownPath(to, context.req.url)
  // The token signs its session, so that a new token ends it.
  const found = findToken(tokens, token.trim())
  if (!found) {
    const limit = await countFailure(context.env.FAILED_CREDENTIALS, headers)
    const refused = { method: 'POST', route: '/sign-in', status: 401, code: 'unauthorized' }
    log('warn', 'rejected', { ...refused, ...limit })
    return showSignIn(context, { to: target, isInvalid: true })
  }
  const expiresAt = Date.now() + SESSION_DAYS * DAY_MS
  const { name, secure } = sessionCookieAt(context.req.url)
  const id = crypto.randomUUID()
  const signature = found.secret.sign(toSigned(name, expiresAt, id))
  setCookie(context, name, `${expiresAt}.${id}.${signature}`, {
    ...COOKIE_OPTIONS,
    secure,
    maxAge: (SESSION_DAYS * DAY_MS) / 1000,
  })
  return context.redirect(link('/signed-in', { to: target, just: 'now' }), 303)
}

/** `GET /signed-in`: redirects to the requested page, if the browser kept the cookie. */
export function showSignedIn(context: PageContext): Response | Promise<Response> {
  const to = ownPath(context.req.query('to') ?? '/', context.req.url)
  if (readSession(context)?.findSigner(readingTokens(context.env))) return context.redirect(to, 303)
  return context.req.query('just') === 'now'
    ? showCookieRejected(context)
    : showSignIn(context, { to })
}

/** `POST /sign-out`: ends the session in every browser that has its cookie, or the one at Cloudflare Access. */
export async function signOut(context: PageContext): Promise<Response> {
  const session = readSession(context)
  if (session) await endSession(context.env.DB, session.id, session.expiresAt, Date.now())
  const { name, secure } = sessionCookieAt(context.req.url)
  deleteCookie(context, name, { ...COOKIE_OPTIONS, secure })
  return isFromAccess(context) ? showLeaving(context) : context.redirect('/', 303)
}

/** The token of a session that was not ended. */
async function findOngoing(context: PageContext): Promise<Token | undefined> {
  const tokens = readingTokens(context.env) // names a missing setting, also without a session
  const session = readSession(context)
  const token = session?.findSigner(tokens)
  if (!session || !token || (await hasEnded(context.env.DB, session.id))) return undefined
  return token
}

/** The session of a request, its signature unchecked; undefined if it has expired. */
function readSession(context: PageContext) {
  const { name } = sessionCookieAt(context.req.url)
  const [, time = '', id = '', signature = ''] = COOKIE.exec(getCookie(context, name) ?? '') ?? []
  const expiresAt = Number(time)
  if (expiresAt <= Date.now()) return undefined
  const signed = toSigned(name, expiresAt, id)
  /** The one of these tokens that signed the session; always tries all of them. */
  const findSigner = (tokens: readonly Token[]) =>
    tokens[tokens.map(({ secret }) => secret.hasSigned(signed, signature)).indexOf(true)]
  return { id, expiresAt, findSigner }
}

// The cookie's name is included, so that a session is valid only at its own address.
function toSigned(name: string, expiresAt: number, id: string): string {
  return `${name} ${id} until ${expiresAt}`
}
