import type * as z from 'zod'
import { cutText } from '../platform/cut-text.ts'
import { HttpError } from '../platform/http-error.ts'

const MAX_NAME = 100 // characters: an unknown name may be of any length

/**
 * Reads the parameters of a URL by their schema.
 * @throws HttpError 400 `invalid_parameter` that names the parameter which is unknown, repeated or invalid, or for
 *   a reversed period
 */
export function parseQuery<Schema extends z.ZodObject>(
  schema: Schema,
  parameters: URLSearchParams,
): z.output<Schema> {
  const query = readParameters(schema, parameters)
  checkPeriod(query)
  return query
}

/** Whether a period ends before it starts, or is empty; either end may be open. */
export function isReversed({ since, until }: { since?: unknown; until?: unknown }): boolean {
  return typeof since === 'number' && typeof until === 'number' && since >= until
}

/** @throws HttpError 400 for a period that is reversed */
export function checkPeriod(period: { since?: unknown; until?: unknown }): void {
  if (!isReversed(period)) return
  throw invalidParameter('since', 'must be before “until”')
}

/** Like `parseQuery`, but allows a reversed period. */
export function readParameters<Schema extends z.ZodObject>(
  schema: Schema,
  parameters: URLSearchParams,
): z.output<Schema> {
  const names = [...parameters.keys()]
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated !== undefined) throw invalidParameter(repeated, 'must not be repeated')
  const result = schema.safeParse(Object.fromEntries(parameters))
  if (result.success) return result.data
  const [issue] = result.error.issues
  if (issue?.code === 'unrecognized_keys') {
    const known = Object.keys(schema.shape).join(', ')
    throw rejectParameter(
      issue.keys[0] ?? '',
      (name) => `Unknown parameter ${name}. Allowed: ${known === '' ? 'none' : known}.`,
    )
  }
  const name = String(issue?.path[0] ?? '')
  const isMissing = issue?.code === 'invalid_type' && !parameters.has(name)
  throw invalidParameter(name, isMissing ? 'is required' : (issue?.message ?? 'is invalid'))
}

/** @param message continues the name of the parameter, such as “must be true or false” */
export function invalidParameter(parameter: string, message: string): HttpError {
  return rejectParameter(parameter, (name) => `${name} ${message}.`)
}

function rejectParameter(parameter: string, describe: (name: string) => string): HttpError {
  const name = `“${cutText(parameter, MAX_NAME).toWellFormed()}”`
  return new HttpError(400, 'invalid_parameter', describe(name), { details: { parameter } })
}
