import { Script } from 'node:vm'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { SCRIPT } from '../../src/openapi/page-script.ts'
import { ENDPOINTS } from '../../src/api-routes.ts'
import { describeApi } from '../../src/openapi/openapi.ts'
import { VERSION } from '../../src/platform/version.ts'

it('nothing is wrong with the OpenAPI document, says the linter of Redocly', async () => {
  const config = await createConfig({
    extends: ['recommended'],
    // The project has no licence that could be named.
    rules: { 'info-license': 'off' },
  })
  const problems = await lintFromString({
    source: JSON.stringify(describeApi(ENDPOINTS)),
    absoluteRef: 'openapi.json',
    config,
  })
  const told = problems.map(({ ruleId, message, location }) => [
    ruleId,
    message,
    location[0]?.pointer,
  ])
  expect(told).toEqual([])
})

it('the linter finds what is wrong', async () => {
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

it('the receiver knows the version of the package, and tells nobody but whoever may read', () => {
  expect(VERSION).toBe(manifest.version)
  expect(describeApi(ENDPOINTS).info.version).toBe('1')
})

it("the page's script is JavaScript", () => {
  expect(() => new Script(SCRIPT)).not.toThrow()
})
