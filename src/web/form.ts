import type { HonoRequest } from 'hono'
import { createMiddleware } from 'hono/factory'
import { HttpError } from '../platform/http-error.ts'

const FORM = /^(?:application\/x-www-form-urlencoded|multipart\/form-data)\s*(?:;|$)/i

/**
 * Lets nothing on but a form: another type is what no page sends, and what `csrf` does not look at.
 * Throws HttpError 415.
 */
export const requireForm = createMiddleware(async ({ req }, next) => {
  if (!FORM.test(req.header('Content-Type') ?? '')) {
    throw new HttpError(415, 'invalid_form', 'This is not a form. Use the buttons of the page.')
  }
  await next()
})

/**
 * The fields of a form that are text.
 *
 * @throws HttpError 400 `invalid_form` where what was sent is no form
 */
export async function readForm(request: HonoRequest): Promise<Partial<Record<string, string>>> {
  const fields = await request.parseBody().catch((error: unknown) => {
    if (error instanceof TypeError) throw new HttpError(400, 'invalid_form', 'This is not a form.')
    throw error
  })
  return Object.fromEntries(
    Object.entries(fields).filter(
      (field): field is [string, string] => typeof field[1] === 'string',
    ),
  )
}
