import type * as z from 'zod'
import { cutText } from '../platform/cut-text.ts'
import { HttpError } from '../platform/http-error.ts'

const MAX_NAME = 100 // characters of a message: the name is whatever somebody wrote

/**
 * Reads the parameters of a URL by their schema.
 * @throws HttpError 400 `invalid_parameter` that names the one which is unknown, repeated or wrong, or of a period
 *   that ends before it begins
 */
export function parseQuery<Schema extends z.ZodObject>(
  schema: Schema,
  parameters: URLSearchParams,
): z.output<Schema> {
  const query = readParameters(schema, parameters)
  checkPeriod(query)
  return query
}

/** Whether a period ends before it begins, or is empty; either end may be left open. */
export function isReversed({ since, until }: { since?: unknown; until?: unknown }): boolean {
  return typeof since === 'number' && typeof until === 'number' && since >= until
}

/** @throws HttpError 400 for a period that is reversed */
export function checkPeriod(period: { since?: unknown; until?: unknown }): void {
  if (!isReversed(period)) return
  throw new HttpError(400, 'invalid_parameter', '“since” must be before “until”.', {
    details: { parameter: 'since' },
  })
}

/** The same without a look at the period. */
export function readParameters<Schema extends z.ZodObject>(
  schema: Schema,
  parameters: URLSearchParams,
): z.output<Schema> {
  const names = [...parameters.keys()]
  const repeated = names.find((name, place) => names.indexOf(name) !== place)
  if (repeated !== undefined) throw invalidParameter(repeated, 'is given more than once')
  const result = schema.safeParse(Object.fromEntries(parameters))
  if (result.success) return result.data
  const [issue] = result.error.issues
  if (issue?.code === 'unrecognized_keys') {
    const known = Object.keys(schema.shape).join(', ')
    const hint = known === '' ? 'none are taken' : `known are ${known}`
    throw invalidParameter(issue.keys[0] ?? '', `is not known here; ${hint}`)
  }
  const name = String(issue?.path[0] ?? '')
  const isMissing = issue?.code === 'invalid_type' && !parameters.has(name)
  throw invalidParameter(name, isMissing ? 'is missing' : (issue?.message ?? 'is wrong'))
}

/** @param message goes on after the parameter's name */
export function invalidParameter(parameter: string, message: string): HttpError {
  const name = parameter === '' ? 'without a name' : cutText(parameter, MAX_NAME).toWellFormed()
  return new HttpError(400, 'invalid_parameter', `The parameter ${name} ${message}.`, {
    details: { parameter },
  })
}
