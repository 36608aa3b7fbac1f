/** The name of a session's cookie, and whether it is `Secure`. */
export type SessionCookie = { name: string; secure: boolean }

/**
 * The cookie of a session at a URL. At a loopback address it is not `Secure`, since Safari keeps no such cookie over
 * http, and its name includes the port, since cookies do not depend on ports. Elsewhere, `__Host-` prevents other hosts
 * of the same domain from setting it.
 *
 * @param url the URL of the request: on Cloudflare it is never a loopback address
 */
export function sessionCookieAt(url: string): SessionCookie {
  const { protocol, hostname, port } = new URL(url)
  const isLocal = protocol === 'http:' && isLoopback(hostname)
  return isLocal
    ? { name: `yespo-session-${port || '80'}`, secure: false }
    : { name: '__Host-session', secure: true }
}

/** @param hostname as in a URL object: `127.1` has become `127.0.0.1` */
function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    /^127(\.\d{1,3}){3}$/.test(hostname) ||
    hostname === '[::1]'
  )
}
