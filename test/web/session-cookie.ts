import { exports } from 'cloudflare:workers'

const ORIGIN = 'https://receiver.example.com'

let session: string | undefined

/** A session's cookie, as a browser sends it. */
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

/** A page, as whoever has signed in is shown it. @param zone of the viewer; none yet if not given */
export async function showPage(path: string, zone?: string): Promise<Response> {
  const cookies = [await signIn(), ...(zone ? [`zone=${encodeURIComponent(zone)}`] : [])]
  const headers = { Accept: 'text/html', Cookie: cookies.join('; ') }
  return exports.default.fetch(`${ORIGIN}${path}`, { headers })
}
