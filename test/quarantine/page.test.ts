import { env } from 'cloudflare:workers'
import { beforeEach, expect, test } from 'vitest'
import { faultyQueue } from '../faulty.ts'
import { clearTables, listQuarantine, postWith, type Body } from '../receiver.ts'
import { visit } from '../visit.ts'

beforeEach(clearTables)

async function show(path: string): Promise<string> {
  const response = await visit(path)
  expect(response.status).toBe(200)
  return response.text()
}

/** Posts a body, of any length, that is checked at once; its events are stored directly, without the queue. */
async function send(body: Body): Promise<void> {
  const changed = {
    ACTIVITY_QUEUE: faultyQueue(new Error('down')),
    CLOUDFLARE_PLAN: 'paid',
  } as const
  const response = await postWith(changed, body)
  expect(response.status).toBe(200)
}

test('says that nothing is quarantined', async () => {
  expect(await show('/quarantine')).toContain('Quarantine is empty')
})

test('counts by reason, and shows the sent text', async () => {
  await send(['<script>alert(1)</script>', 2, 3])
  const page = await show('/quarantine')
  expect(page).toContain(
    '<a href="/quarantine?reason=the+element+is+a+number;+an+event+is+an+object">2</a>'.replaceAll(
      ';',
      '%3B',
    ),
  )
  expect(page).toContain('&lt;script&gt;alert(1)')
  expect(page).not.toContain('<script>alert')
  const numbers = await show('/quarantine?reason=the+element+is+a+number;+an+event+is+an+object')
  expect([...numbers.matchAll(/<details>/g)]).toHaveLength(2)
})

test('continues with older items, and shows each once', async () => {
  await send(Array.from({ length: 45 }, (_, number) => number))
  const links: string[] = []
  let path = '/quarantine'
  for (let pages = 0; pages < 3; pages++) {
    const page = await show(path)
    links.push(
      ...[...page.matchAll(/href="(\/quarantine\/[\w-]+\.\d+)"/g)].map(([, path = '']) => path),
    )
    path = /href="([^"]+cursor[^"]+)">Older/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? ''
  }
  expect(path).toBe('')
  expect(new Set(links).size).toBe(45)
  expect(links).toHaveLength(45)
})

test('shows a long item from its parts, up to a limit', async () => {
  await send([`begin ${'x'.repeat(70_000)} end`])
  const [first] = await listQuarantine()
  const page = await show(`/quarantine/${String(first?.['request'])}.0`)
  expect(page).toContain(`begin ${'x'.repeat(70_000)} end`)
  expect(await show('/quarantine')).not.toContain('x'.repeat(2_500))
  await clearTables()
  await send([`begin ${'x'.repeat(200_000)} end`])
  const [long] = await listQuarantine()
  const cut = await show(`/quarantine/${String(long?.['request'])}.0`)
  expect(cut).toContain('Only the beginning is shown')
  expect(cut.length).toBeLessThan(105_000)
})

test('does not read the sent texts to find the newest', async () => {
  const { results } = await env.DB.prepare(
    'EXPLAIN QUERY PLAN SELECT reason FROM quarantine INDEXED BY quarantine_by_time WHERE part = 0 ORDER BY receivedAt DESC, request DESC, elementIndex DESC',
  ).all<{ detail: string }>()
  expect(results.map(({ detail }) => detail).join()).not.toContain('TEMP B-TREE')
})

test('responds 404 for an unknown item', async () => {
  expect((await visit('/quarantine/nothing.0')).status).toBe(404)
  expect((await visit('/quarantine/nothing.x')).status).toBe(404)
})

test('keeps a leading line break', async () => {
  await send(['\nfirst'])
  const [element] = await listQuarantine()
  for (const path of ['/quarantine', `/quarantine/${String(element?.['request'])}.0`]) {
    // A browser drops the first one after <pre>.
    expect(await show(path)).toMatch(/<pre>\n[^\n]/)
  }
})

test('gives the reason in the language of the viewer', async () => {
  await send([{ activityDateTime: '2026-11-25T10:00:00' }])
  const response = await visit('/quarantine', { language: 'uk' })
  expect(await response.text()).toContain('Немає параметра activityStatus')
})
