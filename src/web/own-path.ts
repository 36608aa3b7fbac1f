/** A path of this receiver; `/` for any other URL. */
export function ownPath(to: string, here: string): string {
  const { origin } = new URL(here)
  const url = URL.parse(to, origin)
  const isHere = url?.origin === origin && to.startsWith('/') && !url.pathname.startsWith('//')
  return isHere ? url.pathname + url.search : '/'
}
