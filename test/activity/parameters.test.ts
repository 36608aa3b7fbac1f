import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { PARAMETERS, TYPES } from '../../src/activity/parameters.ts'

it("lists the 32 parameters of Yespo's page", () => {
  expect(PARAMETERS).toHaveLength(32)
  expect(new Set(PARAMETERS.map(({ name }) => name)).size).toBe(32)
})

it('has a column of its type for each parameter', async () => {
  const { results } = await env.DB.prepare('PRAGMA table_info(activity)').all<{
    name: string
    type: string
  }>()
  const columns = results.map(({ name, type }) => `${name} ${type}`)
  const own = [
    'occurredAt INTEGER',
    'id TEXT',
    'receivedAt INTEGER',
    'origin TEXT',
    'labels TEXT',
    'extra TEXT',
  ]
  const documented = PARAMETERS.map(({ name, type }) => `${name} ${TYPES[type].column}`)
  expect(columns.sort()).toEqual([...own, ...documented].sort())
})
