import type { Context } from 'hono'
import type * as z from 'zod'

export type EndpointContext = Context<{ Bindings: Env }>

/** Who may call an endpoint. A webhook login is checked by its handler. */
type Access = 'everybody' | 'readToken' | 'operateToken' | 'webhookLogin'

/** The groups of endpoints in the documentation. */
export type Tag = 'Events' | 'Contacts' | 'Reports' | 'Quarantine' | 'Webhook' | 'Service'

/** A value that may be read-only. */
type Immutable<Value> = Value extends object
  ? { readonly [Key in keyof Value]: Immutable<Value[Key]> }
  : Value

/** The input of a handler: the query by its schema, and the value of the path parameter, if the path has one. */
type EndpointInput<Query extends z.ZodObject> = {
  env: Env
  query: z.output<Query>
  parameter: string
}

/**
 * The schema of a query. It may depend on the zone of times that carry none (an IANA name) and, rarely, on
 * the request; the documentation has no request.
 */
type QuerySchema<Query extends z.ZodObject> =
  Query | ((timeZone: string, context?: EndpointContext) => Query)

/** One method of one URL: its route, who may call it, its documentation and its handler. */
export type Endpoint<
  Query extends z.ZodObject = z.ZodObject,
  Result extends z.ZodType = z.ZodType,
> = {
  method: 'get' | 'post' | 'delete'
  /** As in OpenAPI, with at most one parameter: `/activity/{id}`. */
  path: string
  access: Access
  /** Whether people get a page at this URL: see `isForPeople`. */
  hasPage?: true
  /** Whether it lists people with their addresses: who calls it is logged, as for a look-up of one contact. */
  listsPeople?: true
  operationId: string
  tag: Tag
  summary: string
  description: string
  parameter?: { description: string; type: 'string' | 'integer' }
  query?: QuerySchema<Query>
  /** The body, as JSON; the handler reads it. */
  body?: { description: string; schema: () => z.ZodType }
  /** Whether it may respond with 409. */
  conflict?: true
  /** The schema of the JSON response, with an `id`: its name in the documentation. */
  response?: () => Result
  /** Descriptions of other responses, by media type. */
  texts?: Readonly<Record<string, string>>
  /** Returns the value of the JSON response, or a finished Response. */
  handle(
    input: EndpointInput<Query>,
    context: EndpointContext,
  ): Immutable<z.input<Result>> | Response | Promise<Immutable<z.input<Result>> | Response>
}

/** An endpoint whose handler `tsc` has compared with its schemas. */
export function defineEndpoint<
  Query extends z.ZodObject = z.ZodObject,
  Result extends z.ZodType = z.ZodType,
>(endpoint: Endpoint<Query, Result>): Endpoint {
  return endpoint
}

/** A schema that is made when it is first needed: making all of them takes longer than most requests. */
export function lazily<Schema>(make: () => Schema): () => Schema {
  let schema: Schema | undefined
  return () => (schema ??= make())
}
