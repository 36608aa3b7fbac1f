import { exports } from 'cloudflare:workers'

const ORIGIN = 'https://receiver.example.com'

let session: string | undefined

/** The cookie of a session, as a browser sends it. */
export async function signIn(): Promise<string> {
  if (session === undefined) {
    const response = await exports.default.fetch(`${ORIGIN}/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      headers: { Origin: ORIGIN },
      body: new URLSearchParams({ token: 'read-token-for-tests' }),
    })
    session = response.headers.get('Set-Cookie')?.split(';')[0] ?? ''
  }
  return session
}

/** Requests a page with a session. @param zone of the viewer; none yet if omitted */
export async function showPage(path: string, zone?: string): Promise<Response> {
  const cookies = [await signIn(), ...(zone ? [`zone=${encodeURIComponent(zone)}`] : [])]
  const headers = { Accept: 'text/html', Cookie: cookies.join('; ') }
  return exports.default.fetch(`${ORIGIN}${path}`, { headers })
}
