import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { buildEvent } from '../event.ts'
import { clearTables } from '../receiver.ts'
import { countReads } from '../rows-read.ts'
import { store } from '../store-events.ts'
import { visit } from '../visit.ts'

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]

beforeEach(clearTables)
afterEach(() => vi.useRealTimers())

const at = (ago: number) =>
  buildEvent({ activityDateTime: new Date(Date.now() - ago).toISOString().slice(0, 19) })

async function show(path: string): Promise<string> {
  const response = await visit(path)
  expect(response.status).toBe(200)
  return response.text()
}

/** The URL from which the panel refreshes itself. */
function refreshUrl(page: string): string {
  return /data-live="(\/now[^"]*)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? ''
}

it('an open page warns of an unusually long gap, until the next event', async () => {
  await store(...Array.from({ length: 100 }, (_, index) => at(index * HOUR)))
  let page = await show('/')
  expect(refreshUrl(page)).toBe('/now')
  const begin = Date.now()
  vi.useFakeTimers({ now: begin + 50 * MINUTE, toFake: ['Date'] })
  page = await show(refreshUrl(page))
  expect(refreshUrl(page)).toBe(`/now?normal=${HOUR}`)
  expect(page).not.toContain('No new events')
  vi.setSystemTime(begin + 2 * HOUR)
  page = await show(refreshUrl(page))
  expect(page).toContain('No new events for 2 hours; the longest normal gap is')
  await store(at(0))
  expect(await show(refreshUrl(page))).not.toContain('No new events')
})

it('does not call a gap unusual if there are too few events to judge', async () => {
  await store(at(0))
  let page = await show('/')
  const begin = Date.now()
  vi.useFakeTimers({ now: begin + 2 * HOUR, toFake: ['Date'] })
  page = await show(refreshUrl(page))
  expect(refreshUrl(page)).toBe('/now?normal=unknown')
  expect(page).not.toContain('No new events')
  vi.setSystemTime(begin + 2 * DAY)
  expect(await show(refreshUrl(page))).toContain('too little data yet')
})

it('asks about the time zone if events are dated in the future', async () => {
  await store(at(-3 * HOUR))
  expect(await show('/')).toContain('YESPO_TIME_ZONE')
})

it('counts the events that its link shows', async () => {
  await store(at(MINUTE), at(2 * MINUTE), at(20 * MINUTE), at(-HOUR))
  const page = await show('/now')
  const [, path = '', count] = /href="(\/recent\?[^"]+)">(\d+)</.exec(page) ?? []
  expect(count).toBe('2')
  const rows = await show(path.replaceAll('&amp;', '&'))
  expect(rows.match(/<li data-id/g)).toHaveLength(2)
})

it('a page that is open all day reads few rows per refresh, and counts again', async () => {
  const events = Array.from({ length: 1_500 }, (_, index) => at((index - 900) * 1_000))
  await store(...events.map((event, index) => ({ ...event, contactId: index })))
  await env.DB.prepare(
    `WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 300)
     INSERT INTO quarantine SELECT 'r' || value, 0, 0, 'element', 'why', value, 'o', NULL, 'x' FROM n`,
  ).run()
  const { db, rowsRead } = countReads(env.DB)
  const request = async (path: string) => (await visit(path, { changed: { DB: db } })).text()
  let page = await request('/')
  expect(page).toContain('500+')
  expect(page).toContain('200+')
  const begin = Date.now()
  const before = rowsRead()
  vi.useFakeTimers({ now: begin, toFake: ['Date'] })
  const polls = 120
  for (let poll = 1; poll <= polls; poll++) {
    vi.setSystemTime(begin + poll * 15_000)
    page = await request(refreshUrl(page))
  }
  expect((rowsRead() - before) / polls).toBeLessThan(60)
  // Half an hour later, none of it is in the last quarter of an hour.
  vi.setSystemTime(begin + HOUR)
  page = await request(refreshUrl(page))
  expect(page).not.toContain('500+')
  await env.DB.prepare('DELETE FROM quarantine').run()
  expect(await request(refreshUrl(page))).not.toMatch(/recent=/)
  vi.setSystemTime(begin + 2 * HOUR)
  expect(await request(refreshUrl(page))).not.toMatch(/quarantined=/)
})

it('rejects invalid counts', async () => {
  expect((await visit('/now?recent=many')).status).toBe(400)
})
