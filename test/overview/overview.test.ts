import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { buildEvent } from '../event.ts'
import { clearTables } from '../receiver.ts'
import { store } from '../store-events.ts'
import { visit } from '../visit.ts'

beforeEach(clearTables)

const MINUTE_MS = 60_000

const ago = (minutes: number, changes: Record<string, unknown> = {}) =>
  buildEvent({
    activityDateTime: new Date(Date.now() - minutes * MINUTE_MS).toISOString(),
    ...changes,
  })

async function show(path: string): Promise<string> {
  const response = await visit(path)
  const page = await response.text()
  expect(response.status, `${path} ${page}`).toBe(200)
  return page
}

const linksOf = (page: string) => [
  ...new Set(
    [...page.slice(page.indexOf('id="activity"')).matchAll(/<a [^>]*?href="([^"]*)"/g)].map(
      ([, href = '']) => href.replaceAll('&amp;', '&').replaceAll('&#39;', "'"),
    ),
  ),
]

const FILTERS = 'mediaType=email&messageTag=sale&from=Shop+%26+Co&activityStatus=READ,CLICKED'

describe('every link', () => {
  it.each(
    ['hour', 'day', 'week'].flatMap((last) =>
      ['', '&as=table'].flatMap((as) => ['', `&${FILTERS}`].map((more) => `${last}${as}${more}`)),
    ),
  )('of /?last=%s leads to a page', async (query) => {
    const common = { messageTag: 'sale', from: 'Shop & Co' }
    for (const activityStatus of ['READ', 'CLICKED', 'UNDELIVERED', 'A,B', ' padded ', 'a@b']) {
      await store(ago(2, { ...common, activityStatus }), ago(90, { ...common, activityStatus }))
    }
    const links = linksOf(await show(`/?last=${query}`))
    expect(links.length).toBeGreaterThan(5)
    for (const path of links) await show(path)
  })
})

describe('a status', () => {
  it.each(['A,B', ' padded ', 'who@example.com', 'L'.repeat(600)])(
    'that no URL can filter by (%j) has a number without a link',
    async (activityStatus) => {
      await store(ago(2, { activityStatus }))
      for (const as of ['', '&as=table']) {
        const page = await show(`/?last=hour${as}`)
        expect(page).not.toContain('activityStatus=')
        expect(page).toContain(activityStatus.slice(0, 60).trim())
      }
    },
  )

  it('of 200,000 characters is shortened everywhere', async () => {
    await store(ago(2, { activityStatus: 'S'.repeat(200_000) }))
    for (const as of ['', '&as=table']) {
      const page = await show(`/?last=hour${as}`)
      expect(page).not.toContain('S'.repeat(61))
      expect(page.length).toBeLessThan(50_000)
    }
  })

  it('beyond the first twenty is grouped as other', async () => {
    await store(ago(3, { activityStatus: 'READ' }), ago(3, { activityStatus: 'OFTEN' }))
    await store(ago(3, { activityStatus: 'OFTEN' }))
    await store(
      ...Array.from({ length: 60 }, (_, index) => ago(3, { activityStatus: `N${index}` })),
    )
    const chart = await show('/?last=hour')
    const legend = /<ul class="legend".*?<\/ul>/s.exec(chart)?.[0] ?? ''
    expect(legend.match(/<li/g)).toHaveLength(21)
    expect(legend).toContain('Read')
    expect(legend).toContain('OFTEN')
    expect(legend).toMatch(/Others.* 42</s)
    expect(chart).toContain('Others: 42')
    expect(chart.match(/<path/g)).toHaveLength(21)
    const table = await show('/?last=hour&as=table')
    expect(table).toMatch(/<th class="right">(<bdi>)?Others/)
    expect(table).toContain('<td class="right">42</td>')
    // A selected status is never grouped.
    expect(await show('/?last=hour&activityStatus=N9')).toContain('N9: 1')
  })

  it('that did not occur can be removed', async () => {
    await store(ago(2))
    expect(await show('/?last=hour&activityStatus=NOPE')).toContain(
      '<a href="/?last=hour" aria-label="Remove Status">',
    )
  })

  it('that occurred once says “1 event”', async () => {
    await store(ago(2))
    expect(await show('/?last=hour')).toContain('aria-label="1 event: Delivered"')
  })
})

it('warns above the chart if the count is incomplete', async () => {
  await store(ago(2))
  expect(await show('/?last=month')).not.toContain('note warn')
  const numbers = 'WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 100500)'
  const hour = Math.floor(Date.now() / 3_600_000 - 5) * 3_600_000
  await env.DB.prepare(
    `${numbers} INSERT INTO totals
     SELECT campaign, ${hour} - v % 500 * 3600000, 'S' || (v / 500), -1, 1, 0, 0, 0, 0, 0, 0, 0 FROM n, campaigns`,
  ).run()
  const page = await show('/?last=month')
  expect(page).toContain('<p class="note warn">')
  expect(page.indexOf('note warn')).toBeLessThan(page.indexOf('class="chart"'))
})

it('rounds the end of the period up to a minute in its form', async () => {
  await store(ago(2))
  const page = await show('/?since=2023-09-14T00:00Z&until=2023-09-14T08:30:03Z')
  expect(page).toMatch(/name="until" value="2023-09-14T\d\d:31"/)
})
