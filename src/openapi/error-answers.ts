import type { Operation } from './operation.ts'
import { referTo, type JsonSchema } from './schemas.ts'

type Headers = Record<string, { description: string; schema: JsonSchema }>

function describe(description: string, headers?: Headers) {
  const content = { 'application/json': { schema: referTo('Error') } }
  return { description, ...(headers && { headers }), content }
}

const RETRY_AFTER: Headers = {
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } },
}

const WWW_AUTHENTICATE: Headers = {
  'WWW-Authenticate': { description: 'What is asked for.', schema: { type: 'string' } },
}

/** The errors that are answered, by their names in the document. */
export const ERROR_RESPONSES = {
  InvalidParameter: describe(
    'A parameter is unknown, wrong, or there twice: `parameter` says which.',
  ),
  NotJson: describe(
    'The body is not JSON, which says where, or it broke off. What comes again for minutes is set aside instead.',
  ),
  Unauthorized: describe('The credentials are missing or wrong.', WWW_AUTHENTICATE),
  Forbidden: describe('A header of `WEBHOOK_HEADERS` is missing or wrong.'),
  NotFound: describe('Nothing is known of it.'),
  BodyTooLarge: describe(
    'The body is larger than `maxBytes`. What comes again for minutes is set aside instead.',
  ),
  Refused: describe('The request is wrong; the message says in what.'),
  TooMany: describe(
    'Too many requests in a minute, or too many with wrong credentials.',
    RETRY_AFTER,
  ),
  Failed: describe("Internal error; see the Worker's log."),
  Unavailable: describe(
    'A setting is missing or wrong, or the database does not answer right now, is not migrated, or has used up its rows of the day: `code` says which.',
    RETRY_AFTER,
  ),
} as const

type ErrorName = keyof typeof ERROR_RESPONSES

/** The errors that an operation may answer, by status. */
export function listErrorResponses({ needs, query, place }: Operation) {
  const names: Record<string, ErrorName> =
    needs === undefined
      ? { '4XX': 'Refused', '5XX': 'Failed' }
      : {
          ...(query && { 400: 'InvalidParameter' }),
          ...(place && { 404: 'NotFound' }),
          ...(needs === 'webhookLogin' && {
            400: 'NotJson',
            403: 'Forbidden',
            413: 'BodyTooLarge',
          }),
          401: 'Unauthorized',
          429: 'TooMany',
          500: 'Failed',
          503: 'Unavailable',
        }
  const references = Object.entries(names).map(([status, name]) => [
    status,
    { $ref: `#/components/responses/${name}` },
  ])
  return Object.fromEntries(references) as Record<string, { $ref: string }>
}
