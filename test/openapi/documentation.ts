import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'

const BUILT = join(import.meta.dirname, '../../src/openapi/built')

/** The built page, as it is before it has an origin. */
export const PAGE = readFileSync(join(BUILT, 'docs.html'), 'utf8')

/** The policy of the page. */
export const POLICY = readFileSync(join(BUILT, 'docs-policy.txt'), 'utf8')

const contentSchema = z.object({ 'application/json': z.object({ example: z.unknown() }) })

const operationSchema = z.object({
  operationId: z.string(),
  security: z.array(z.record(z.string(), z.unknown())),
  parameters: z.array(
    z.object({
      name: z.string(),
      in: z.enum(['path', 'query']),
      example: z.union([z.string(), z.number()]).optional(),
    }),
  ),
  requestBody: z.object({ content: contentSchema }).optional(),
  responses: z.object({ 200: z.object({ content: z.record(z.string(), z.unknown()) }) }),
})

const documentSchema = z.object({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
})

const document = documentSchema.parse(
  JSON.parse(readFileSync(join(BUILT, 'openapi.json.txt'), 'utf8')),
)

/** The documented operations, with their paths and methods. */
export const OPERATIONS = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
)
