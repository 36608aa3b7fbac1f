import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { PARAMETERS, TYPES, UUIDS } from '../../src/event/parameters.ts'

it("lists the 32 parameters in Yespo's documentation", () => {
  expect(PARAMETERS).toHaveLength(32)
  expect(new Set(PARAMETERS.map(({ name }) => name)).size).toBe(32)
})

it('has a column of its type for each parameter', async () => {
  const list = async (table: string) => {
    const sql = `PRAGMA table_info(${table})`
    const { results } = await env.DB.prepare(sql).all<{ name: string; type: string }>()
    return results.map(({ name, type }) => `${name} ${type}`)
  }
  const ofCampaigns = (await list('campaigns')).filter((each) => !/^(campaign|key) /.test(each))
  const columns = [...(await list('activity')), ...ofCampaigns]
  const own = [
    'campaign INTEGER',
    'occurredAt INTEGER',
    'id BLOB',
    'writeId INTEGER',
    'receivedAt INTEGER',
    'origin TEXT',
    'labels TEXT',
    'extra TEXT',
  ]
  const isPacked = (name: string) =>
    name === 'activityDateTime' || UUIDS.some((each) => each === name)
  const documented = PARAMETERS.map(
    ({ name, type }) => `${name} ${isPacked(name) ? 'ANY' : TYPES[type].column}`,
  )
  expect(columns.sort()).toEqual([...own, ...documented].sort())
})

it('is complete in the view for manual SQL', async () => {
  const { results } = await env.DB.prepare('PRAGMA table_info(events)').all<{ name: string }>()
  const own = ['occurredAt', 'id', 'receivedAt', 'origin', 'labels', 'extra']
  const documented = PARAMETERS.map(({ name }) => name)
  expect(results.map(({ name }) => name).sort()).toEqual([...own, ...documented].sort())
})
