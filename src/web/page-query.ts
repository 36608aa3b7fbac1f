import type * as z from 'zod'
import { readParameters } from '../http/parse-query.ts'

/**
 * The parameters of a page's address. Fields of a form that were left empty are not asked for, and
 * those that were ticked several times are a list.
 *
 * @throws HttpError 400 `invalid_parameter` that names the one which is unknown or wrong
 */
export function readPageQuery<Schema extends z.ZodObject>(
  schema: Schema,
  url: string,
): z.output<Schema> {
  return readParameters(schema, readLenientQuery(url))
}

/** The parameters of an address as they are given, but for fields that were left empty. */
export function readLenientQuery(url: string): URLSearchParams {
  const given = new URLSearchParams()
  for (const [name, value] of new URL(url).searchParams) {
    if (value.trim() === '') continue
    const before = given.get(name)
    given.set(name, before === null ? value : `${before},${value}`)
  }
  return given
}
