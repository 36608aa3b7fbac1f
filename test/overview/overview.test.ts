import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { buildEvent } from '../event.ts'
import { clearTables } from '../receiver.ts'
import { store } from '../store-events.ts'
import { visit } from '../visit.ts'

beforeEach(clearTables)

const MINUTE_MS = 60_000

/** A period of minutes. */
const RECENT = `since=${new Date(Date.now() - 100 * MINUTE_MS).toISOString()}`

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
    [...page.slice(page.indexOf('<main')).matchAll(/<a [^>]*?href="([^"]*)"/g)].map(
      ([, href = '']) => href.replaceAll('&amp;', '&').replaceAll('&#39;', "'"),
    ),
  ),
]

const FILTERS = 'mediaType=email&messageTag=sale&from=Shop+%26+Co&activityStatus=READ,CLICKED'

describe('every link', () => {
  const periods = ['period=today', 'period=month', RECENT].flatMap((period) =>
    ['', '&as=table'].flatMap((as) => ['', `&${FILTERS}`].map((more) => `${period}${as}${more}`)),
  )
  it.each(periods)('of /?%s leads to a page', async (query) => {
    const common = { messageTag: 'sale', from: 'Shop & Co' }
    for (const activityStatus of ['READ', 'CLICKED', 'UNDELIVERED', 'A,B', ' padded ', 'a@b']) {
      await store(ago(2, { ...common, activityStatus }), ago(90, { ...common, activityStatus }))
    }
    const links = linksOf(
      await show(
        `/?${query.replace('MINUTES', new Date(Date.now() - 100 * MINUTE_MS).toISOString())}`,
      ),
    )
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
        const page = await show(`/?${RECENT}${as}`)
        expect(page.slice(page.indexOf('id="activity"'))).not.toContain('activityStatus=')
        expect(page).toContain(activityStatus.slice(0, 60).trim())
      }
    },
  )

  it('of 200,000 characters is shortened everywhere', async () => {
    await store(ago(2, { activityStatus: 'S'.repeat(200_000) }))
    for (const as of ['', '&as=table']) {
      const page = await show(`/?${RECENT}${as}`)
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
    const chart = await show(`/?${RECENT}`)
    const legend = /<ul class="legend".*?<\/ul>/s.exec(chart)?.[0] ?? ''
    expect(legend.match(/<li/g)).toHaveLength(21)
    expect(legend).toContain('Read')
    expect(legend).toContain('OFTEN')
    expect(legend).toMatch(/Others.* 42</s)
    expect(chart).toContain('Others: 42')
    expect(chart.match(/<path/g)).toHaveLength(21)
    const table = await show(`/?${RECENT}&as=table`)
    expect(table).toMatch(/<th class="right">(<bdi>)?Others/)
    expect(table).toContain('<td class="right">42</td>')
    // A selected status is never grouped.
    expect(await show(`/?${RECENT}&activityStatus=N9`)).toContain('N9: 1')
  })

  it('that did not occur can be removed', async () => {
    await store(ago(2))
    expect(await show('/?period=today&activityStatus=NOPE')).toContain(
      '<a href="/?period=today" aria-label="Remove Status">',
    )
  })

  it('that occurred once says “1 event”', async () => {
    await store(ago(2))
    expect(await show(`/?${RECENT}`)).toContain('aria-label="1 event: Delivered"')
  })
})

it('warns above the chart if the count is incomplete', async () => {
  await store(ago(2))
  expect(await show('/?period=30days')).not.toContain('note warn')
  const numbers = 'WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 100500)'
  const hour = Math.floor(Date.now() / 3_600_000 - 5) * 3_600_000
  await env.DB.prepare(
    `${numbers} INSERT INTO totals
     SELECT campaign, ${hour} - v % 500 * 3600000, 'S' || (v / 500), -1, 1, 0, 0, 0, 0, 0, 0, 0 FROM n, campaigns`,
  ).run()
  const page = await show('/?period=30days')
  expect(page).toContain('<p class="note warn">')
  expect(page.indexOf('note warn')).toBeLessThan(page.indexOf('class="chart"'))
})

it('has the days of the period in its form', async () => {
  await store(ago(2))
  const page = await show('/?since=2023-09-14T00:00Z&until=2023-09-15T00:00Z')
  expect(page).toContain('name="first" value="2023-09-14"')
  expect(page).toContain('name="last" value="2023-09-14"')
})

/** Deliveries to different contacts, of whom some also do something else. */
function deliveries(
  delivered: number,
  others: Record<string, number> = {},
  changes = {},
): object[] {
  const statuses = Object.entries({ DELIVERED: delivered, ...others })
  return statuses.flatMap(([activityStatus, count]) =>
    Array.from({ length: count }, (_, contactId) =>
      ago(5, { activityStatus, contactId, ...changes }),
    ),
  )
}

/** The cards of the results, as text. */
function resultsOf(page: string): string[] {
  const list = /<dl class="cards results">(.*?)<\/dl>/s.exec(page)?.[1] ?? ''
  return list
    .split('<div class="card">')
    .slice(1)
    .map((card) =>
      card
        .replaceAll(/<[^>]+>/g, ' ')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    )
}

describe('the results', () => {
  it('are rates of the people it was delivered to, and are marked at a threshold', async () => {
    await store(...deliveries(200, { READ: 50, CLICKED: 10, SPAM: 1, UNSUBSCRIBED: 3 }))
    expect(resultsOf(await show('/'))).toEqual([
      'Delivered 200 of 200',
      'Read 25.0% 50 people',
      'Clicked 5.0% 10 people',
      'Bounced 0.0% 0 people',
      'Complained 0.50% 1 person ⚠ over the limit of 0.30%',
      'Unsubscribed 1.5% 3 people',
    ])
  })

  it('are compared with the period before', async () => {
    const earlier = 7 * 24 * 60
    const at = new Date(Date.now() - (earlier + 30) * MINUTE_MS).toISOString()
    await store(...deliveries(100, { READ: 20 }, { activityDateTime: at, messageId: 7 }))
    await store(...deliveries(150, { READ: 45 }))
    const [delivered, read] = resultsOf(await show('/'))
    expect(delivered).toBe('Delivered 150 of 150 +50%')
    expect(read).toBe('Read 30.0% 45 people +10.00 pp')
  })

  it('are in Ukrainian with its plural forms', async () => {
    await store(...deliveries(4, { READ: 2, CLICKED: 1 }))
    const page = await (await visit('/', { language: 'uk' })).text()
    expect(resultsOf(page).slice(1, 3)).toEqual([
      'Прочитано 50,0% 2 людини',
      'Кліки 25,0% 1 людина',
    ])
  })
})

it('names the five largest campaigns, the largest first', async () => {
  for (let campaign = 1; campaign <= 6; campaign++) {
    const changes = { messageId: campaign, messageName: `Sale ${campaign}` }
    await store(...deliveries(campaign, { READ: 1 }, changes))
  }
  const page = await show('/?period=7days')
  const links = [...page.matchAll(/<a href="\/campaigns\/(\d+)\?period=7days"><bdi>([^<]*)/g)]
  expect(links.map(([, id, name]) => `${id} ${name}`)).toEqual(
    [6, 5, 4, 3, 2].map((each) => `${each} Sale ${each}`),
  )
})

it('downloads the events over time', async () => {
  await store(ago(2), ago(2, { activityStatus: 'READ' }))
  const response = await visit('/?period=month&format=csv')
  expect(response.headers.get('Content-Disposition')).toMatch(/filename="events-/)
  const [head, ...lines] = (await response.text()).trimEnd().split('\r\n')
  expect(head).toBe('Time,Delivered,Read')
  expect(lines.at(-1)).toMatch(/^\d{4}-\d\d-\d\d 00:00:00,1,1$/)
})
