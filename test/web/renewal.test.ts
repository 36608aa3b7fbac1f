import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { buildEvent } from '../event.ts'
import { clearTables } from '../receiver.ts'
import { countReads } from '../rows-read.ts'
import { store } from '../store-events.ts'
import { visit } from '../visit.ts'
import { meter } from '../../src/db/monitor/usage.ts'
import { dateArrivals } from '../date-arrivals.ts'

beforeEach(clearTables)

/** Requests a page, and counts the rows that it reads. */
async function request(path: string): Promise<{ status: number; text: string; rowsRead: number }> {
  const { db, rowsRead } = countReads(env.DB)
  const response = await visit(path, { changed: { DB: db } })
  return { status: response.status, text: await response.text(), rowsRead: rowsRead() }
}

const liveIn = (page: string) =>
  /data-live="([^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? 'none'
const idsIn = (page: string) => [...page.matchAll(/data-id="([^"]+)"/g)].map(([, id]) => id)

function buildMany(count: number, changes: Record<string, unknown> = {}): object[] {
  return Array.from({ length: count }, (_, second) => {
    const activityDateTime = new Date(Date.UTC(2023, 8, 14) + second * 1000).toISOString()
    return buildEvent({ activityDateTime, messageId: second % 500, ...changes })
  })
}

beforeEach(() => void vi.spyOn(meter, 'recordEvent').mockReturnValue(undefined))

/** Makes everything look stored an hour ago. */
async function age(): Promise<void> {
  await dateArrivals(Date.now() - 3_600_000)
}

describe('the page of recent events', () => {
  it('reads few rows', async () => {
    await store(...buildMany(1_000))
    const page = await request('/recent')
    expect(idsIn(page.text)).toHaveLength(50)
    expect(page.rowsRead).toBeLessThan(450)
    const scan = await request('/recent?mediaType=email')
    expect(scan.rowsRead).toBeLessThan(550)
  })
})

describe('its refresh', () => {
  it('reads a handful of rows if nothing new was stored, with any filter', async () => {
    await store(...buildMany(2_000))
    await age()
    for (const path of ['/recent', '/recent?from=nobody']) {
      const poll = await request(liveIn((await request(path)).text))
      expect(poll.status).toBe(204)
      expect(poll.rowsRead).toBeLessThan(30)
    }
  })

  it('has only the list with new events, and the URL of the next refresh', async () => {
    await store(...buildMany(60))
    await age()
    const live = liveIn((await request('/recent')).text)
    await store(buildEvent({ messageName: 'Fresh' }))
    const poll = await request(live)
    expect(poll.text).toMatch(/^<ol id="events"/)
    expect(poll.text).toContain('Fresh')
    expect(poll.text).not.toContain('<form')
    expect(poll.rowsRead).toBeLessThan(150)
    expect(liveIn(poll.text)).not.toBe(live)
    await age()
    const next = liveIn((await request(liveIn(poll.text))).text)
    expect((await request(next)).status).toBe(204)
  })

  it('checks for new rows while another transaction may be under way', async () => {
    await store(...buildMany(1))
    expect((await request(liveIn((await request('/recent')).text))).status).toBe(200)
  })

  it('reads the newest rows only, and says whether they connect to the known ones', async () => {
    await store(...buildMany(2_000))
    await age()
    const live = liveIn((await request('/recent?osName=nobody')).text)
    await store(buildEvent({ osName: 'somebody' }))
    const poll = await request(live)
    expect(poll.status).toBe(200)
    expect(poll.rowsRead).toBeLessThan(1_550)
    expect(poll.text).toContain('data-joined')
    const long = await request(live.replace(/stored=\d+/, 'stored=1000'))
    expect(long.text).not.toContain('data-joined')
  })

  it('occurs in no link, and has one name only', async () => {
    await store(...buildMany(60))
    const { text } = await request('/recent')
    expect(text).not.toMatch(/(href|action)="[^"]*(live|stored)=/)
    for (const query of ['live=2', 'stored=1']) {
      expect((await request(`/recent?${query}`)).text).toContain('<nav aria-label="Pages">')
    }
  })
})
