import type { Context } from 'hono'
import { accepts } from 'hono/accepts'

const SUPPORTED = ['application/json', 'text/html']

const FORM = /^(?:application\/x-www-form-urlencoded|multipart\/form-data)\b/i

/** Whether a request comes from a browser: it has no token, and accepts HTML or is a form of a signed-in viewer. */
export function isForPeople(context: Context): boolean {
  const { req } = context
  if (req.header('Authorization') !== undefined) return false
  const isForm = req.method === 'POST' && FORM.test(req.header('Content-Type') ?? '')
  if (isForm && req.header('Cookie') !== undefined) return true
  const options = { header: 'Accept', supports: SUPPORTED, default: 'application/json' } as const
  return accepts(context, options) === 'text/html'
}
