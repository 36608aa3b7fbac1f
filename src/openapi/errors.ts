import type { Endpoint } from '../http/endpoint.ts'
import { errorSchema, referTo, type JsonSchema } from './schemas.ts'

type Headers = Record<string, { description: string; schema: JsonSchema }>

function describe(description: string, headers: Headers = {}) {
  return { description, headers, content: { 'application/json': { schema: referTo(errorSchema) } } }
}

const RETRY_AFTER: Headers = {
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } },
}

const WWW_AUTHENTICATE: Headers = {
  'WWW-Authenticate': {
    description: 'The required authentication scheme.',
    schema: { type: 'string' },
  },
}

/** The error responses, by their names in the document. */
export const ERROR_RESPONSES = {
  InvalidParameter: describe('A parameter is unknown, invalid or repeated: see `parameter`.'),
  NotJson: describe(
    'The body is not JSON (the error says where), or is incomplete. If the same body is sent again for minutes, it is quarantined instead.',
  ),
  InvalidBody: describe('The body is invalid; the message says why.'),
  Unauthorized: describe('Missing or wrong credentials.', WWW_AUTHENTICATE),
  Forbidden: describe('A header of `WEBHOOK_HEADERS` is missing or wrong.'),
  NotAllowed: describe(
    'The account of Cloudflare Access may only read, or the request was sent by another site.',
  ),
  NotFound: describe('Not found.'),
  BodyTooLarge: describe(
    'The body is larger than `maxBytes`. If the same body is sent again for minutes, it is quarantined instead.',
  ),
  Conflict: describe('The state of the receiver does not allow this: see `code`.'),
  Rejected: describe('The request is invalid; the message says why.'),
  TooMany: describe('Too many requests in a minute, or too many failed sign-ins.', RETRY_AFTER),
  Failed: describe("Internal error; see the Worker's log."),
  Unavailable: describe(
    'A setting is missing or invalid; or the database is unavailable, not migrated, or over its daily quota: see `code`.',
    RETRY_AFTER,
  ),
} as const

type ErrorName = keyof typeof ERROR_RESPONSES

/** The error responses of an endpoint, by status. */
export function listErrorResponses(endpoint: Endpoint): Record<string, { $ref: string }> {
  const references = Object.entries(listErrors(endpoint)).map(([status, name]) => [
    status,
    { $ref: `#/components/responses/${name}` },
  ])
  return Object.fromEntries(references) as Record<string, { $ref: string }>
}

function listErrors({
  access,
  query,
  parameter,
  body,
  conflict,
}: Endpoint): Record<string, ErrorName> {
  if (access === 'everybody') return { '4XX': 'Rejected', '5XX': 'Failed' }
  const errors: Record<string, ErrorName> = {
    401: 'Unauthorized',
    403: 'NotAllowed',
    429: 'TooMany',
    500: 'Failed',
    503: 'Unavailable',
  }
  if (query) errors['400'] = 'InvalidParameter'
  if (parameter) errors['404'] = 'NotFound'
  if (conflict) errors['409'] = 'Conflict'
  if (access === 'webhookLogin')
    return { ...errors, 400: 'NotJson', 403: 'Forbidden', 413: 'BodyTooLarge' }
  return body ? { ...errors, 400: 'InvalidBody' } : errors
}
