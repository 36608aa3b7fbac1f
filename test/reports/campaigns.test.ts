import { describe, expect, it } from 'vitest'
import { buildEvent } from '../event.ts'
import { read } from '../receiver.ts'
import { store } from '../store-events.ts'
import { visit } from '../visit.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const ago = (milliseconds: number, changes: Record<string, unknown> = {}) =>
  buildEvent({ activityDateTime: new Date(Date.now() - milliseconds).toISOString(), ...changes })

async function show(query = '', zone?: string): Promise<string> {
  const response = await visit(`/campaigns${query}`, { zone })
  const page = await response.text()
  expect(response.status, page).toBe(200)
  return page
}

const unescape = (text: string) =>
  text
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')

/** The links of a page to a path, with their texts. */
function linksTo(page: string, path: string): { url: URL; text: string }[] {
  const links = [
    ...page.slice(page.indexOf('<h1>')).matchAll(/<a [^>]*?href="([^"]*)"[^>]*>(.*?)<\/a>/gs),
  ]
  return links.flatMap(([, href = '', text = '']) => {
    const url = new URL(unescape(href), 'https://receiver.example.com')
    return url.pathname === path ? [{ url, text: text.replace(/<[^>]*>/g, '') }] : []
  })
}

/** The tags of a page, without quoted values. */
function tagsOf(page: string): string {
  return [...page.matchAll(/<(?:"[^"]*"|[^">])*>/g)].join('').replace(/"[^"]*"/g, '""')
}

/** The names of the lines, in order. */
function namesOf(page: string): string[] {
  const [lines = ''] = page.split('<tfoot>')
  const subjects = lines.matchAll(/<th scope="row">(.*?)<\/th>/gs)
  return [...subjects].map(([, subject = '']) =>
    unescape(subject.replace(/<small>.*/s, '').replace(/<[^>]*>/g, '')),
  )
}

describe('a line', () => {
  it.each(['messages', 'broadcasts', 'workflows', 'channels', 'senders', 'tags'])(
    'of %s has numbers that link to that many contacts',
    async (by) => {
      for (let contactId = 1; contactId <= 5; contactId++) {
        const common = {
          contactId,
          iid: `delivery ${contactId}`,
          messageId: 1,
          broadcastId: 2,
          workflowId: 3,
          from: 'Магазин & Co',
          messageTag: 'весна,sale',
        }
        await store(ago(3 * DAY_MS, { ...common, activityStatus: 'SENT' }))
        await store(ago(3 * DAY_MS, common))
        if (contactId < 4) {
          await store(
            ago(2 * DAY_MS, { ...common, activityStatus: 'READ' }),
            ago(1 * DAY_MS, { ...common, activityStatus: 'READ' }),
          )
        }
        if (contactId < 3) {
          const bounce = { ...common, activityStatus: 'UNDELIVERED', hardBounce: contactId === 1 }
          await store(ago(2 * HOUR_MS, bounce))
        }
      }
      await store(ago(0, { messageId: 9, contactId: 99, from: 'Other', mediaType: 'sms' }))
      const page = await show(`?by=${by}&mediaType=email`)
      const links = linksTo(page, '/recent')
      expect(links.length).toBeGreaterThanOrEqual(5)
      for (const { url, text } of links) {
        const response = await read(`/activity${url.search}`)
        const { activity } = await response.json<{ activity: { contactId: number }[] }>()
        const contacts = new Set(activity.map(({ contactId }) => contactId))
        expect(`${url.search} ${contacts.size}`).toBe(`${url.search} ${parseInt(text)}`)
      }
    },
  )

  it('shows the delivery rate, and links to the campaign', async () => {
    await store(...[1, 2, 3].map((contactId) => ago(HOUR_MS, { contactId, iid: `${contactId}` })))
    await store(ago(HOUR_MS, { contactId: 1, iid: '1', activityStatus: 'READ' }))
    const page = await show('?mediaType=email&period=7days')
    expect(page).toContain('<small>33.3%</small>')
    const [campaign] = linksTo(page, '/campaigns/2489300')
    expect(campaign?.url.search).toBe('?mediaType=email')
  })

  it('shows a bounce rate if nothing was delivered, and n/a for unknown rates', async () => {
    const bounce = { activityStatus: 'UNDELIVERED', hardBounce: true }
    await store(...[1, 2].map((contactId) => ago(HOUR_MS, { ...bounce, contactId })))
    expect(await show()).toContain('<small>100.0%</small>')
    expect(await show()).not.toContain('n/a')
    await store(ago(HOUR_MS, { activityStatus: 'READ', contactId: 3 }))
    const page = await show()
    expect(page).toMatch(/<small title="More people did this[^"]*">n\/a<\/small>/)
    expect(page).toMatch(/<p class="quiet">n\/a: more people did this/)
  })

  it('has the number of events in addition to contacts', async () => {
    const common = { iid: 'one', activityStatus: 'CLICKED' }
    await store(...[3, 2, 1].map((hours) => ago(hours * HOUR_MS, common)))
    const bounce = { activityStatus: 'UNDELIVERED', hardBounce: true }
    await store(...[1, 2].map((contactId) => ago(HOUR_MS, { ...bounce, contactId })))
    const page = await show()
    expect(page).toContain('aria-label="Clicked: 1 person, 3 events">1</a>')
    expect(page).toContain('aria-label="2 hard: 2 people, 2 events">2 hard</a>')
  })

  it.each([
    ['broadcasts', '/campaigns/2489300?broadcastId=7'],
    ['blocks', '/campaigns/2489300?workflowBlockId=b'],
    ['workflows', '/campaigns?by=blocks&workflowId=7&period=30days'],
    ['channels', '/campaigns?mediaType=email&period=30days'],
  ])('of %s links to %s', async (by, path) => {
    await store(ago(0, { broadcastId: 7, workflowId: 7, workflowBlockId: 'b' }))
    const page = await show(`?by=${by}`)
    const [, href = ''] = /<th scope="row"><a href="([^"]*)"/.exec(page) ?? []
    expect(unescape(href)).toBe(path)
  })

  it.each([
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '\u202eevil',
    '&lt;b&gt;',
  ])('shows the name %j as text, and runs nothing in it', async (name) => {
    await store(ago(0, { messageName: name, from: name, messageTag: name }))
    for (const by of ['messages', 'senders', 'tags']) {
      const page = await show(`?by=${by}`)
      expect(namesOf(page)).toEqual([name])
      expect(page).toMatch(/<bdi>[^<]*<\/bdi>/)
      expect(tagsOf(page)).not.toMatch(/<img|<script>|<b>|\son\w+=|\sstyle=/)
    }
    const searched = await show(`?search=${encodeURIComponent(`no ${name}`)}`)
    expect(tagsOf(searched)).not.toMatch(/<img|<script>|\son\w+=|\sstyle=/)
  })

  it.each(['', ' ', '\u200b', null])('without a visible name (%j) says so', async (messageName) => {
    await store(ago(0, { messageName }))
    expect(namesOf(await show())).toEqual(['(no name)'])
  })

  it('shortens a long name, and has the full one as its title', async () => {
    const name = '🌸'.repeat(400)
    await store(ago(0, { messageName: name }))
    const page = await show()
    expect(namesOf(page)).toEqual([`${'🌸'.repeat(60)}…`])
    expect(page).toContain(`title="${name}"`)
  })

  it.each([
    ['senders', { from: '' }],
    ['senders', { from: ' padded ' }],
    ['senders', { from: 'who@example.com' }],
    ['senders', { from: 'x'.repeat(501) }],
    ['channels', { mediaType: '' }],
  ])('of %s that no URL can filter by has no links', async (by, changes) => {
    await store(ago(0, changes))
    const page = await show(`?by=${by}`)
    expect(namesOf(page)).toHaveLength(1)
    expect(linksTo(page, '/recent')).toEqual([])
  })
})

describe('the order', () => {
  it('is by the selected column, over all pages', async () => {
    for (let messageId = 1; messageId <= 45; messageId++) {
      const deliveries = Array.from({ length: 1 + (messageId % 7) }, (_, contactId) =>
        ago(HOUR_MS, { messageId, messageName: `n${messageId}`, contactId, iid: null }),
      )
      await store(...deliveries)
    }
    const page = await show('?sort=largest')
    expect(page).toMatch(/<th scope="col" class="right" aria-sort="descending"><a[^>]*>Delivered/)
    const seen: string[] = []
    let next: string | undefined = '?sort=largest'
    while (next !== undefined) {
      const each: string = await show(next)
      seen.push(...namesOf(each))
      next = linksTo(each, '/campaigns').find(({ text }) => text === 'Next page')?.url.search
    }
    expect(new Set(seen).size).toBe(45)
    const sizes = seen.map((name) => Number(name.slice(1)) % 7)
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
  })

  it('has lines without deliveries last, by any rate', async () => {
    await store(ago(HOUR_MS, { messageId: 1, messageName: 'Delivered' }))
    for (const activityStatus of ['READ', 'CLICKED', 'SPAM']) {
      await store(ago(0, { messageId: 2, messageName: 'Not delivered', activityStatus }))
    }
    for (const sort of ['read', 'clicked', 'spam']) {
      expect(namesOf(await show(`?sort=${sort}`))).toEqual(['Delivered', 'Not delivered'])
    }
  })

  it('by another column keeps the filters, and starts from the first page', async () => {
    await store(ago(0))
    const page = await show('?by=channels&mediaType=email&search=e&period=today&sort=read')
    const clicked = linksTo(page, '/campaigns').find(({ text }) => text === 'Clicked')
    expect(clicked?.url.search).toBe(
      '?by=channels&period=today&mediaType=email&search=e&sort=clicked',
    )
  })
})

describe('a trend', () => {
  const trendsOf = (page: string) => page.match(/<svg class="trend"/g)?.length ?? 0

  // Nepal is 5 hours and 45 minutes ahead, so hours and days start at quarters.
  it.each([undefined, 'Europe/Kyiv', 'Asia/Kathmandu'])(
    'is shown to viewers in %s',
    async (zone) => {
      await store(ago(5 * HOUR_MS, { messageTag: 'a, b' }), ago(2 * HOUR_MS, { messageTag: 'a' }))
      for (const period of ['7days', '30days']) {
        const page = await show(`?period=${period}&messageTag=a`, zone)
        expect(trendsOf(page)).toBe(1)
      }
      expect(trendsOf(await show('?by=tags', zone))).toBe(2)
    },
  )

  it('is left out if the period has too many days', async () => {
    await store(ago(0))
    const page = await show('?since=2020-01-01')
    expect(trendsOf(page)).toBe(0)
    expect(namesOf(page)).toHaveLength(1)
  })
})

describe('a search without results', () => {
  it.each([
    ['', 'check the <a href="/">overview</a>'],
    ['?period=today', 'period=30days'],
    ['?search=foo', 'clear the search'],
    ['?mediaType=sms', 'remove the filters'],
    ['?cursor=0.0.1.x', 'Nothing more.'],
    ['?by=broadcasts&period=30days', 'Nothing in this period.'],
  ])('%s says what to do', async (query, advice) => {
    await store(ago(60 * DAY_MS))
    expect(await show(query)).toContain(advice)
  })

  it('finds names in any case and script', async () => {
    await store(ago(0, { messageName: 'Весняний розпродаж' }), ago(0, { messageId: 1 }))
    const page = await show(`?search=${encodeURIComponent('РОЗПРОДАЖ')}`)
    expect(namesOf(page)).toEqual(['Весняний розпродаж'])
  })
})

it.each(['by=foo', 'sort=oldest', 'period=year', 'cursor=x', `search=${'x'.repeat(201)}`])(
  'rejects %s with an explanation',
  async (query) => {
    const response = await visit(`/campaigns?${query}`)
    expect(response.status).toBe(400)
    expect(await response.text()).toContain(`“${query.split('=')[0]}”`)
  },
)

it('is below 100 KB with long Cyrillic names and many digits', async () => {
  for (let index = 0; index < 25; index++) {
    const text = 'Дуже довга назва '.repeat(6)
    const changes = { messageId: 9e15 + index, messageName: text, from: text.slice(0, 60) }
    for (const activityStatus of ['SENT', 'DELIVERED', 'READ', 'CLICKED', 'SPAM', 'UNSUBSCRIBED']) {
      await store(ago(index * DAY_MS, { ...changes, activityStatus }))
    }
  }
  const page = await show('?mediaType=email')
  expect(namesOf(page)).toHaveLength(20)
  expect(new TextEncoder().encode(page).length).toBeLessThan(100_000)
})
