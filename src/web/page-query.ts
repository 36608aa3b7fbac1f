import * as z from 'zod'
import { readParameters } from '../http/parse-query.ts'

/** A small number in a page's URL. */
export const optionalCount = z
  .string()
  .regex(/^\d{1,9}$/, 'must be a number')
  .transform(Number)
  .optional()

/**
 * The parameters of a page's URL. Unknown ones, as of the API at the same URL or of a mail program, and empty form
 * fields are ignored; fields that were ticked several times become a list.
 *
 * @throws HttpError 400 `invalid_parameter` that names the invalid parameter
 */
export function readPageQuery<Schema extends z.ZodObject>(
  schema: Schema,
  url: string,
): z.output<Schema> {
  const known = Array.from(readLenientQuery(url)).filter(([name]) =>
    Object.hasOwn(schema.shape, name),
  )
  return readParameters(schema, new URLSearchParams(known))
}

/** The parameters of a URL as sent, without empty form fields. */
export function readLenientQuery(url: string): URLSearchParams {
  const query = new URLSearchParams()
  for (const [name, value] of new URL(url).searchParams) {
    if (value.trim() === '') continue
    const previous = query.get(name)
    query.set(name, previous === null ? value : `${previous},${value}`)
  }
  return query
}
