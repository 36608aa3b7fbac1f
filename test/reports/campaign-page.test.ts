import { beforeEach, describe, expect, it } from 'vitest'
import { buildEvent } from '../event.ts'
import { clearTables, read } from '../receiver.ts'
import { rollUpAll } from '../roll-up.ts'
import { store } from '../store-events.ts'
import { visit } from '../visit.ts'

beforeEach(clearTables)

const START = Date.UTC(2026, 2, 2, 10)
const MESSAGE = 7

const event = (contactId: number, activityStatus: string, changes: object = {}, minute = 0) =>
  buildEvent({
    contactId,
    activityStatus,
    activityDateTime: new Date(START + minute * 60_000).toISOString().slice(0, 19),
    iid: `delivery-${contactId}`,
    email: `person${contactId}@gmail.com`,
    messageId: MESSAGE,
    messageName: 'Spring sale',
    messageTag: 'sale, spring',
    from: 'Shop',
    ...changes,
  })

const click = (contactId: number, page: string, minute: number) =>
  event(contactId, 'CLICKED', { clickEventLink: `https://shop.ua/${page}?utm_source=mail` }, minute)

/** 1 to 5 were reached, 3 to 5 opened, 4 and 5 clicked; 6 and 7 bounced; machines opened for 2. */
const CAMPAIGN = [
  ...[1, 2, 3, 4, 5].map((contactId) => event(contactId, 'DELIVERED')),
  ...[3, 4, 5].map((contactId) => event(contactId, 'READ', {}, 60)),
  ...['a', 'b', 'c'].map((page) => click(2, page, 1)),
  event(2, 'READ', {}, 1),
  click(4, 'a', 61),
  click(5, 'a', 62),
  click(5, 'b', 63),
  event(5, 'UNSUBSCRIBED', {}, 70),
  event(3, 'SPAM', {}, 70),
  event(6, 'UNDELIVERED', { hardBounce: true, statusDescription: '550 5.1.1 user unknown' }),
  event(7, 'UNDELIVERED', { hardBounce: false, statusDescription: '452 mailbox full' }),
]

type Counted = { contacts: number; withoutMachines: { contacts: number } }

async function show(path: string, language = 'en'): Promise<string> {
  const response = await visit(path, { zone: 'Europe/Kyiv', language })
  const page = await response.text()
  expect(response.status, page).toBe(200)
  return page.replace(/\s+/g, ' ')
}

/** The cells of the rows of a table, as text. */
function rowsOf(page: string, label: string): string[][] {
  const start = page.indexOf(`aria-label="${label}"`)
  const table = page.slice(start, page.indexOf('</table>', start))
  return [...table.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = '']) =>
      cell.replace(/<[^>]*>/g, ' ').trim(),
    ),
  )
}

function linksTo(page: string, path: string): string[] {
  return Array.from(page.matchAll(/href="([^"]*)"/g), ([, href = '']) =>
    href.replaceAll('&amp;', '&'),
  ).filter((href) => href.startsWith(path))
}

async function linesOf(path: string): Promise<string[]> {
  const lines = (await (await visit(path)).text()).split('\r\n')
  return lines.slice(1, -1)
}

describe('the page of a campaign', () => {
  it('has the numbers of the API', async () => {
    await store(...CAMPAIGN)
    await rollUpAll()
    const response = await read(`/reports/messages?messageId=${MESSAGE}`)
    const { report } = await response.json<{ report: Record<string, Counted>[] }>()
    const rows = rowsOf(await show(`/campaigns/${MESSAGE}`), 'Results step by step')
    const numbers = new Map(rows.map(([step = '', people]) => [step.split(' without')[0], people]))
    const { read: reads, clicked, delivered, spam, unsubscribed } = report[0] ?? {}
    expect(numbers).toEqual(
      new Map([
        ['Step', 'People'],
        ['Recipients', '7'],
        ['Delivered', String(delivered?.contacts)],
        ['Read', String(reads?.contacts)],
        ['Clicked', String(clicked?.contacts)],
        ['Delivered, not opened', '1'],
        ['Unsubscribed', String(unsubscribed?.contacts)],
        ['Marked as spam', String(spam?.contacts)],
        ['Hard bounces', '1'],
        ['Soft bounces', '1'],
      ]),
    )
    const stepOf = (name: string) => rows.find(([step]) => step?.startsWith(name))?.[0]
    expect(stepOf('Read')).toContain(`without machines: ${reads?.withoutMachines.contacts}, 60.0%`)
    expect(stepOf('Clicked')).toContain('without machines: 2, 40.0%')
  })

  it('says what it is: channel, sender, tags, first and last activity', async () => {
    await store(...CAMPAIGN)
    const page = await show(`/campaigns/${MESSAGE}`)
    expect(page).toContain('<h1>Spring sale</h1>')
    const [, facts = ''] = /<ul class="facts">(.*?)<\/ul>/.exec(page) ?? []
    expect(facts.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')).toContain(
      'Channel Email Sender Shop',
    )
    expect(linksTo(facts, '/campaigns?messageTag=')).toEqual([
      '/campaigns?messageTag=sale',
      '/campaigns?messageTag=spring',
    ])
    expect(facts).toContain('2 Mar, 12:00 – 2 Mar, 13:00')
  })

  it('marks rates at their thresholds', async () => {
    await store(...CAMPAIGN)
    const rows = rowsOf(await show(`/campaigns/${MESSAGE}`), 'Results step by step')
    const spam = rows.find(([step]) => step === 'Marked as spam')
    expect(spam?.[3]).toContain('limit 0.30% exceeded')
  })

  it('leads from every number of people to as many people', async () => {
    await store(...CAMPAIGN)
    await rollUpAll()
    const page = await show(`/campaigns/${MESSAGE}`)
    const rows = rowsOf(page, 'Results step by step').slice(1)
    const withPeople = rows.filter(([, people]) => people !== '0')
    const files = linksTo(page, '/campaigns/people.csv').slice(0, withPeople.length)
    const found = await Promise.all(files.map(async (path) => (await linesOf(path)).length))
    expect(found).toEqual(withPeople.map(([, people]) => Number(people)))
  })

  it('lists the people of a link, with their contacts', async () => {
    await store(...CAMPAIGN)
    await rollUpAll()
    const page = await show(`/campaigns/${MESSAGE}`)
    expect(rowsOf(page, 'Clicks by link')[1]?.slice(0, 5)).toEqual([
      'https://shop.ua/a',
      '3',
      '3',
      '100.0%',
      '2',
    ])
    expect(page).toContain('6 clicks, 3 of them by machines')
    const list = linksTo(page, '/campaigns/people?').find((path) => path.includes('link='))
    const people = await show(list ?? '')
    expect(people).toContain('<h1>People who clicked a link</h1>')
    expect(linksTo(people, '/contact/')).toEqual(['/contact/4', '/contact/5'])
  })

  it('shows sources, causes of bounces, providers and how soon people read', async () => {
    await store(...CAMPAIGN)
    await rollUpAll()
    const page = await show(`/campaigns/${MESSAGE}`)
    expect(rowsOf(page, 'Clicks by UTM source')[1]?.slice(0, 2)).toEqual(['mail', '6'])
    const causes = rowsOf(page, 'Bounces by cause').map(([cause = '']) => cause.split('  ')[0])
    expect(causes.toSorted()).toEqual(['Cause', 'Mailbox full', 'Mailbox unknown'])
    expect(page).toContain('Stop writing to the address.')
    expect(rowsOf(page, 'Results by mailbox provider')[1]?.[1]).toBe('5')
    const [, half] = /Half of the reads come within (\d+) minutes/.exec(page) ?? []
    expect(Math.abs(Number(half) - 60)).toBeLessThanOrEqual(3) // to within 5 %
  })

  it('counts a period if one is chosen, and a broadcast of the message', async () => {
    await store(...CAMPAIGN, event(1, 'DELIVERED', { iid: 'again', broadcastId: 12 }, 7 * 24 * 60))
    const delivered = async (query: string) =>
      rowsOf(await show(`/campaigns/${MESSAGE}${query}`), 'Results step by step').find(
        ([step]) => step === 'Delivered',
      )?.[1]
    expect(await delivered('')).toBe('6')
    expect(await delivered('?first=2026-03-02&last=2026-03-03')).toBe('5')
    expect(await delivered('?broadcastId=12')).toBe('1')
    expect(await show(`/campaigns/${MESSAGE}?period=today`)).toContain('No events in this period.')
  })

  it('counts the last 30 days of a campaign that goes on for long, and offers all of it', async () => {
    const day = 24 * 60
    await store(
      event(1, 'DELIVERED'),
      event(2, 'DELIVERED', {}, 50 * day),
      event(3, 'DELIVERED', {}, 60 * day),
    )
    const delivered = async (path: string) => {
      const page = await show(path)
      const rows = rowsOf(page, 'Results step by step')
      return { page, people: rows.find(([step]) => step === 'Delivered')?.[1] }
    }
    const { page, people } = await delivered(`/campaigns/${MESSAGE}`)
    expect(people).toBe('2')
    const [, all = ''] = /<a href="([^"]*)">Whole campaign/.exec(page) ?? []
    expect((await delivered(all.replaceAll('&amp;', '&'))).people).toBe('3')
  })

  it('offers other campaigns to compare with, side by side', async () => {
    await store(...CAMPAIGN, event(1, 'DELIVERED', { messageId: 8, messageName: 'Autumn sale' }))
    const page = await show(`/campaigns/${MESSAGE}`)
    expect(page).toContain('<option value="8">Autumn sale</option>')
    const compared = await show(
      `/campaigns?messageId=${MESSAGE}&first=2026-03-01&last=2026-03-31&messageId=8`,
    )
    const [heads] = rowsOf(compared, 'Rates side by side')
    expect(heads?.toSorted()).toEqual(['Autumn sale', 'Rate', 'Spring sale'])
  })

  it('is in Ukrainian, too', async () => {
    await store(...CAMPAIGN)
    const page = await show(`/campaigns/${MESSAGE}`, 'uk')
    const steps = rowsOf(page, 'Результати крок за кроком').map(([step = '']) => step)
    expect(steps).toContain('Доставлено, не відкрито')
    expect(page).toContain('Скриньки не існує')
  })

  it.each(['/campaigns/404', '/campaigns/99999999999999999999'])(
    'responds to %s with a page that says so',
    async (path) => {
      const response = await visit(path)
      expect(response.status).toBe(404)
      expect(await response.text()).toContain('There is no campaign with this ID.')
    },
  )

  it('shows a hostile name as text', async () => {
    await store(event(1, 'DELIVERED', { messageName: '<script>alert(1)</script>', from: '<b>' }))
    const page = await show(`/campaigns/${MESSAGE}`)
    expect(page).not.toContain('<script>alert')
    expect(page).not.toContain('<b>')
  })
})

describe('the hours of a week', () => {
  it('are those of the viewer, without machines', async () => {
    await store(...CAMPAIGN)
    await rollUpAll()
    const page = await show('/campaigns/hours?first=2026-03-01&last=2026-03-08')
    const [heads, ...hours] = rowsOf(page, 'People by hour and weekday')
    expect(heads).toEqual(['Hour', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'])
    expect(hours[13]).toEqual(['13:00', '3', '0', '0', '0', '0', '0', '0'])
    expect(page).toContain('Busiest hour: Monday, 13:00–14:00 (3 people).')
  })
})

describe('a file of a table', () => {
  it('has the numbers of the page, in the language of the viewer', async () => {
    await store(...CAMPAIGN)
    const response = await visit('/campaigns?first=2026-03-01&last=2026-03-08&format=csv', {
      language: 'uk',
    })
    expect(response.headers.get('Content-Type')).toContain('text/csv')
    const [heads = '', line = ''] = (await response.text()).split('\r\n')
    const cells = new Map(heads.split(';').map((head, index) => [head, line.split(';')[index]]))
    expect(cells.get('Доставлено')).toBe('5')
    expect(cells.get('Відписалися, частка')).toBe('0,2')
  })

  it.each([
    ['/campaigns/clicks', 'Link'],
    ['/campaigns/hours', 'Hour'],
    ['/engagement', 'Last read or click'],
    ['/providers', 'Provider'],
    ['/bounces', 'Counted by'],
  ])('of %s begins with %s', async (path, head) => {
    const response = await visit(`${path}?format=csv`)
    expect(response.headers.get('Content-Disposition')).toContain('.csv"')
    expect((await response.text()).replace('\uFEFF', '').startsWith(head)).toBe(true)
  })
})

describe('the total of a table', () => {
  it('is of all lines, those of other pages, too', async () => {
    const messages = Array.from({ length: 25 }, (_, index) =>
      event(index, 'DELIVERED', { messageId: 100 + index }),
    )
    await store(...messages)
    const page = await show('/campaigns?first=2026-03-01&last=2026-03-08')
    const total = rowsOf(page, 'Messages').at(-1)
    expect(total?.slice(0, 2)).toEqual(['Total', '25'])
    const found = await show('/campaigns?first=2026-03-01&last=2026-03-08&search=124')
    expect(rowsOf(found, 'Messages').at(-1)?.slice(0, 2)).toEqual(['Total', '1'])
  })

  it('leaves out lines below the minimum, not their people', async () => {
    await store(...CAMPAIGN, event(1, 'DELIVERED', { messageId: 8, iid: 'other' }))
    const query = 'first=2026-03-01&last=2026-03-08&sort=read'
    const page = await show(`/campaigns?${query}&min=5`)
    expect(rowsOf(page, 'Messages').map(([, delivered]) => delivered)).toEqual([
      'Delivered',
      '5',
      '6',
    ])
    expect(page).toContain('Minimum: 5 people')
  })
})

it('names filters by what they select', async () => {
  await store(...CAMPAIGN)
  const page = await show(`/campaigns?messageId=${MESSAGE}&first=2026-03-01&last=2026-03-08`)
  const [, chips = ''] = /<ul class="chips"[^>]*>(.*?)<\/ul>/.exec(page) ?? []
  expect(chips.replace(/<[^>]*>/g, '')).toContain('Message Spring sale')
})
