import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { createMiddleware } from 'hono/factory'
import { DAY_MS } from '../../event/clock.ts'
import { log } from '../../platform/log.ts'
import type { Secret } from '../../platform/secret.ts'
import { HttpError } from '../../platform/http-error.ts'
import { operateTokens, readingTokens } from '../../settings/settings.ts'
import { endSession, hasEnded } from '../../db/monitor/ended-sessions.ts'
import { countFailure, rejectBlocked } from '../../http/rate-limit.ts'
import { readForm } from '../form.ts'
import { link } from '../link.ts'
import { sessionCookieAt } from './session-cookie.ts'
import { showCookieRejected, showSignIn } from './sign-in.tsx'

type PageContext = Context<{ Bindings: Env }>

const SESSION_DAYS = 30
const COOKIE = /^(\d{13})\.([\w-]{36})\.([\w-]+)$/ // when it ends, its id, and the signature of both
const COOKIE_OPTIONS = { path: '/', httpOnly: true, sameSite: 'Strict' } as const

/** Shows pages to whoever has signed in, and to others the form to do so. */
export const requireSession = createMiddleware<{ Bindings: Env }>(async (context, next) => {
  const tokens = readingTokens(context.env) // says which setting is missing, also to who has no session
  if (await isOngoing(context, tokens)) return next()
  const { pathname, search } = new URL(context.req.url)
  const isPage = context.req.method === 'GET' || context.req.method === 'HEAD'
  return showSignIn(context, { to: isPage ? pathname + search : '/' })
})

/** Lets only those change something who have signed in with a token that may. Throws HttpError 403, or 503 where OPERATE_TOKEN is wrong. */
export const requireOperator = createMiddleware<{ Bindings: Env }>(async (context, next) => {
  if (readSession(context)?.isSignedBy(operateTokens(context.env))) return next()
  throw new HttpError(
    403,
    'forbidden',
    'Whoever has signed in with READ_TOKEN may look, and change nothing. Sign out, and sign in with OPERATE_TOKEN.',
  )
})

/** Whether the session was begun with a token that may delete and replay; none may while OPERATE_TOKEN is wrong. */
export function mayOperate(context: PageContext): boolean {
  try {
    return isSignedIn(context, operateTokens)
  } catch (error) {
    if (error instanceof HttpError) return false
    throw error
  }
}

/** Whether there is a session; none is while READ_TOKEN is wrong, or the database is away. */
export async function maySee(context: PageContext): Promise<boolean> {
  try {
    return await isOngoing(context, readingTokens(context.env))
  } catch {
    return false // a page that says what is wrong is shown all the same
  }
}

/** `POST /sign-in` with the read token, or the one that operates: begins a session that ends by itself, and with the token. */
export async function signIn(context: PageContext): Promise<Response> {
  const tokens = readingTokens(context.env)
  const { token = '', to = '/' } = await readForm(context.req)
  const { headers } = context.req.raw
  rejectBlocked(context.env.FAILED_CREDENTIALS, headers)
  const target = localPath(to, context.req.url)
  // It signs the session that it begins, so that this ends with it.
  const [secret] = tokens.filter((each) => each.matches(token.trim()))
  if (!secret) {
    const facts = await countFailure(context.env.FAILED_CREDENTIALS, headers)
    const refused = { method: 'POST', route: '/sign-in', status: 401, code: 'unauthorized' }
    log('warn', 'refused', { ...refused, ...facts })
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

/** `GET /signed-in`: goes on where one came from, if the browser has kept the cookie. */
export function goOn(context: PageContext): Response | Promise<Response> {
  const to = localPath(context.req.query('to') ?? '/', context.req.url)
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

/** Whether a session was begun with one of these tokens, and nobody has signed out of it. */
async function isOngoing(context: PageContext, tokens: readonly Secret[]): Promise<boolean> {
  const session = readSession(context)
  if (!session?.isSignedBy(tokens)) return false
  return !(await hasEnded(context.env.DB, session.id))
}

/** The session that a request says it has, unless it is over by itself. */
function readSession(context: PageContext) {
  const { name } = sessionCookieAt(context.req.url)
  const [, time = '', id = '', signature = ''] = COOKIE.exec(getCookie(context, name) ?? '') ?? []
  const expiresAt = Number(time)
  if (expiresAt <= Date.now()) return undefined
  const signed = toSigned(name, expiresAt, id)
  /** Whether it was begun with one of these tokens. */
  const isSignedBy = (tokens: readonly Secret[]) =>
    tokens.map((token) => token.hasSigned(signed, signature)).includes(true)
  return { id, expiresAt, isSignedBy }
}

// With the name of the cookie, so that the session of one address is none at another.
function toSigned(name: string, expiresAt: number, id: string): string {
  return `${name} ${id} until ${expiresAt}`
}

/** A path of this receiver; `/` in place of an address elsewhere. */
function localPath(to: string, here: string): string {
  const { origin } = new URL(here)
  const url = URL.parse(to, origin)
  const isHere = url?.origin === origin && to.startsWith('/') && !url.pathname.startsWith('//')
  return isHere ? url.pathname + url.search : '/'
}
