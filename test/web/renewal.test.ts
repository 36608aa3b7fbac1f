import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { app } from '../../src/routes.ts'
import { buildEvent } from '../event.ts'
import { clearTables } from '../receiver.ts'
import { countReads } from '../rows-read.ts'
import { store } from '../store-events.ts'
import { signIn } from './session-cookie.ts'
import { meter } from '../../src/db/monitor/usage.ts'
import { dateArrivals } from '../date-arrivals.ts'

beforeEach(clearTables)

/** A page of the dashboard, and the rows that it read. */
async function ask(path: string): Promise<{ status: number; text: string; rowsRead: number }> {
  const { db, rowsRead } = countReads(env.DB)
  const headers = { Cookie: await signIn() }
  const url = `https://receiver.example.com${path}`
  const response = await app.request(url, { headers }, { ...env, DB: db })
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

/** As if everything had been stored an hour ago. */
async function age(): Promise<void> {
  await dateArrivals(Date.now() - 3_600_000)
}

describe('the page of recent events', () => {
  it('reads few rows', async () => {
    await store(...buildMany(1_000))
    const page = await ask('/recent')
    expect(idsIn(page.text)).toHaveLength(50)
    expect(page.rowsRead).toBeLessThan(450)
    const scan = await ask('/recent?mediaType=email')
    expect(scan.rowsRead).toBeLessThan(550)
  })
})

describe('its renewal', () => {
  it('reads a handful of rows where nothing new was stored, whatever the filter', async () => {
    await store(...buildMany(2_000))
    await age()
    for (const path of ['/recent', '/recent?from=nobody']) {
      const poll = await ask(liveIn((await ask(path)).text))
      expect(poll.status).toBe(204)
      expect(poll.rowsRead).toBeLessThan(30)
    }
  })

  it('has the list only, with what is new, and the address for the next', async () => {
    await store(...buildMany(60))
    await age()
    const live = liveIn((await ask('/recent')).text)
    await store(buildEvent({ messageName: 'Fresh' }))
    const poll = await ask(live)
    expect(poll.text).toMatch(/^<ol id="events"/)
    expect(poll.text).toContain('Fresh')
    expect(poll.text).not.toContain('<form')
    expect(poll.rowsRead).toBeLessThan(150)
    expect(liveIn(poll.text)).not.toBe(live)
    await age()
    const next = liveIn((await ask(liveIn(poll.text))).text)
    expect((await ask(next)).status).toBe(204)
  })

  it('looks while another transaction may be under way', async () => {
    await store(...buildMany(1))
    expect((await ask(liveIn((await ask('/recent')).text))).status).toBe(200)
  })

  it('looks at the newest rows only, and says whether they reach those that are known', async () => {
    await store(...buildMany(2_000))
    await age()
    const live = liveIn((await ask('/recent?osName=nobody')).text)
    await store(buildEvent({ osName: 'somebody' }))
    const poll = await ask(live)
    expect(poll.status).toBe(200)
    expect(poll.rowsRead).toBeLessThan(1_550)
    expect(poll.text).toContain('data-joined')
    const long = await ask(live.replace(/stored=\d+/, 'stored=1000'))
    expect(long.text).not.toContain('data-joined')
  })

  it('stands in no link, and is asked for by no other name', async () => {
    await store(...buildMany(60))
    const { text } = await ask('/recent')
    expect(text).not.toMatch(/(href|action)="[^"]*(live|stored)=/)
    for (const query of ['live=2', 'stored=1']) {
      expect((await ask(`/recent?${query}`)).text).toContain('<nav aria-label="Views">')
    }
  })
})
