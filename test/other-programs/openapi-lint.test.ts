import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { ENDPOINTS } from '../../src/api-routes.ts'
import { describeApi } from '../../src/openapi/openapi.ts'
import { VERSION } from '../../src/platform/version.ts'

const DOCUMENT = join(import.meta.dirname, '../../src/openapi/built/openapi.json.txt')

it('the OpenAPI document passes the Redocly linter', async () => {
  const config = await createConfig({
    extends: ['recommended'],
    // The document has no license field.
    rules: { 'info-license': 'off' },
  })
  const problems = await lintFromString({
    source: readFileSync(DOCUMENT, 'utf8'),
    absoluteRef: 'openapi.json',
    config,
  })
  const found = problems.map(({ ruleId, message, location }) => [
    ruleId,
    message,
    location[0]?.pointer,
  ])
  expect(found).toEqual([])
})

it('the linter finds errors', async () => {
  const { paths, ...api } = describeApi(ENDPOINTS)
  const { get, ...others } = paths['/activity'] ?? {}
  const broken = { ...api, paths: { '/activity': { ...others, get: { ...get, responses: {} } } } }
  const config = await createConfig({ extends: ['recommended'] })
  const problems = await lintFromString({
    source: JSON.stringify(broken),
    absoluteRef: 'openapi.json',
    config,
  })
  expect(problems.map(({ ruleId }) => ruleId)).toContain('operation-4xx-response')
})

it('the receiver has the version of the package, which the public document does not show', () => {
  expect(VERSION).toBe(manifest.version)
  expect(describeApi(ENDPOINTS).info.version).toBe('1')
})
