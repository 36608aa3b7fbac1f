import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { DAY_MS } from '../../src/event/clock.ts'
import { app } from '../../src/routes.ts'
import { erased } from '../erasure/erasing.ts'
import { buildEvent } from '../event.ts'
import { archive, readStored } from '../history/archiving.ts'
import { clearBucket, clearTables, read } from '../receiver.ts'
import { store, storeText } from '../store-events.ts'
import { visit } from '../visit.ts'

beforeEach(async () => {
  await clearTables()
  await clearBucket()
})

const START = Date.UTC(2024, 0, 10)
const MESSAGE = 7

const event = (contactId: unknown, activityStatus: string, changes: object = {}, second = 0) =>
  buildEvent({
    contactId,
    activityStatus,
    activityDateTime: new Date(START + second * 1000).toISOString().slice(0, 19),
    iid: `delivery-${String(contactId)}`,
    email: null,
    messageId: MESSAGE,
    ...changes,
  })

const click = (contactId: number, clickEventLink: string, second: number) =>
  event(contactId, 'CLICKED', { clickEventLink }, second)

type Page = {
  people: Record<string, unknown>[]
  withoutContact: { events: number; complete: boolean } | null
  next: string | null
}

async function people(query: string): Promise<Page> {
  const response = await read(`/reports/people?${query}`)
  expect([response.status, response.ok ? '' : await response.text()]).toEqual([200, ''])
  return response.json()
}

const contactsOf = ({ people: found }: Page) => found.map(({ contactId }) => contactId)

/** The message of most tests: 1 was reached, 2 opened, 3 clicked, 4 bounced. */
const CAMPAIGN = [
  event(1, 'DELIVERED', { email: 'one@example.com' }),
  event(2, 'DELIVERED', { sms: '380500000002' }),
  event(2, 'READ', {}, 60),
  event(3, 'DELIVERED'),
  event(3, 'READ', {}, 60),
  event(3, 'READ', {}, 90),
  click(3, 'https://shop.ua/a?utm_source=mail', 70),
  click(3, 'https://shop.ua/b', 80),
  event(4, 'SENT'),
  event(4, 'UNDELIVERED', { hardBounce: true }, 5),
]

describe('people of a campaign', () => {
  it.each([
    ['', [1, 2, 3, 4]],
    ['did=delivered&didNot=read', [1]],
    ['did=read,clicked', [3]],
    ['did=read&didNot=clicked', [2]],
    ['did=bounced', [4]],
    ['did=hardBounced', [4]],
    ['didNot=delivered,sent', []],
    ['did=complained', []],
    ['link=https://shop.ua/a', [3]],
    ['link=https://SHOP.ua/a?utm_source=other', [3]],
    ['link=https://shop.ua/b&did=clicked', [3]],
    ['link=https://shop.ua/c', []],
    ['link=https://shop.ua/c&didNot=clicked', [1, 2, 3, 4]],
    ['did=read&since=2024-01-10T00:01:01Z', [3]],
    ['mediaType=email', [1, 2, 3, 4]],
    ['mediaType=sms', []],
    ['broadcastId=404', []],
  ])('are selected by %s', async (query, expected) => {
    await store(...CAMPAIGN, event(9, 'READ', { messageId: 8 }))
    expect(contactsOf(await people(`messageId=${MESSAGE}&${query}`))).toEqual(expected)
  })

  it('are told with what they did, and when first', async () => {
    await store(...CAMPAIGN)
    const { people: found, next } = await people(`messageId=${MESSAGE}&did=clicked`)
    expect(found).toEqual([
      {
        contactId: 3,
        email: null,
        sms: null,
        externalCustomerId: null,
        sentAt: null,
        deliveredAt: START,
        readAt: START + 60_000,
        reads: 2,
        clickedAt: START + 70_000,
        clicks: 2,
        bouncedAt: null,
        hardBouncedAt: null,
        complainedAt: null,
        unsubscribedAt: null,
      },
    ])
    expect(next).toBeNull()
    const ofLink = await people(`messageId=${MESSAGE}&link=https://shop.ua/b`)
    expect(ofLink.people).toMatchObject([{ clicks: 1, clickedAt: START + 80_000, reads: 2 }])
  })

  it('have the identifiers of these events, or else of others', async () => {
    await store(
      event(1, 'DELIVERED', { email: 'now@example.com' }),
      event(1, 'DELIVERED', { email: 'a@example.com', sms: '380500000001', messageId: 8 }),
    )
    expect((await people(`messageId=${MESSAGE}`)).people).toMatchObject([
      { email: 'now@example.com', sms: '380500000001', externalCustomerId: null },
    ])
  })

  it('are told apart from machines', async () => {
    const sweep = ['a', 'b', 'c'].map((page, index) => click(1, `https://shop.ua/${page}`, index))
    await store(event(1, 'DELIVERED'), event(1, 'READ', {}, 1), ...sweep, event(2, 'READ'))
    const query = `messageId=${MESSAGE}`
    expect(contactsOf(await people(`${query}&did=clicked`))).toEqual([1])
    expect(contactsOf(await people(`${query}&did=clicked&machines=exclude`))).toEqual([])
    expect(contactsOf(await people(`${query}&did=read&machines=exclude`))).toEqual([2])
    const unread = await people(`${query}&did=delivered&didNot=read&machines=exclude`)
    expect(unread.people).toMatchObject([{ contactId: 1, reads: 0, clicks: 0 }])
    expect(contactsOf(await people(`${query}&link=https://shop.ua/a&machines=exclude`))).toEqual([])
  })

  it('are the same page by page', async () => {
    await store(...CAMPAIGN)
    const found: unknown[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const query = `messageId=${MESSAGE}&limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`
      const page = await people(query)
      expect(page.withoutContact === null).toBe(cursor !== '')
      found.push(...contactsOf(page))
      cursor = page.next
    }
    expect(found).toEqual([1, 2, 3, 4])
  })

  it('do not include events without a contact, which are counted', async () => {
    await store(event(1, 'READ'), event(null, 'READ'), event(null, 'CLICKED', {}, 1))
    await store(event(null, 'READ', { messageId: 8 }))
    expect(await people(`messageId=${MESSAGE}`)).toMatchObject({
      people: [{ contactId: 1 }],
      withoutContact: { events: 2, complete: true },
    })
  })

  it('keep every digit of their contacts', async () => {
    const big = '9223372036854775807'
    const texts = [1, 'BIG'].map((contact) => JSON.stringify(event(contact, 'READ')))
    await storeText(`[${texts.join(',').replace('"BIG"', big)}]`)
    const page = await (await read('/reports/people?limit=1')).text()
    expect(page).toContain('"next":"1"')
    expect(await (await read('/reports/people?cursor=1')).text()).toContain(`"contactId":${big},`)
  })

  it('are nobody in an empty database', async () => {
    expect(await people('did=clicked')).toEqual({
      period: { since: null, until: null },
      people: [],
      withoutContact: { events: 0, complete: true },
      next: null,
    })
  })

  it.each([
    ['did=opened', 'did'],
    ['didNot=read,opened', 'didNot'],
    ['did=read&didNot=read', 'didNot'],
    ['did=', 'did'],
    ['machines=only', 'machines'],
    ['cursor=first', 'cursor'],
    ['cursor=9223372036854775808', 'cursor'],
    ['limit=1001', 'limit'],
    ['unheardOf=1', 'unheardOf'],
  ])('cannot be selected by %s', async (query, parameter) => {
    const response = await read(`/reports/people?${query}`)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_parameter', parameter } })
    const file = await read(`/reports/people.csv?${query.replace('1001', '0')}`)
    expect(file.status).toBe(400)
  })
})

describe('someone who was erased', () => {
  it('is no longer one of them, in the database or in the archive', async () => {
    await store(
      ...CAMPAIGN,
      event(3, 'READ', { activityDateTime: new Date(START + 40 * DAY_MS).toISOString() }),
    )
    await archive((await readStored()).filter(({ occurredAt }) => occurredAt < START + DAY_MS))
    const before = await people(`messageId=${MESSAGE}&limit=2`)
    expect(contactsOf(before)).toEqual([1, 2])
    await erased('/contacts/3')
    expect(contactsOf(await people(`messageId=${MESSAGE}&cursor=${before.next}`))).toEqual([4])
    await erased('/contacts/2')
    expect(contactsOf(await people(`messageId=${MESSAGE}`))).toEqual([1, 4])
    expect(contactsOf(await people(`messageId=${MESSAGE}&cursor=${before.next}`))).toEqual([4])
  })
})

async function exportText(path: string): Promise<string> {
  const init = { headers: { Authorization: 'Bearer read-token-for-tests' } }
  const response = await app.request(path, init, env)
  expect(response.status).toBe(200)
  return response.text()
}

describe('the exports', () => {
  it('have the same people as the pages', async () => {
    await store(...CAMPAIGN)
    const query = `messageId=${MESSAGE}&didNot=bounced`
    const lines = (await exportText(`/reports/people.ndjson?${query}`)).trim().split('\n')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual((await people(query)).people)
    const csv = await exportText(`/reports/people.csv?${query}`)
    expect(csv.split('\r\n')).toEqual([
      'contactId,email,sms,externalCustomerId,sentAt,deliveredAt,readAt,clickedAt,bouncedAt,hardBouncedAt,complainedAt,unsubscribedAt,reads,clicks',
      '1,one@example.com,,,,2024-01-10T00:00:00.000Z,,,,,,,0,0',
      '2,,380500000002,,,2024-01-10T00:00:00.000Z,2024-01-10T00:01:00.000Z,,,,,,1,0',
      '3,,,,,2024-01-10T00:00:00.000Z,2024-01-10T00:01:00.000Z,2024-01-10T00:01:10.000Z,,,,,2,2',
      '',
    ])
  })

  it('continue after the last person that the client received, and have a limit', async () => {
    await store(...Array.from({ length: 2_500 }, (_, index) => event(index, 'DELIVERED')))
    const all = (await exportText('/reports/people.csv')).split('\r\n')
    expect(all).toHaveLength(2_502)
    const rest = (await exportText('/reports/people.csv?cursor=1233')).split('\r\n')
    expect(rest.slice(1)).toEqual(all.slice(1_235))
    expect((await exportText('/reports/people.csv?limit=1100')).split('\r\n').slice(1, -1)).toEqual(
      all.slice(1, 1_101),
    )
  })

  it.each(['=1+1', '+380', '@SUM(A1)', '\t=1'])(
    'prevent a spreadsheet from running %j',
    async (externalCustomerId) => {
      await store(event(1, 'READ', { externalCustomerId }))
      const [, line = ''] = (await exportText('/reports/people.csv')).split('\r\n')
      expect(line.split(',')[3]).toMatch(/^"?'/)
    },
  )

  it('have the header even without people', async () => {
    expect(await exportText('/reports/people.csv?did=read')).toMatch(/^contactId,.*clicks\r\n$/)
    expect(await exportText('/reports/people.ndjson?did=read')).toBe('')
  })
})

describe('the page of campaigns', () => {
  it('links to files of the people of its filters, for whoever is signed in', async () => {
    await store(...CAMPAIGN)
    const page = await (
      await visit(`/campaigns?since=2024-01-01&until=2024-02-01&messageId=${MESSAGE}`)
    ).text()
    const links = Array.from(page.matchAll(/href="(\/campaigns\/people\.csv[^"]*)"/g), ([, path]) =>
      (path ?? '').replaceAll('&amp;', '&'),
    )
    const files = await Promise.all(
      links.map(async (path) => {
        const response = await visit(path)
        expect(response.headers.get('Content-Disposition')).toMatch(/people-.*\.csv/)
        expect(response.headers.get('Cache-Control')).toBe('no-store')
        const lines = (await response.text()).split('\r\n').slice(1, -1)
        return lines.map((line) => line.split(',')[0])
      }),
    )
    expect(files).toEqual([['1'], ['3'], ['4']])
    const path = links[0] ?? ''
    const signedOut = await app.request(path, { headers: { Accept: 'text/html' } }, env)
    expect(signedOut.status).toBe(401)
  })
})
