import * as z from 'zod'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { ORIGIN } from './origin.ts'

// The texts of `built/` are generated before the Worker is deployed: making them takes longer than most requests.

const showOpenapi = defineEndpoint({
  method: 'get',
  path: '/openapi.json',
  access: 'everybody',
  operationId: 'showOpenapi',
  tag: 'Service',
  summary: 'This documentation as an OpenAPI 3.1 document',
  description: 'Generated from the schemas that requests and responses are checked with.',
  response: lazily(() => z.looseObject({ openapi: z.string() }).meta({ id: 'Document' })),
  handle: async () => {
    const { default: document } = await import('./built/openapi.json.txt')
    return new Response(document, {
      headers: {
        'Content-Type': 'application/json',
        'X-Content-Type-Options': 'nosniff',
        'Cache-Control': 'public, max-age=300',
      },
    })
  },
})

const showDocs = defineEndpoint({
  method: 'get',
  path: '/docs',
  access: 'everybody',
  operationId: 'showDocs',
  tag: 'Service',
  summary: 'This documentation as a page, to read and to try',
  description: 'The page sends requests to this receiver only.',
  texts: { 'text/html': 'The page.' },
  handle: async (_input, { req }) => {
    const [{ default: page }, { default: policy }] = await Promise.all([
      import('./built/docs.html'),
      import('./built/docs-policy.txt'),
    ])
    const origin = new URL(req.url).origin.replace(/["&'<>]/g, '') // no host has such characters
    return new Response(page.replaceAll(ORIGIN, origin), {
      headers: {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': policy,
        'Referrer-Policy': 'no-referrer',
        'X-Content-Type-Options': 'nosniff',
        'Cache-Control': 'public, max-age=300',
      },
    })
  },
})

/** The endpoints that describe all endpoints, as a document and as a page. */
export const describeEndpoints = [showOpenapi, showDocs]
