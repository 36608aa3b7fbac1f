import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { isTextKey, type TextKey, type Values } from '../language/messages.ts'

type PageContext = Context<{ Bindings: Env }>

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
  const { name, secure } = cookieAt(context.req.url)
  setCookie(context, name, JSON.stringify([key, values]), {
    path: '/',
    httpOnly: true,
    sameSite: 'Strict',
    secure,
    maxAge: MAX_AGE_SECONDS,
  })
  return context.redirect(path, 303)
}

/** The outcome of an action that led to this page; a second time there is none. */
export function takeNotice(
  context: PageContext,
  text: (key: TextKey, values?: Values) => string,
): string | undefined {
  const { name, secure } = cookieAt(context.req.url)
  const cookie = getCookie(context, name)
  if (cookie === undefined) return undefined
  deleteCookie(context, name, { path: '/', secure })
  try {
    const [key, values] = JSON.parse(cookie) as [string, Values]
    return isTextKey(key) ? text(key, values) : undefined
  } catch {
    return undefined // not ours, or from another version
  }
}

/** Its cookie, which over https no other host of the same domain can set. */
function cookieAt(url: string): { name: string; secure: boolean } {
  const secure = new URL(url).protocol === 'https:'
  return { name: secure ? '__Host-notice' : 'notice', secure }
}
