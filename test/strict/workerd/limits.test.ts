import { env } from 'cloudflare:workers'
import { beforeEach, expect, it } from 'vitest'
import { Account, Invocation, killAtCall, limitD1, PLANS, Runtime, VirtualClock } from '../index.ts'

type Bindings = { DB: D1Database }

const NOON = Date.UTC(2026, 0, 5, 12)
const WRITE = "INSERT INTO strict_items (name) VALUES ('a')"

beforeEach(async () => {
  await env.DB.exec('CREATE TABLE IF NOT EXISTS strict_items (name TEXT)')
  await env.DB.exec('DELETE FROM strict_items')
})

const countItems = () => env.DB.prepare('SELECT count(*) AS items FROM strict_items').first('items')

it('counts the rows that D1 bills, and enforces the quota of the day', async () => {
  const account = new Account(PLANS.free, new VirtualClock(NOON))
  const db = limitD1(env.DB, new Invocation('fetch', { account }))
  await db.batch([db.prepare(WRITE), db.prepare(WRITE)])
  await db.prepare('SELECT * FROM strict_items').all()
  expect(account.used).toMatchObject({ rowsWritten: 2, rowsRead: 2 })
  account.add({ rowsWritten: PLANS.free.d1.rowsWrittenADay ?? 0 })
  await expect(db.prepare(WRITE).run()).rejects.toThrow('daily row write limit')
  expect(await db.prepare('SELECT 1 AS one').first('one')).toBe(1)
})

it.each([
  { when: 'before', items: 0 },
  { when: 'after', items: 1 },
] as const)('kills an invocation $when a write', async ({ when, items }) => {
  const trace: string[] = []
  const worker = {
    async fetch(_request, { DB }) {
      try {
        await DB.prepare(WRITE).run()
      } finally {
        trace.push('finally')
      }
      return new Response()
    },
  } satisfies ExportedHandler<Bindings>
  const runtime = new Runtime({ killer: killAtCall(1, when) })
  const { response } = await runtime.fetch(worker, new Request('https://x.example'), { DB: env.DB })
  expect([response.status, await countItems(), trace]).toEqual([503, items, []])
})
