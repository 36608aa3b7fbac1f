import * as z from 'zod'
import type { Endpoint, Tag } from '../http/endpoint.ts'
import type { Example, Examples } from './example.ts'
import { ERROR_RESPONSES, listErrorResponses } from './errors.ts'
import { describeSchemas, referTo, type JsonSchema } from './schemas.ts'

const VERSION = '1' // of the API; the receiver's version is not public

const ABOUT =
  'Stores the events that Yespo reports by webhook, and serves queries and reports about them. HEAD works wherever GET does. Yespo’s IDs are integers of up to 64 bits: use a parser that keeps every digit.'

/** The groups of endpoints, in order of appearance. */
const TAGS: Readonly<Record<Tag, string>> = {
  Events: 'All events, one by one.',
  Contacts: 'Contacts, deliveries, suppressions and erasures.',
  Reports: 'Counts and rates.',
  Quarantine: 'Invalid events, to be retried or deleted.',
  Webhook: 'Called by Yespo.',
  Service: 'The receiver itself.',
}

const CREDENTIALS = {
  readToken: { type: 'http', scheme: 'bearer', description: '`READ_TOKEN`, for reading.' },
  operateToken: {
    type: 'http',
    scheme: 'bearer',
    description:
      '`OPERATE_TOKEN`, for reading and for making changes; `READ_TOKEN` if it is not set.',
  },
  webhookLogin: {
    type: 'http',
    scheme: 'basic',
    description:
      "`WEBHOOK_LOGIN` and `WEBHOOK_PASSWORD`, as entered in Yespo's form. If `WEBHOOK_HEADERS` is set, its headers are required, too.",
  },
} as const

/** A parameter of an endpoint. */
export type ApiParameter = {
  name: string
  in: 'query' | 'path'
  required: boolean
  description: string
  schema: JsonSchema
  example?: string | number
}

/** A body by its media type. */
type Content = Record<string, { schema: JsonSchema; example?: unknown }>

export type ApiOperation = ReturnType<typeof describeEndpoint>

export type ApiDocument = ReturnType<typeof describeApi>

/** The OpenAPI document of endpoints. */
export function describeApi(endpoints: readonly Endpoint[], examples: Examples = {}) {
  const paths: Record<string, Partial<Record<Endpoint['method'], ApiOperation>>> = {}
  for (const endpoint of endpoints) {
    const { path, method, operationId } = endpoint
    const operation = describeEndpoint(endpoint, examples[operationId])
    paths[path] = { ...paths[path], [method]: operation }
  }
  return {
    openapi: '3.1.1',
    info: { title: 'Yespo receiver', version: VERSION, description: ABOUT },
    servers: [{ url: '/' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: describeSchemas(endpoints),
      responses: ERROR_RESPONSES,
      securitySchemes: CREDENTIALS,
    },
  }
}

function describeEndpoint(endpoint: Endpoint, example: Example | undefined) {
  const { method, operationId, tag, access, summary, description, body, hasPage } = endpoint
  const tags: string[] = [tag]
  return {
    operationId,
    tags,
    summary,
    description:
      hasPage && method === 'get'
        ? `${description} In a browser, this URL is a page, with parameters of its own.`
        : description,
    security: access === 'everybody' ? [] : [{ [access]: [] }],
    parameters: addExamples(listParameters(endpoint), endpoint.path, example?.url),
    ...(body && { requestBody: describeBody(body, example) }),
    responses: {
      200: { description: `${summary}.`, content: describeContent(endpoint, example) },
      ...listErrorResponses(endpoint),
    },
  }
}

function describeBody(
  { schema, description }: NonNullable<Endpoint['body']>,
  example: Example | undefined,
) {
  const json = { schema: referTo(schema()), ...(example && { example: example.body }) }
  const content: Content = { 'application/json': json }
  return { description, required: true, content }
}

function describeContent(
  { response, texts = {} }: Endpoint,
  example: Example | undefined,
): Content {
  const content: Content = {}
  if (response) {
    const schema = referTo(response())
    const hasExample = example?.response !== undefined
    content['application/json'] = { schema, ...(hasExample && { example: example.response }) }
  }
  for (const [type, description] of Object.entries(texts)) {
    content[type] = { schema: { type: 'string', description } }
  }
  return content
}

/** Adds the values that parameters have in the URL of an example. @param path as in OpenAPI */
function addExamples(parameters: ApiParameter[], path: string, url = ''): ApiParameter[] {
  const { pathname, searchParams } = new URL(url, 'http://localhost')
  const pattern = new RegExp(`^${path.replace(/\{(\w+)\}/, '(?<$1>.*)')}$`)
  const inPath = pattern.exec(pathname)?.groups ?? {}
  return parameters.map((parameter) => {
    const value = searchParams.get(parameter.name) ?? inPath[parameter.name]
    if (value === undefined) return parameter
    return { ...parameter, example: parameter.schema.type === 'integer' ? Number(value) : value }
  })
}

function listParameters({ path, parameter, query }: Endpoint): ApiParameter[] {
  const [, name = ''] = /\{(\w+)\}/.exec(path) ?? []
  const queryParameters = query ? listQueryParameters(query) : []
  if (!parameter) return queryParameters
  const { description, type } = parameter
  const schema: JsonSchema = type === 'integer' ? { type, format: 'int64' } : { type }
  return [{ name, in: 'path', required: true, description, schema }, ...queryParameters]
}

function listQueryParameters(query: NonNullable<Endpoint['query']>): ApiParameter[] {
  // Any time zone: a description does not depend on it.
  const schema = typeof query === 'function' ? query('UTC') : query
  const { properties, required } = z.toJSONSchema(schema, { io: 'input', override: addDefault })
  return Object.entries(properties ?? {}).map(([name, property]) => {
    const { description = '', ...own } = typeof property === 'object' ? property : {}
    return {
      name,
      in: 'query',
      required: required?.includes(name) ?? false,
      description,
      schema: own,
    }
  })
}

type Converted = { zodSchema: z.core.$ZodType; jsonSchema: JsonSchema }

/** Adds the default of a converted text, which zod leaves out, as it is not a text. */
function addDefault({ zodSchema, jsonSchema }: Converted): void {
  if (!(zodSchema instanceof z.ZodDefault)) return
  const { defaultValue } = zodSchema.def
  if (defaultValue !== Number.MAX_SAFE_INTEGER) jsonSchema.default ??= String(defaultValue)
}
