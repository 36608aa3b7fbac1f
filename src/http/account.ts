import type { Context } from 'hono'
import { routePath } from 'hono/route'
import { IDENTIFIERS } from '../event/identifier.ts'
import { log } from '../platform/log.ts'

/** The token, or the account at Cloudflare Access, that a request was let in with. */
export type Account = {
  /** The name of the token, or the ID at Cloudflare Access. Never an address, as it is logged. */
  name: string
  /** How it is called on pages: the name, or the address that Cloudflare Access knows. */
  label: string
  /** Whether it may make changes. */
  mayOperate: boolean
  /** Whether Cloudflare Access let it in. */
  isFromAccess: boolean
}

declare module 'hono' {
  interface ContextVariableMap {
    account: Account | undefined
  }
}

/** Parameters that search for contacts by personal data. */
const SEARCHES: readonly string[] = [...IDENTIFIERS, 'contains']

/** The contacts that a query looks up, for the log: their IDs, or `search` if it has other data of theirs. */
export function describeLookup(query: Readonly<Record<string, unknown>>): string | undefined {
  const ids = [query['contactId'] ?? []].flat().map(String)
  if (ids.some((id) => !/^-?\d{1,19}$/.test(id))) return 'search'
  if (ids.length > 0) return ids.map(BigInt).join(',')
  return SEARCHES.some((name) => query[name] !== undefined) ? 'search' : undefined
}

/**
 * Logs who looked up a contact.
 *
 * @param contact the contact's ID, `search` for a look-up by anything else, `list` for many contacts
 */
export function logViewed(context: Context, contact: string): void {
  const viewer = context.get('account')?.name ?? ''
  log('info', 'viewed', { viewer, route: routePath(context), contact })
}
