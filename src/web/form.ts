import type { HonoRequest, MiddlewareHandler } from 'hono'
import { PageError } from './page-error.ts'

const FORM = /^(?:application\/x-www-form-urlencoded|multipart\/form-data)\s*(?:;|$)/i

/**
 * Accepts forms only: no page sends another type, and `csrf` does not check any.
 * Throws HttpError 415.
 */
export const requireForm: MiddlewareHandler = async ({ req }, next) => {
  if (!FORM.test(req.header('Content-Type') ?? '')) {
    throw new PageError(415, 'invalid_form', 'error.noForm')
  }
  await next()
}

/**
 * The text fields of a form.
 *
 * @throws HttpError 400 `invalid_form` if the body is not a form
 */
export async function readForm(request: HonoRequest): Promise<Partial<Record<string, string>>> {
  const fields = await request.parseBody().catch((error: unknown) => {
    if (error instanceof TypeError) throw new PageError(400, 'invalid_form', 'error.noForm')
    throw error
  })
  return Object.fromEntries(
    Object.entries(fields).filter(
      (field): field is [string, string] => typeof field[1] === 'string',
    ),
  )
}

/** The fields that were filled in, to be read like the parameters of a URL. */
export async function readFormQuery(request: HonoRequest): Promise<URLSearchParams> {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(await readForm(request))) {
    if (value?.trim()) query.set(name, value)
  }
  return query
}
