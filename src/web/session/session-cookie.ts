/** The name of a session's cookie, and whether it is `Secure`. */
export type SessionCookie = { name: string; secure: boolean }

/**
 * The cookie of a session at a URL. Safari keeps no `Secure` cookie over http, not even at localhost, so at a
 * loopback address it is not; its name is another one there, with the port, as cookies do not tell ports
 * apart. Elsewhere `__Host-` lets no other host of the same domain set it.
 *
 * @param url of the request: Cloudflare serves no loopback address, and no such name over http
 */
export function sessionCookieAt(url: string): SessionCookie {
  const { protocol, hostname, port } = new URL(url)
  const isLocal = protocol === 'http:' && isLoopback(hostname)
  return isLocal
    ? { name: `yespo-session-${port || '80'}`, secure: false }
    : { name: '__Host-session', secure: true }
}

/** @param hostname as URL writes it: `127.1` is 127.0.0.1 */
function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    /^127(\.\d{1,3}){3}$/.test(hostname) ||
    hostname === '[::1]'
  )
}
