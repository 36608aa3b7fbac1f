import type { MiddlewareHandler } from 'hono'
import { describeLookup, logViewed } from '../http/account.ts'

type Bindings = { Bindings: Env }

/** Middleware that logs who looked up the contact in a page's URL, if the page was shown; its renewals are not. */
export const logLookup: MiddlewareHandler<Bindings> = async (context, next) => {
  await next()
  const { req, res } = context
  const contactId = req.param('contactId') ?? req.query('contactId')
  const contact = describeLookup({ contactId })
  if (res.ok && contact !== undefined && req.query('live') !== '1') logViewed(context, contact)
}

/** Middleware that logs who searched for contacts, or took a list of them. */
export function logAs(contact: 'search' | 'list'): MiddlewareHandler<Bindings> {
  return async (context, next) => {
    await next()
    if (context.res.status < 400) logViewed(context, contact)
  }
}
