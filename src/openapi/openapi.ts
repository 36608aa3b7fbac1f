import * as z from 'zod'
import { ERROR_RESPONSES, listErrorResponses } from './error-answers.ts'
import { CREDENTIALS, TAGS, type Operation } from './operation.ts'
import { listOperations } from './operations.ts'
import { describeSchemas, referTo, type JsonSchema } from './schemas.ts'

const VERSION = '1' // of the API; which version the receiver has is nothing for everybody

const ABOUT =
  'Keeps the events that the webhooks of Yespo report, and answers questions about them. What GET answers, HEAD does too. IDs of Yespo are integers of up to 64 bits: read them with a parser that keeps every digit.'

/** A parameter of an operation. */
export type ApiParameter = {
  name: string
  in: 'query' | 'path'
  required: boolean
  description: string
  schema: JsonSchema
}

export type ApiOperation = ReturnType<typeof describeOperation>

export type ApiDocument = ReturnType<typeof buildDocument>

let built: ApiDocument | undefined

/** The OpenAPI document of everything that is answered; made once, when it is first asked for. */
export function describeApi(): ApiDocument {
  built ??= buildDocument()
  return built
}

/** `GET /openapi.json` */
export function showOpenapi(): Response {
  return Response.json(describeApi(), {
    headers: { 'Cache-Control': 'public, max-age=300', 'X-Content-Type-Options': 'nosniff' },
  })
}

function buildDocument() {
  const paths: Record<string, Partial<Record<Operation['method'], ApiOperation>>> = {}
  for (const operation of listOperations()) {
    const { path, method } = operation
    paths[path] = { ...paths[path], [method]: describeOperation(operation) }
  }
  return {
    openapi: '3.1.1',
    info: { title: 'Yespo receiver', version: VERSION, description: ABOUT },
    servers: [{ url: '/' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: describeSchemas(),
      responses: ERROR_RESPONSES,
      securitySchemes: CREDENTIALS,
    },
  }
}

function describeOperation(operation: Operation) {
  const { operationId, tag, needs, summary, description, body, answers } = operation
  const tags: string[] = [tag]
  return {
    operationId,
    tags,
    summary,
    description,
    security: needs ? [{ [needs]: [] }] : [],
    parameters: listParameters(operation),
    ...(needs === 'webhookLogin' && { requestBody: EVENTS }),
    ...(body && { requestBody: describeBody(body) }),
    responses: {
      200: { description: `${summary}.`, content: describeResponses(answers) },
      ...listErrorResponses(operation),
    },
  }
}

const EVENTS = {
  description: 'Events, as Yespo sends them; one alone may come without the array.',
  required: true,
  content: {
    'application/json': { schema: { type: 'array', items: referTo('Event') } },
  },
} as const

function describeBody({ schema, description }: NonNullable<Operation['body']>) {
  const content = { 'application/json': { schema: referTo(schema) } }
  return { description, required: true, content }
}

function describeResponses(answers: Operation['answers']): Record<string, { schema: JsonSchema }> {
  const described = Object.entries(answers).map(([type, answer]) => [
    type,
    {
      schema:
        'schema' in answer ? referTo(answer.schema) : { type: 'string', description: answer.text },
    },
  ])
  return Object.fromEntries(described)
}

function listParameters({ place, query }: Operation): ApiParameter[] {
  return [
    ...(place ? [{ ...place, in: 'path', required: true } as const] : []),
    ...(query ? listQueryParameters(query) : []),
  ]
}

function listQueryParameters(query: z.ZodObject): ApiParameter[] {
  const { properties, required } = z.toJSONSchema(query, { io: 'input', override: tellDefault })
  return Object.entries(properties ?? {}).map(([name, property]) => {
    const { description = '', ...schema } = typeof property === 'object' ? property : {}
    return { name, in: 'query', required: required?.includes(name) ?? false, description, schema }
  })
}

type Converted = { zodSchema: z.core.$ZodType; jsonSchema: JsonSchema }

/** Adds the default of what a text is turned into: zod leaves it out, as it is no text. */
function tellDefault({ zodSchema, jsonSchema }: Converted): void {
  if (!(zodSchema instanceof z.ZodDefault)) return
  const usual = zodSchema.def.defaultValue
  if (usual !== Number.MAX_SAFE_INTEGER) jsonSchema.default ??= String(usual)
}
