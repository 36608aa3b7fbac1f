import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { pruneDeliveries } from '../../src/store/prune.ts'

const SHARD = 2 ** 32

async function insert(page: number, stamp: string): Promise<void> {
  const sql = `INSERT INTO deliveries VALUES (?, ';a:1', ?, jsonb('[]'))`
  await env.DB.prepare(sql).bind(page, stamp).run()
}

const stampOf = (time: number) => `${time}.${time}.x`
const [OLD, NEW] = [1_600_000_000_000, 1_700_000_000_000]

async function listPages(): Promise<unknown[]> {
  const { results } = await env.DB.prepare('SELECT page FROM deliveries ORDER BY page').all()
  return results.map(({ page }) => page)
}

it('deletes what a shard has before its last old page, and nothing of the others', async () => {
  await insert(0, 'recount')
  await insert(1, stampOf(OLD))
  await insert(2, stampOf(OLD))
  await insert(3, stampOf(NEW))
  await insert(SHARD, stampOf(NEW))
  await insert(SHARD + 1, 'recount')
  await insert(2 * SHARD, stampOf(OLD))
  expect(await pruneDeliveries(env.DB, NEW)).toBe(2)
  expect(await listPages()).toEqual([2, 3, SHARD, SHARD + 1, 2 * SHARD])
})

it('leaves the note that events of an earlier version are not counted', async () => {
  await insert(-1, 'uncounted')
  await insert(0, stampOf(OLD))
  expect(await pruneDeliveries(env.DB, NEW)).toBe(0)
})
