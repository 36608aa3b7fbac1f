import type { MiddlewareHandler } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { DAY_MS } from '../../event/clock.ts'
import { log } from '../../platform/log.ts'
import type { Secret } from '../../platform/secret.ts'
import { HttpError } from '../../platform/http-error.ts'
import { operateTokens, readingTokens } from '../../settings/settings.ts'
import { endSession, hasEnded } from '../../db/ended-sessions.ts'
import { countFailure, rejectBlocked } from '../../http/rate-limit.ts'
import { readForm } from '../form.ts'
import { PageError } from '../page-error.ts'
import { link } from '../link.ts'
import { ownPath } from '../own-path.ts'
import type { PageContext } from '../viewer.tsx'
import { sessionCookieAt } from './session-cookie.ts'
import { showCookieRejected, showSignIn } from './sign-in.tsx'

type Bindings = { Bindings: Env }

const SESSION_DAYS = 30
const COOKIE = /^(\d{13})\.([\w-]{36})\.([\w-]+)$/ // end, id, and the signature of both
const COOKIE_OPTIONS = { path: '/', httpOnly: true, sameSite: 'Strict' } as const

/** Middleware that lets signed-in viewers through, and shows others the sign-in form. */
export const requireSession: MiddlewareHandler<Bindings> = async (context, next) => {
  const tokens = readingTokens(context.env) // names a missing setting, also without a session
  if (await isOngoing(context, tokens)) return next()
  const { pathname, search } = new URL(context.req.url)
  const isPage = context.req.method === 'GET' || context.req.method === 'HEAD'
  return showSignIn(context, { to: isPage ? pathname + search : '/' })
}

/** Middleware that lets operators through. Throws HttpError 403, or 503 if OPERATE_TOKEN is invalid. */
export const requireOperator: MiddlewareHandler<Bindings> = async (context, next) => {
  if (readSession(context)?.isSignedBy(operateTokens(context.env))) return next()
  throw new PageError(403, 'forbidden', 'error.readOnly')
}

/** Whether the session may make changes; none may while OPERATE_TOKEN is invalid. */
export function mayOperate(context: PageContext): boolean {
  try {
    return isSignedIn(context, operateTokens)
  } catch (error) {
    if (error instanceof HttpError) return false
    throw error
  }
}

/** Whether there is a session; false while READ_TOKEN is invalid, or the database is unavailable. */
export async function maySee(context: PageContext): Promise<boolean> {
  try {
    return await isOngoing(context, readingTokens(context.env))
  } catch {
    return false // the page with the error is shown anyway
  }
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
  const [secret] = tokens.filter((each) => each.matches(token.trim()))
  if (!secret) {
    const limit = await countFailure(context.env.FAILED_CREDENTIALS, headers)
    const refused = { method: 'POST', route: '/sign-in', status: 401, code: 'unauthorized' }
    log('warn', 'rejected', { ...refused, ...limit })
    return showSignIn(context, { to: target, isInvalid: true })
  }
  const expiresAt = Date.now() + SESSION_DAYS * DAY_MS
  const { name, secure } = sessionCookieAt(context.req.url)
  const id = crypto.randomUUID()
  const signature = secret.sign(toSigned(name, expiresAt, id))
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
  if (isSignedIn(context, readingTokens)) return context.redirect(to, 303)
  return context.req.query('just') === 'now'
    ? showCookieRejected(context)
    : showSignIn(context, { to })
}

/** `POST /sign-out`: ends the session in every browser that has its cookie. */
export async function signOut(context: PageContext): Promise<Response> {
  const session = readSession(context)
  if (session) await endSession(context.env.DB, session.id, session.expiresAt, Date.now())
  const { name, secure } = sessionCookieAt(context.req.url)
  deleteCookie(context, name, { ...COOKIE_OPTIONS, secure })
  return context.redirect('/', 303)
}

function isSignedIn(context: PageContext, tokensOf: (env: Env) => readonly Secret[]): boolean {
  return readSession(context)?.isSignedBy(tokensOf(context.env)) ?? false
}

/** Whether a session belongs to one of these tokens, and was not ended. */
async function isOngoing(context: PageContext, tokens: readonly Secret[]): Promise<boolean> {
  const session = readSession(context)
  if (!session?.isSignedBy(tokens)) return false
  return !(await hasEnded(context.env.DB, session.id))
}

/** The session of a request, its signature unchecked; undefined if it has expired. */
function readSession(context: PageContext) {
  const { name } = sessionCookieAt(context.req.url)
  const [, time = '', id = '', signature = ''] = COOKIE.exec(getCookie(context, name) ?? '') ?? []
  const expiresAt = Number(time)
  if (expiresAt <= Date.now()) return undefined
  const signed = toSigned(name, expiresAt, id)
  /** Whether one of these tokens signed a session. */
  const isSignedBy = (tokens: readonly Secret[]) =>
    tokens.map((token) => token.hasSigned(signed, signature)).includes(true)
  return { id, expiresAt, isSignedBy }
}

// The cookie's name is included, so that a session is valid only at its own address.
function toSigned(name: string, expiresAt: number, id: string): string {
  return `${name} ${id} until ${expiresAt}`
}
