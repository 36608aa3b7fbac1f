import { env } from 'cloudflare:workers'
import { app } from '../src/routes.ts'

export const ORIGIN = 'https://receiver.example.com'

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

/** The options of a visit. */
export type Visit = {
  /** The fields of a form to send; without them, a page is requested. */
  fields?: Record<string, string> | undefined
  /** The token to sign in with. */
  token?: string
  /** The origin of the request. */
  origin?: string
  /** The time zone of the viewer; unknown if omitted. */
  zone?: string | undefined
  /** The language that was chosen; none if omitted. */
  language?: string
  /** One more cookie. */
  cookie?: string
  /** Changes of settings and bindings. */
  changed?: Partial<Env>
}

/** Signs in. @returns the cookie of the session, as a browser sends it */
export async function signIn(
  token = 'read-token-for-tests',
  changed: Partial<Env> = {},
): Promise<string> {
  const body = new URLSearchParams({ token })
  const init = { method: 'POST', headers: { Origin: ORIGIN }, body }
  const response = await app.request(`${ORIGIN}/sign-in`, init, { ...env, ...changed })
  return response.headers.get('Set-Cookie')?.split(';')[0] ?? ''
}

/** Requests a page or sends a form as a browser would, in a session. */
export async function visit(path: string, options: Visit = {}): Promise<Response> {
  const { fields, token, origin = ORIGIN, zone, language, cookie, changed = {} } = options
  const cookies = [await signIn(token, changed)]
  if (zone !== undefined) cookies.push(`zone=${encodeURIComponent(zone)}`)
  if (language !== undefined) cookies.push(`language=${language}`)
  if (cookie !== undefined) cookies.push(cookie)
  const Cookie = cookies.join('; ')
  const headers = { Accept: BROWSER, Cookie, Origin: origin }
  const form = fields && { method: 'POST', body: new URLSearchParams(fields) }
  return app.request(`${ORIGIN}${path}`, { headers, ...form }, { ...env, ...changed })
}
