import type { Endpoint } from '../http/endpoint.ts'
import type { ErrorCode } from '../platform/http-error.ts'
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

type ErrorMeaning = { status: number; meaning: string; remedy: string }

/** The codes of errors: what each means, and what to do. */
export const ERROR_CODES: Readonly<Record<ErrorCode, ErrorMeaning>> = {
  invalid_parameter: {
    status: 400,
    meaning: 'A parameter is unknown, invalid, repeated or missing.',
    remedy: 'Correct the one that `parameter` names. The message lists what is allowed.',
  },
  invalid_body: {
    status: 400,
    meaning: 'The body is JSON, but not of the documented form.',
    remedy: 'Compare it with the example of the operation.',
  },
  not_json: {
    status: 400,
    meaning: 'The body is not JSON.',
    remedy:
      'The message says where it breaks off or becomes invalid: send it as plain JSON or gzip.',
  },
  broken_transfer: {
    status: 400,
    meaning: 'The connection ended before the body did.',
    remedy: 'Send the request again.',
  },
  too_much_to_search: {
    status: 400,
    meaning: 'The archive has too many events of this time to search in one request.',
    remedy: 'Shorten the period, or search by `contactId`, `email`, `sms` or `externalCustomerId`.',
  },
  unauthorized: {
    status: 401,
    meaning: 'The token or the webhook’s login is missing or wrong.',
    remedy: 'Send `Authorization: Bearer READ_TOKEN`, or `OPERATE_TOKEN` to make changes.',
  },
  access_expired: {
    status: 401,
    meaning: 'The sign-in with Cloudflare Access has expired.',
    remedy: 'Sign in again.',
  },
  access_invalid: {
    status: 401,
    meaning: 'The token in `Cf-Access-Jwt-Assertion` is not from Cloudflare Access.',
    remedy: 'Let Access add this header; send nothing in it yourself.',
  },
  access_other_application: {
    status: 401,
    meaning: 'The sign-in is for another application of Cloudflare Access.',
    remedy: 'Set `ACCESS_AUDIENCE` to the AUD tag of the application in front of the receiver.',
  },
  access_other_team: {
    status: 401,
    meaning: 'The sign-in is from another team of Cloudflare Access.',
    remedy: 'Set `ACCESS_TEAM_DOMAIN` to the URL of your team.',
  },
  access_read_only: {
    status: 403,
    meaning: 'The account of Cloudflare Access may only read.',
    remedy: 'Add it, or one of its groups, to the setting `ACCESS_OPERATOR_GROUPS`.',
  },
  forbidden: {
    status: 403,
    meaning:
      'A header that `WEBHOOK_HEADERS` requires is missing or has another value; or a page of another site sent the request.',
    remedy: 'Compare the headers entered in Yespo with the setting.',
  },
  not_found: {
    status: 404,
    meaning: 'There is nothing with this ID, or no such URL.',
    remedy: 'Check the ID and the path. If the response has `next`, repeat with it as `cursor`.',
  },
  method_not_allowed: {
    status: 405,
    meaning: 'The URL exists, but not with this method.',
    remedy: 'Use a method that the header `Allow` lists.',
  },
  too_many_contacts: {
    status: 409,
    meaning: 'Too many contacts share this identifier, so it does not identify a person.',
    remedy: 'Erase each by its ID: `DELETE /contacts/{contactId}`.',
  },
  no_api_key: {
    status: 409,
    meaning: 'The receiver has no key of Yespo’s API.',
    remedy: 'Set the secret `YESPO_API_KEY`: in Yespo, Account settings → API.',
  },
  no_record: {
    status: 409,
    meaning: 'There is no record of erasures outside the database.',
    remedy: 'Bind a bucket, or send a saved record with `POST /erasures/record`.',
  },
  other_key: {
    status: 409,
    meaning: 'The record of erasures is from another database.',
    remedy: 'Send a record that `GET /erasures/record` of this receiver returned.',
  },
  body_too_large: {
    status: 413,
    meaning: 'The body is larger than `maxBytes`.',
    remedy: 'Send fewer events at once, or raise the setting `MAX_BODY_BYTES`.',
  },
  too_many_requests: {
    status: 429,
    meaning: 'More requests in a minute than one token may send.',
    remedy: 'Wait as many seconds as `Retry-After` says. The setting `READING` raises the limit.',
  },
  too_many_failures: {
    status: 429,
    meaning: 'Too many wrong tokens or logins from your IP address.',
    remedy: 'Correct the token, and wait as many seconds as `Retry-After` says.',
  },
  internal: {
    status: 500,
    meaning: 'The receiver failed.',
    remedy: 'The Worker’s log names the class of the error and the line.',
  },
  unavailable: {
    status: 503,
    meaning: 'The database or the queue does not respond.',
    remedy: 'Repeat the request after as many seconds as `Retry-After` says, or after a minute.',
  },
  archive_unavailable: {
    status: 503,
    meaning: 'A file of the archive cannot be read.',
    remedy: 'Repeat the request. If that does not help, check that the bucket still has its files.',
  },
  not_configured: {
    status: 503,
    meaning: 'A setting is missing or invalid: `setting` names it.',
    remedy: 'Correct the setting, and deploy again.',
  },
  access_unavailable: {
    status: 503,
    meaning: 'The keys of Cloudflare Access could not be loaded, so no sign-in can be checked.',
    remedy: 'Try again; if it stays so, check the setting `ACCESS_TEAM_DOMAIN`.',
  },
  database_not_migrated: {
    status: 503,
    meaning: 'The database lacks tables of this version.',
    remedy: 'Run `npm run deploy`, or `npm start` for a local receiver.',
  },
  daily_limit_reached: {
    status: 503,
    meaning: 'The free plan’s daily quota of database rows is used up.',
    remedy: 'Wait until 00:00 UTC, or switch to the paid plan.',
  },
}

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
