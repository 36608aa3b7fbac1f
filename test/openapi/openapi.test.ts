import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { PARAMETERS } from '../../src/event/parameters.ts'
import { api as programs, ENDPOINTS } from '../../src/api-routes.ts'
import { app } from '../../src/routes.ts'
import { describeApi } from '../../src/openapi/openapi.ts'
import { read } from '../receiver.ts'

const api = describeApi(ENDPOINTS)
const schemas = api.components.schemas

const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)
const TOKENS = ['readToken', 'operateToken']
const withToken = operations.filter(({ operation }) =>
  Object.keys(operation.security[0] ?? {}).some((name) => TOKENS.includes(name)),
)

it('has every route, and nothing else', () => {
  const routes = programs.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`)
  const documented = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`)
  expect(documented.toSorted()).toEqual([...new Set(routes)].toSorted())
})

it('requires the read token for the endpoints that check it', async () => {
  for (const { path, operation } of operations.filter(({ method }) => method === 'get')) {
    const response = await app.request(path.replace(/\{\w+\}/, '1'), {}, env)
    expect([path, response.status]).toEqual([path, operation.security.length > 0 ? 401 : 200])
  }
})

describe('parameters', () => {
  const withQuery = withToken.filter(({ operation }) =>
    operation.parameters.some(({ in: location }) => location === 'query'),
  )

  it.each(withQuery)('of $method $path match its schema', async ({ path, method, operation }) => {
    const init = { method, headers: { Authorization: 'Bearer read-token-for-tests' } }
    const needed = operation.parameters.filter((each) => each.in === 'query' && each.required)
    const query = new URLSearchParams([
      ['unheardOf', '1'],
      ...needed.map(({ name }) => [name, '1']),
    ])
    const response = await app.request(`${path.replace(/\{\w+\}/, '1')}?${query}`, init, env)
    const { error } = await response.json<{ error: { message: string } }>()
    const [, allowed] =
      /^Unknown parameter “unheardOf”\. Allowed: (.*)\.$/.exec(error.message) ?? []
    const documented = operation.parameters.filter(({ in: location }) => location === 'query')
    expect(documented.map(({ name }) => name).join(', ')).toBe(allowed)
  })

  it('in a path match the path', () => {
    for (const { path, operation } of operations) {
      const inPath = operation.parameters.filter(({ in: location }) => location === 'path')
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      expect(inPath.map(({ name }) => name)).toEqual(names)
      expect(inPath.every(({ required }) => required)).toBe(true)
    }
  })

  it('all have a description', () => {
    for (const { description } of operations.flatMap(({ operation }) => operation.parameters)) {
      expect(description).toMatch(/\S.*\.$/)
    }
  })

  it('have their default', () => {
    const limitOf = (path: string) =>
      api.paths[path]?.get?.parameters.find(({ name }) => name === 'limit')?.schema.default
    expect(limitOf('/activity')).toBe('50')
    expect(limitOf('/activity.csv')).toBeUndefined()
    const [by] = api.paths['/reports/totals']?.get?.parameters ?? []
    expect(by?.schema).toMatchObject({ enum: ['hour', 'day'], default: 'day' })
  })
})

describe('responses', () => {
  it.each(operations)('of $method $path include errors in the common format', ({ operation }) => {
    const { 200: _found, ...others } = operation.responses
    const names = [...JSON.stringify(others).matchAll(/components\/responses\/(\w+)/g)]
    expect(names).toHaveLength(Object.keys(others).length)
    expect(Object.keys(others).join()).toMatch(/4.*5/)
    for (const [, name] of names) {
      const response = Object.entries(api.components.responses).find(([each]) => each === name)?.[1]
      expect(response?.content['application/json'].schema.$ref).toBe('#/components/schemas/Error')
    }
    expect(schemas['Error']).toMatchObject({
      required: ['error'],
      properties: { error: { type: 'object', required: ['code', 'message'] } },
    })
  })

  it.each(['?limit=0', ''])('of /contacts%s include the actual error', async (query) => {
    const { status } = await read(`/contacts${query}`)
    expect(api.paths['/contacts']?.get?.responses).toHaveProperty(String(status))
  })

  it('are JSON, CSV, NDJSON or Parquet, depending on `Accept`', () => {
    const typesOf = (path: string) =>
      Object.keys(api.paths[path]?.get?.responses[200]?.content ?? {})
    expect(typesOf('/activity')).toEqual([
      'application/json',
      'text/csv',
      'application/x-ndjson',
      'application/vnd.apache.parquet',
    ])
    expect(typesOf('/activity.csv')).toEqual(['text/csv'])
    expect(typesOf('/activity.ndjson')).toEqual(['application/x-ndjson'])
  })
})

describe('schemas', () => {
  const names = PARAMETERS.map(({ name }) => name)

  it('of a stored event have its own fields and every parameter', () => {
    const own = ['id', 'occurredAt', 'receivedAt', 'origin', 'labels', 'extra']
    const { properties } = schemas['Activity'] ?? {}
    expect(Object.keys(properties ?? {}).toSorted()).toEqual([...own, ...names].toSorted())
    expect(properties).toMatchObject({
      contactId: { type: 'integer', format: 'int64', description: 'Contact ID.' },
      hardBounce: { type: 'boolean' },
      subscriptions: { type: 'array', items: { type: 'string' } },
    })
  })

  it('of a sent event have every parameter, and allow others', () => {
    expect(Object.keys(schemas['Event']?.properties ?? {})).toEqual(names)
    expect(schemas['Event']?.additionalProperties).toBe(true)
    const body = api.paths['/webhooks/yespo']?.post
    expect(JSON.stringify(body)).toContain('"items":{"$ref":"#/components/schemas/Event"}')
  })

  it('limit no integer to the precision of JavaScript, and allow new response fields', () => {
    expect(JSON.stringify(schemas)).not.toMatch(/9007199254740991|"additionalProperties":false/)
  })
})

it('can be read by anyone, with GET only', async () => {
  const response = await app.request('/openapi.json', {}, env)
  expect(response.headers.get('Content-Type')).toMatch(/^application\/json/)
  // It has examples, too.
  expect(await response.json()).toMatchObject(JSON.parse(JSON.stringify(api)) as object)
  const rejected = await app.request('/openapi.json', { method: 'POST' }, env)
  expect(rejected.status).toBe(405)
  expect(rejected.headers.get('Allow')).toBe('GET, HEAD')
})
