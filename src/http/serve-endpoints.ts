import type { MiddlewareHandler } from 'hono'
import { Hono } from 'hono/tiny'
import type * as z from 'zod'
import { readPhone } from '../event/identifier.ts'
import { withTimeout } from '../platform/timeout.ts'
import { operateSettings, readSettings } from '../settings/settings.ts'
import { authorizeOperator, authorizeReader } from './authorize.ts'
import type { Endpoint, EndpointContext } from './endpoint.ts'
import { rejectMethod, respondWithError } from './error-handler.ts'
import { isForPeople } from './for-people.ts'
import { parseQuery } from './parse-query.ts'
import { respondJson } from './respond-json.ts'
import { describeLookup, logViewed } from './account.ts'

type Bindings = { Bindings: Env }

/** The methods of endpoints, with their values of the header Allow. */
const METHODS = [
  { method: 'get', allow: 'GET, HEAD' },
  { method: 'post', allow: 'POST' },
  { method: 'delete', allow: 'DELETE' },
] as const

const OPERATION_TIMEOUT_MS = 28_000 // before callers give up

/** The routes of endpoints; a method that a path does not have gets 405. */
export function serveEndpoints(endpoints: readonly Endpoint[]): Hono<Bindings> {
  const routes = new Hono<Bindings>({ strict: false }).onError(respondWithError)
  const paths = Map.groupBy(endpoints, ({ path }) => path)
  // A fixed path (`/erasures/record`) comes before one with a parameter (`/erasures/{number}`).
  const sorted = [...paths].sort(([a], [b]) => Number(a.includes('{')) - Number(b.includes('{')))
  for (const [path, methods] of sorted) {
    const route = path.replace(/\{(\w+)\}/g, ':$1')
    const hasPage = methods.some((endpoint) => endpoint.hasPage)
    for (const endpoint of methods) {
      const handle = forPrograms(hasPage, (context) => serve(endpoint, context))
      routes.on(endpoint.method.toUpperCase(), route, handle)
    }
    const allowed = METHODS.filter(({ method }) => methods.some((each) => each.method === method))
    const allow = allowed.map((each) => each.allow).join(', ')
    const reject = forPrograms(hasPage, async () => rejectMethod(allow))
    routes.all(route, reject)
  }
  return routes
}

/** Passes browsers on to the page of the same URL, if there is one. */
function forPrograms(
  hasPage: boolean,
  respond: (context: EndpointContext) => Promise<Response>,
): MiddlewareHandler<Bindings> {
  return (context, next) => (hasPage && isForPeople(context) ? next() : respond(context))
}

async function serve(endpoint: Endpoint, context: EndpointContext): Promise<Response> {
  switch (endpoint.access) {
    case 'readToken':
      await authorizeReader(context)
      return callHandler(endpoint, context)
    case 'operateToken':
      await authorizeOperator(context)
      // An operation that hangs may have succeeded or not; it is safe to repeat.
      return withTimeout('the database', OPERATION_TIMEOUT_MS, callHandler(endpoint, context))
    default:
      return callHandler(endpoint, context)
  }
}

async function callHandler(endpoint: Endpoint, context: EndpointContext): Promise<Response> {
  const { env, req } = context
  const { query: schema } = endpoint
  const made = typeof schema === 'function' ? schema(readSettings(env).timeZone, context) : schema
  const query = made ? readQuery(env, made, new URL(req.url).searchParams) : {}
  const [parameter = ''] = Object.values(req.param())
  const result = await endpoint.handle({ env, query, parameter }, context)
  const contact = listLookups(endpoint, query, parameter)
  if (contact !== undefined) logViewed(context, contact)
  return result instanceof Response ? result : respondJson(JSON.stringify(result))
}

/** The contacts that a request has looked up, for the log; undefined if none. */
function listLookups(
  { method, path, listsPeople }: Endpoint,
  query: Readonly<Record<string, unknown>>,
  parameter: string,
): string | undefined {
  if (method !== 'get') return undefined
  if (path.includes('{contactId}')) return describeLookup({ contactId: parameter })
  return describeLookup(query) ?? (listsPeople && 'list')
}

/** The query of a request, with all spellings of a local phone number in it. */
function readQuery<Schema extends z.ZodObject>(
  env: Env,
  schema: Schema,
  parameters: URLSearchParams,
): z.output<Schema> {
  const query: z.output<Schema> & { sms?: unknown } = parseQuery(schema, parameters)
  const { sms } = query
  if (!Array.isArray(sms)) return query
  const { phoneCountry } = operateSettings(env)
  return { ...query, sms: sms.flatMap((phone) => readPhone(String(phone), phoneCountry)) }
}
