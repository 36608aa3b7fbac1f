import * as z from 'zod'
import { PARAMETERS, type TypeName } from '../activity/parameters.ts'
import { bouncesSchema } from '../read/bounces.ts'
import { activitySchema, contactSchema, contactsSchema } from '../read/contacts.ts'
import { ratesSchema } from '../read/counts.ts'
import { deliverySchema } from '../read/deliveries.ts'
import { recountSchema } from '../read/recount.ts'
import { lookedAtSchema, periodSchema, reportSchema } from '../read/reports.ts'
import { suppressionsSchema } from '../read/suppressions.ts'
import { totalsSchema } from '../read/totals.ts'

/** A JSON Schema, as OpenAPI 3.1 has them. */
export type JsonSchema = z.core.JSONSchema.BaseSchema

const statusSchema = z.object({ status: z.literal('ok') })

const webhookStatusSchema = statusSchema.extend({
  send: z.string().meta({ description: 'What to send instead.' }),
})

const documentSchema = z.looseObject({ openapi: z.string() })

const activityPageSchema = z.object({
  activity: z.array(activitySchema).meta({ description: 'The newest first.' }),
  next: contactSchema.shape.next,
})

const takenSchema = z.object({
  received: z.int().meta({ description: 'How many events the body had.' }),
  accepted: z.int().meta({ description: 'How many of them are kept as activities.' }),
  quarantined: z.array(z.object({ index: z.int(), reason: z.string() })).meta({
    description: 'The others, which are set aside: their places in the body, and why.',
  }),
})

const errorSchema = z.object({
  error: z
    .object({
      code: z.string().meta({ description: 'For programs, such as `invalid_parameter`.' }),
      message: z.string().meta({ description: 'For people: what is wrong, and what to do.' }),
    })
    .catchall(z.union([z.string(), z.number()]))
    .meta({ description: 'Beside code and message: where it is, such as `parameter`.' }),
})

/** What has a name in the document, by that name. */
const NAMED = {
  Activity: activitySchema,
  ActivityPage: activityPageSchema,
  Contact: contactSchema,
  Contacts: contactsSchema,
  Delivery: deliverySchema,
  Suppressions: suppressionsSchema,
  Report: reportSchema,
  Totals: totalsSchema,
  Bounces: bouncesSchema,
  RecountStep: recountSchema,
  Rates: ratesSchema,
  Period: periodSchema,
  LookedAt: lookedAtSchema,
  Status: statusSchema,
  WebhookStatus: webhookStatusSchema,
  Document: documentSchema,
  Taken: takenSchema,
  Error: errorSchema,
} as const

export type SchemaName = keyof typeof NAMED | 'Event'

const refer = (name: string) => `#/components/schemas/${name}`

/** The place of a schema in the document. */
export function referTo(name: SchemaName): { $ref: string } {
  return { $ref: refer(name) }
}

/** The document's schemas: the answers by their zod schemas, and the event that Yespo sends. */
export function describeSchemas(): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id })
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
      'One event. A value of another type, and a parameter that is not listed, are kept in `extra`; null counts as absent.',
    properties: describeParameters(),
    required: ['activityDateTime', 'activityStatus'],
    additionalProperties: true,
  }
}
