import { env } from 'cloudflare:workers'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { defineEndpoint, type Endpoint } from '../../src/http/endpoint.ts'
import { serveEndpoints } from '../../src/http/serve-endpoints.ts'

const TOKEN = { Authorization: 'Bearer read-token-for-tests' }
const BROWSER = { Accept: 'text/html' }
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded', Cookie: 'session=1' }

function build(changes: Partial<Endpoint>): Endpoint {
  return defineEndpoint({
    method: 'get',
    path: '/things',
    access: 'readToken',
    operationId: 'listThings',
    tag: 'Service',
    summary: 'List things',
    description: 'All of them.',
    response: () => z.strictObject({ value: z.string() }),
    handle: () => ({ value: 'list' }),
    ...changes,
  })
}

const ENDPOINTS = [
  build({ hasPage: true }),
  build({
    path: '/things/{id}',
    hasPage: true,
    handle: ({ parameter, query }) => ({ value: parameter + JSON.stringify(query) }),
    query: z.strictObject({ since: z.string().optional() }),
  }),
  build({ path: '/things/{id}', method: 'delete', access: 'operateToken' }),
  build({ path: '/things/named', method: 'post', hasPage: true }),
  build({ path: '/others' }),
]

const app = new Hono<{ Bindings: Env }>()
  .route('/', serveEndpoints(ENDPOINTS))
  .all('*', (context) => context.text('a page'))

async function request(path: string, method = 'GET', headers: Record<string, string> = TOKEN) {
  const response = await app.request(path, { method, headers }, env)
  return { response, status: response.status, text: await response.text() }
}

it('responds with JSON that is not cached', async () => {
  const { response, text } = await request('/things')
  expect(JSON.parse(text)).toEqual({ value: 'list' })
  expect(response.headers.get('Content-Type')).toBe('application/json; charset=utf-8')
  expect(response.headers.get('Cache-Control')).toBe('no-store')
})

it('passes the decoded path parameter and the query as its schema parses it', async () => {
  const { text } = await request('/things/a%20b?since=1')
  expect(JSON.parse(text)).toEqual({ value: 'a b{"since":"1"}' })
  expect((await request('/things/a?until=1')).status).toBe(400)
})

it('rejects other methods and lists the allowed ones', async () => {
  const { response, status, text } = await request('/things/a', 'POST')
  expect([status, response.headers.get('Allow')]).toEqual([405, 'GET, HEAD, DELETE'])
  expect(text).toContain('Allowed methods: GET, HEAD, DELETE.')
  const named = await request('/things/named', 'DELETE')
  expect([named.status, named.response.headers.get('Allow')]).toEqual([405, 'POST'])
})

it.each(['/things', '/things/a', '/others'])('requires a token for %s', async (path) => {
  expect((await request(path, 'GET', {})).status).toBe(401)
  expect((await request(path, 'GET', { Authorization: 'Bearer wrong' })).status).toBe(401)
})

describe('people', () => {
  it.each([
    ['/things', 'GET', BROWSER],
    ['/things/a', 'GET', BROWSER],
    ['/things/a', 'POST', BROWSER],
    ['/things/named', 'POST', FORM],
    ['/things/a', 'POST', FORM],
  ])('get the page of the URL: %s %s', async (path, method, headers) => {
    expect(await request(path, method, headers)).toMatchObject({ status: 200, text: 'a page' })
  })

  it.each([
    ['/things', 'GET', { ...BROWSER, ...TOKEN }, 200],
    ['/things/named', 'POST', { ...FORM, ...TOKEN }, 200],
    ['/things/named', 'POST', { 'Content-Type': FORM['Content-Type'] }, 401],
    ['/things/named', 'POST', { Cookie: FORM.Cookie }, 401],
    ['/others', 'GET', BROWSER, 401],
  ])(
    'get JSON with a token, without a session, or without a page: %s %s %j',
    async (path, method, headers, status) => {
      const response = await request(path, method, headers)
      expect(response.status).toBe(status)
      expect(response.text).not.toBe('a page')
    },
  )
})
