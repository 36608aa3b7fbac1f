import { env } from 'cloudflare:workers'
import { beforeEach, expect, it } from 'vitest'
import { eraseContactNow } from '../../src/erasure/erase.ts'
import { buildEvent } from '../event.ts'
import { runMaintenanceAll } from '../run-maintenance.ts'
import { clearTables } from '../receiver.ts'
import { store } from '../store-events.ts'
import { visit } from '../visit.ts'

beforeEach(clearTables)

const FREE = { CLOUDFLARE_PLAN: 'free' } as unknown as Partial<Env>

async function show(path: string): Promise<string> {
  const response = await visit(path)
  expect(response.status).toBe(200)
  return response.text()
}

const linksOf = (page: string) =>
  [...page.matchAll(/href="\/erasures\/(\d+)"/g)].map(([, number]) => Number(number))

it('shows the progress of an erasure, and when it has finished', async () => {
  const events = Array.from({ length: 2_200 }, () => buildEvent({ contactId: 4711 }))
  await store(...events)
  const number = await eraseContactNow({ ...env, ...FREE }, '4711', 'erase')
  const before = await show(`/erasures/${number}`)
  expect(before).toMatch(/In progress since.*Erased so far.*[1-9],\d00</s)
  expect(before).toContain(`<a href="/erasures/${number}">Refresh</a>`)
  expect(await show('/status')).toContain('<a href="/erasures">0 finished, 1 in progress</a>')
  await runMaintenanceAll()
  const after = await show(`/erasures/${number}`)
  expect(after).toMatch(/Finished.*2,200</s)
  expect(after).not.toMatch(/Refresh|so far|4711|contact@/)
  expect(await show('/status')).toContain('<a href="/erasures">1 finished, 0 in progress</a>')
})

it('lists all erasures anonymously, newest first, page by page', async () => {
  expect(await show('/erasures')).toContain('No one has been erased yet.')
  expect(await show('/status')).not.toContain('/erasures')
  const insert = env.DB.prepare(
    `INSERT INTO erasures (number, erasedAt, finishedAt, removed, target) VALUES (?, 0, ?, '{}', ?)`,
  )
  const finished = Array.from({ length: 51 }, (_, index) => insert.bind(index + 1, 1, null))
  await env.DB.batch([...finished, insert.bind(52, null, '{"contactIds":["4711"]}')])
  const page = await show('/erasures')
  expect(linksOf(page)).toEqual(Array.from({ length: 50 }, (_, index) => 52 - index))
  expect(page).toMatch(/Erasure 52<\/a>.*?: in progress.*Erasure 51<\/a>.*?: finished/s)
  expect(page).toContain('href="/erasures?before=3"')
  expect(page).not.toContain('4711')
  const [head, first, second] = (await show('/erasures?format=csv')).split('\r\n')
  expect(head).toContain('Proof number,Requested,Finished,Events,')
  expect([first, second]).toEqual([
    '52,1970-01-01 00:00:00,,0,0,0,0,0',
    '51,1970-01-01 00:00:00,1970-01-01 00:00:00,0,0,0,0,0',
  ])
  const older = await show('/erasures?before=3')
  expect(linksOf(older)).toEqual([2, 1])
  expect(older).not.toContain('Older')
})

it.each(['/erasures/1', '/erasures/x', '/erasures/1e3', `/erasures/${'9'.repeat(16)}`])(
  'finds no erasure at %s',
  async (path) => expect((await visit(path)).status).toBe(404),
)

it('rejects an invalid position in the list', async () => {
  expect((await visit('/erasures?before=x')).status).toBe(400)
})
