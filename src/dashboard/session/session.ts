import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { createMiddleware } from 'hono/factory'
import { DAY_MS } from '../../activity/clock.ts'
import { log } from '../../log.ts'
import type { Secret } from '../../secret.ts'
import { Refusal } from '../../refusal.ts'
import { operateTokens, readingTokens } from '../../settings.ts'
import { countFailure, refuseBlocked } from '../../throttle.ts'
import { readForm } from '../page/form.ts'
import { link } from '../page/link.ts'
import { sessionCookieAt } from './session-cookie.ts'
import { showCookieRefused, showSignIn } from './sign-in.tsx'

type PageContext = Context<{ Bindings: Env }>

const SESSION_DAYS = 30
const COOKIE_OPTIONS = { path: '/', httpOnly: true, sameSite: 'Strict' } as const

/** Shows pages to whoever has signed in, and to others the form to do so. */
export const requireSession = createMiddleware<{ Bindings: Env }>(async (context, next) => {
  if (hasSession(context)) return next()
  const { pathname, search } = new URL(context.req.url)
  const isPage = context.req.method === 'GET' || context.req.method === 'HEAD'
  return showSignIn(context, { to: isPage ? pathname + search : '/' })
})

/** Lets only those change something who have signed in with a token that may. Throws Refusal 403, or 503 where OPERATE_TOKEN is wrong. */
export const requireOperator = createMiddleware<{ Bindings: Env }>(async (context, next) => {
  if (isSessionOf(context, operateTokens(context.env))) return next()
  throw new Refusal(
    403,
    'forbidden',
    'Whoever has signed in with READ_TOKEN may look, and change nothing. Sign out, and sign in with OPERATE_TOKEN.',
  )
})

/** Whether the session was begun with a token that may delete and replay; none may while OPERATE_TOKEN is wrong. */
export function mayOperate(context: PageContext): boolean {
  return unlessRefused(() => isSessionOf(context, operateTokens(context.env)))
}

/** Whether there is a session; none is while READ_TOKEN is wrong. */
export function maySee(context: PageContext): boolean {
  return unlessRefused(() => hasSession(context))
}

function unlessRefused(check: () => boolean): boolean {
  try {
    return check()
  } catch (error) {
    if (error instanceof Refusal) return false
    throw error
  }
}

/** `POST /sign-in` with the read token, or the one that operates: begins a session that ends by itself, and with the token. */
export async function signIn(context: PageContext): Promise<Response> {
  const tokens = readingTokens(context.env)
  const { token = '', to = '/' } = await readForm(context.req)
  const { headers } = context.req.raw
  refuseBlocked(context.env.FAILED_CREDENTIALS, headers)
  const target = localPath(to, context.req.url)
  // It signs the session that it begins, so that this ends with it.
  const [secret] = tokens.filter((each) => each.matches(token.trim()))
  if (!secret) {
    const facts = await countFailure(context.env.FAILED_CREDENTIALS, headers)
    const refused = { method: 'POST', route: '/sign-in', status: 401, code: 'unauthorized' }
    log('warn', 'refused', { ...refused, ...facts })
    return showSignIn(context, { to: target, isWrong: true })
  }
  const expiresAt = Date.now() + SESSION_DAYS * DAY_MS
  const { name, secure } = sessionCookieAt(context.req.url)
  setCookie(context, name, `${expiresAt}.${secret.sign(toSigned(name, expiresAt))}`, {
    ...COOKIE_OPTIONS,
    secure,
    maxAge: (SESSION_DAYS * DAY_MS) / 1000,
  })
  return context.redirect(link('/signed-in', { to: target, just: 'now' }), 303)
}

/** `GET /signed-in`: goes on where one came from, if the browser has kept the cookie. */
export function goOn(context: PageContext): Response | Promise<Response> {
  const to = localPath(context.req.query('to') ?? '/', context.req.url)
  if (hasSession(context)) return context.redirect(to, 303)
  return context.req.query('just') === 'now'
    ? showCookieRefused(context)
    : showSignIn(context, { to })
}

/** `POST /sign-out`. */
export function signOut(context: PageContext): Response {
  const { name, secure } = sessionCookieAt(context.req.url)
  deleteCookie(context, name, { ...COOKIE_OPTIONS, secure })
  return context.redirect('/', 303)
}

function hasSession(context: PageContext): boolean {
  return isSessionOf(context, readingTokens(context.env))
}

function isSessionOf(context: PageContext, tokens: readonly Secret[]): boolean {
  const { name } = sessionCookieAt(context.req.url)
  const [, expiresAt = '', signature = ''] =
    /^(\d{13})\.([\w-]+)$/.exec(getCookie(context, name) ?? '') ?? []
  const signed = toSigned(name, Number(expiresAt))
  return Number(expiresAt) > Date.now() && isSigned(tokens, signed, signature)
}

function isSigned(secrets: readonly Secret[], text: string, signature: string): boolean {
  return secrets.map((secret) => secret.hasSigned(text, signature)).includes(true)
}

// With the name of the cookie, so that the session of one address is none at another.
function toSigned(name: string, expiresAt: number): string {
  return `${name} until ${expiresAt}`
}

/** A path of this receiver; `/` in place of an address elsewhere. */
function localPath(to: string, here: string): string {
  const { origin } = new URL(here)
  const url = URL.parse(to, origin)
  const isHere = url?.origin === origin && to.startsWith('/') && !url.pathname.startsWith('//')
  return isHere ? url.pathname + url.search : '/'
}
