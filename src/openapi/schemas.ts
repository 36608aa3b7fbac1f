import * as z from 'zod'
import type { Endpoint } from '../http/endpoint.ts'

/** A JSON Schema, as OpenAPI 3.1 has them. */
export type JsonSchema = z.core.JSONSchema.BaseSchema

/** The schema of an error. */
export const errorSchema = z
  .object({
    error: z
      .object({
        code: z.string().meta({ description: 'For programs, such as `invalid_parameter`.' }),
        message: z.string().meta({ description: 'For people: what is wrong, and what to do.' }),
      })
      .catchall(z.union([z.string(), z.number()]))
      .meta({ description: 'Other members say where it is, such as `parameter`.' }),
  })
  .meta({ id: 'Error' })

const uriOf = (name: string) => `#/components/schemas/${name}`

/** A reference to a schema that has an `id`. */
export function referTo(schema: z.core.$ZodType): JsonSchema {
  if (schema instanceof z.ZodArray) return { type: 'array', items: referTo(schema.element) }
  return { $ref: uriOf(z.globalRegistry.get(schema)?.id ?? '') }
}

/** The schemas of the document: all those with an `id` that endpoints use, by ID. */
export function describeSchemas(endpoints: readonly Endpoint[]): Record<string, JsonSchema> {
  for (const { response, body } of endpoints) {
    response?.()
    body?.schema()
  }
  const { schemas } = z.toJSONSchema(z.globalRegistry, {
    io: 'output',
    uri: uriOf,
    override: ({ jsonSchema }) => openUp(jsonSchema),
  })
  const described = Object.entries(schemas).map(([name, { $schema, $id, ...schema }]) => [
    name,
    schema,
  ])
  return Object.fromEntries(described)
}

/** Removes what zod says about a schema, but applies only to requests or only to responses. */
function openUp(schema: JsonSchema): void {
  if (schema.maximum === Number.MAX_SAFE_INTEGER) {
    // Yespo's IDs may have more digits than JavaScript's numbers.
    delete schema.minimum
    delete schema.maximum
    schema.format = 'int64'
  }
  const { additionalProperties: others } = schema
  if (others === false)
    delete schema.additionalProperties // a newer receiver may send more
  else if (isEmpty(others)) schema.additionalProperties = true
}

function isEmpty(schema: JsonSchema['additionalProperties']): boolean {
  return typeof schema === 'object' && Object.keys(schema).length === 0
}
