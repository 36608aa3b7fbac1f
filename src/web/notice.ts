import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { isTextKey, type TextKey, type Values } from '../language/messages.ts'

type PageContext = Context<{ Bindings: Env }>

const COOKIE = 'notice'
const MAX_AGE_SECONDS = 60

/**
 * Redirects to a page after an action; the page tells its outcome once.
 *
 * @param path of this receiver
 * @param values without personal data: they are in a cookie for a moment
 */
export function redirectWithNotice(
  context: PageContext,
  path: string,
  key: TextKey,
  values: Values = {},
): Response {
  setCookie(context, COOKIE, JSON.stringify([key, values]), {
    path: '/',
    httpOnly: true,
    sameSite: 'Strict',
    secure: new URL(context.req.url).protocol === 'https:',
    maxAge: MAX_AGE_SECONDS,
  })
  return context.redirect(path, 303)
}

/** The outcome of an action that led to this page; a second time there is none. */
export function takeNotice(
  context: PageContext,
  text: (key: TextKey, values?: Values) => string,
): string | undefined {
  const cookie = getCookie(context, COOKIE)
  if (cookie === undefined) return undefined
  deleteCookie(context, COOKIE, { path: '/' })
  try {
    const [key, values] = JSON.parse(cookie) as [string, Values]
    return isTextKey(key) ? text(key, values) : undefined
  } catch {
    return undefined // not ours, or from another version
  }
}
