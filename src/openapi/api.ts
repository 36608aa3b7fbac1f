import * as z from 'zod'
import { defineEndpoint, lazily, type Endpoint } from '../http/endpoint.ts'
import { describeApi, type ApiDocument } from './openapi.ts'
import { respondPage } from './page.ts'

/** The endpoints that describe others and themselves, as a document and as a page. */
export function describeEndpoints(others: readonly Endpoint[]): Endpoint[] {
  const document: () => ApiDocument = lazily(() => describeApi([...others, showOpenapi, showDocs]))
  const showOpenapi = defineEndpoint({
    method: 'get',
    path: '/openapi.json',
    access: 'everybody',
    operationId: 'showOpenapi',
    tag: 'Service',
    summary: 'This documentation as an OpenAPI 3.1 document',
    description: 'Generated from the schemas that requests and responses are checked with.',
    response: lazily(() => z.looseObject({ openapi: z.string() }).meta({ id: 'Document' })),
    handle: () =>
      Response.json(document(), {
        headers: { 'Cache-Control': 'public, max-age=300', 'X-Content-Type-Options': 'nosniff' },
      }),
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
    handle: () => respondPage(document()),
  })
  return [showOpenapi, showDocs]
}
