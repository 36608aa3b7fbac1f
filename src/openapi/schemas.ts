import * as z from 'zod'
import { PARAMETERS, type TypeName } from '../event/parameters.ts'
import { makeResponses } from './answers.ts'

/** A JSON Schema, as OpenAPI 3.1 has them. */
export type JsonSchema = z.core.JSONSchema.BaseSchema

/** The name of a schema in the document. */
export type SchemaName = keyof ReturnType<typeof makeResponses> | 'Event'

const refer = (name: string) => `#/components/schemas/${name}`

/** The place of a schema in the document. */
export function referTo(name: SchemaName): { $ref: string } {
  return { $ref: refer(name) }
}

/** The document's schemas: the answers by their zod schemas, and the event that Yespo sends. */
export function describeSchemas(): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(makeResponses())) registry.add(schema, { id })
  const { schemas } = z.toJSONSchema(registry, {
    io: 'output',
    uri: refer,
    override: ({ jsonSchema }) => openUp(jsonSchema),
  })
  const described = Object.entries(schemas).map(([name, { $schema, $id, ...schema }]) => [
    name,
    name === 'Activity' ? addParameters(schema) : schema,
  ])
  return { ...Object.fromEntries(described), Event: describeEvent() }
}

/** Takes out of a schema what zod says and an answer does not keep to. */
function openUp(schema: JsonSchema): void {
  if (schema.maximum === Number.MAX_SAFE_INTEGER) {
    // Yespo's ids may have more digits than JavaScript's numbers.
    delete schema.minimum
    delete schema.maximum
    schema.format = 'int64'
  }
  // A newer receiver may say more.
  if (schema.additionalProperties === false) delete schema.additionalProperties
}

const JSON_TYPES: Readonly<Record<TypeName, JsonSchema>> = {
  string: { type: 'string' },
  int: { type: 'integer', format: 'int64' },
  bool: { type: 'boolean' },
  'array of strings': { type: 'array', items: { type: 'string' } },
}

function describeParameters(): Record<string, JsonSchema> {
  return Object.fromEntries(
    PARAMETERS.map(({ name, type, meaning }) => [
      name,
      { ...JSON_TYPES[type], description: `${meaning}.` },
    ]),
  )
}

/** An activity has the fields that its schema names, and every documented parameter. */
function addParameters(schema: JsonSchema): JsonSchema {
  const { activityDateTime: _time, activityStatus: _status, ...own } = schema.properties ?? {}
  return { ...schema, properties: { ...own, ...describeParameters() } }
}

function describeEvent(): JsonSchema {
  return {
    type: 'object',
    description:
      'One event. A value of another type is read as far as its meaning is certain; it, and a parameter that is not listed, are kept in `extra`. Null counts as absent.',
    properties: describeParameters(),
    required: ['activityDateTime', 'activityStatus'],
    additionalProperties: true,
  }
}
