import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { buildEvent } from '../event.ts'
import { clearTables, read } from '../receiver.ts'
import { countReads } from '../rows-read.ts'
import { store } from '../store-events.ts'
import { visit } from '../visit.ts'
import { searchIdentifiers } from '../../src/db/events/search-identifiers.ts'

beforeEach(clearTables)

type Found = {
  contacts: { contactId: number; identifiers: Record<string, string[]> }[]
  complete: boolean
  searchedTo: number | null
  next: string | null
  activity: unknown[]
}

async function search(piece: string, rest = ''): Promise<Found> {
  const response = await read(`/contacts?contains=${encodeURIComponent(piece)}${rest}`)
  expect(response.status).toBe(200)
  return response.json()
}

const idsOf = ({ contacts }: Found) => contacts.map(({ contactId }) => contactId)

const person = (contactId: number, identifiers: object) =>
  buildEvent({ contactId, email: null, ...identifiers })

/** Fills in identifiers of many contacts, of each an email address and a token. */
async function fill(contacts: number): Promise<void> {
  await env.DB.prepare(
    `WITH RECURSIVE n (v) AS (SELECT 1000 UNION ALL SELECT v + 1 FROM n WHERE v < 999 + ?)
     INSERT INTO contact_identifiers (contactId, name, key, original)
     SELECT v, 'email', format('contact%d@example.com', v), '' FROM n
     UNION ALL SELECT v, 'webpush', format('token-%d-petrenko', v), '' FROM n`,
  )
    .bind(contacts)
    .run()
}

describe('a piece of an identifier', () => {
  it.each([
    ['petrenko', [1, 2, 6]],
    ['PETRENKO', [1, 2, 6]],
    ['  renko@ ', [1]],
    ['Петренко', [3]],
    ['петрЕНКО', [3]],
    ['067 123', [4]],
    ['+38 (067) 123', [4]],
    ['7-A', [5]],
    ['%', undefined],
    ['e_r', []],
    ["ko' OR 1", []],
  ])('finds contacts in any case: %s', async (piece, ids) => {
    await store(
      person(1, { email: 'Anna.Petrenko@example.com' }),
      person(2, { email: 'x@petrenko.example.com' }),
      person(3, { email: 'Петренко <p@example.com>' }),
      person(4, { sms: '+38 067 123 10 01' }),
      person(5, { externalCustomerId: 'C-7-a', webpush: 'petrenko-token' }),
      person(6, { externalCustomerId: 'Petrenko' }),
    )
    if (ids) expect(idsOf(await search(piece))).toEqual(ids)
    else expect((await read(`/contacts?contains=${piece}25`)).status).toBe(400)
  })

  it('is told with the identifiers that match, as sent', async () => {
    await store(
      person(1, { email: 'Anna.Petrenko@example.com', sms: '380671231001' }),
      person(1, { email: 'another@example.com' }),
    )
    expect(await search('petren')).toMatchObject({
      contacts: [{ contactId: 1, identifiers: { email: ['Anna.Petrenko@example.com'] } }],
      complete: true,
      searchedTo: null,
      next: null,
      activity: [],
    })
  })

  it('finds pages of contacts, each once', async () => {
    await store(
      ...Array.from({ length: 25 }, (_, index) =>
        person(index + 1, { email: `petrenko${index}@example.com` }),
      ),
    )
    const ids: number[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Found = await search('petrenko', `&limit=10${cursor && `&cursor=${cursor}`}`)
      ids.push(...idsOf(page))
      expect(page.complete).toBe(page.next === null)
      cursor = page.next
    }
    expect(ids).toEqual(Array.from({ length: 25 }, (_, index) => index + 1))
  })

  it('is searched in bounded steps, which say how far they came', async () => {
    await fill(40_000)
    await store(person(999_999, { email: 'petrenko@example.com' }))
    const first = await search('petrenko')
    expect(first).toMatchObject({ contacts: [], searchedTo: 30_999, next: '30999' })
    const second = await search('petrenko', `&cursor=${first.next}`)
    expect(idsOf(second)).toEqual([999_999])
    expect(second.next).toBeNull()
    const { db, rowsRead } = countReads(env.DB)
    await searchIdentifiers(db, 'petrenko', null, 10)
    expect(rowsRead()).toBeLessThan(130_000)
  })

  it('is found after a contact with more identifiers than a step reads', async () => {
    await env.DB.prepare(
      `WITH RECURSIVE n (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 70000)
       INSERT INTO contact_identifiers (contactId, name, key, original)
       SELECT 1, 'externalCustomerId', format('id-%d', v), '' FROM n`,
    ).run()
    await store(person(2, { email: 'petrenko@example.com' }))
    const { next } = await search('petrenko')
    expect(next).toBe('1')
    expect(idsOf(await search('petrenko', '&cursor=1'))).toEqual([2])
  })

  it.each([
    ['contains=ab', 'contains'],
    ['contains=%20%20ab%20', 'contains'],
    ['contains=abc&email=a@example.com', 'email'],
    ['contains=abc&since=2026-01-01', 'since'],
    ['contains=abc&cursor=x', 'cursor'],
    ['contains=abc&limit=501', 'limit'],
  ])('is rejected with %s', async (query, parameter) => {
    const response = await read(`/contacts?${query}`)
    expect([response.status, await response.json()]).toMatchObject([400, { error: { parameter } }])
  })
})

describe('the page', () => {
  const find = (query: string, rest: Record<string, string> = {}, language = 'en') =>
    visit('/search', { fields: { query, ...rest }, language })
  const show = async (...input: Parameters<typeof find>) => (await find(...input)).text()
  const goesTo = async (...input: Parameters<typeof find>) =>
    (await find(...input)).headers.get('Location')
  const sale = { contactId: 1, messageId: 55, broadcastId: 66, messageName: 'Весняний SALE' }

  it('leads to the only contact whose address contains the text', async () => {
    await store(person(7, { email: 'Anna.Petrenko@example.com' }))
    expect(await goesTo('PETRENKO')).toBe('/contact/7')
  })

  it.each(['55', '66', 'весняний sale', ' весняний '])(
    'leads to a campaign by %s',
    async (query) => {
      await store(buildEvent(sale), buildEvent({ messageId: 56, messageName: 'Other' }))
      expect(await goesTo(query)).toBe('/campaigns/55')
    },
  )

  it('lists contacts and campaigns if there are several', async () => {
    await store(
      person(7, { email: 'anna@sale.example.com', messageId: 57 }),
      person(8, { email: 'bert@sale.example.com', messageId: 57 }),
      buildEvent({ ...sale, email: 'x@example.com' }),
    )
    const page = await show('sale')
    expect(page).toContain('2 contacts')
    expect(page).toContain('<a href="/contact/7"><bdi>anna@sale.example.com</bdi></a>')
    expect(page).toContain('1 campaign')
    expect(page).toContain('<a href="/campaigns/55"><bdi>Весняний SALE</bdi></a>')
    expect(await show('sale', {}, 'uk')).toContain('2 контакти')
  })

  it('prefers what is meant as a whole', async () => {
    await store(
      person(7, { email: 'anna@example.com' }),
      person(8, { email: 'hanna@example.com.ua' }),
      buildEvent({ ...sale, email: 'x@example.org', messageName: 'Sale' }),
      buildEvent({ ...sale, email: 'x@example.org', messageId: 56, messageName: 'Sale 2' }),
    )
    expect(await goesTo('Anna <ANNA@example.com>')).toBe('/contact/7')
    expect(await goesTo('sale')).toBe('/campaigns/55')
  })

  it.each(['anna@example.com', '67123100', 'C-1'])(
    'takes nobody else for a whole address or ID: %s',
    async (query) => {
      await store(
        person(7, {
          email: 'hanna@example.com.ua',
          sms: '380671231001',
          externalCustomerId: 'C-12',
        }),
      )
      const page = await show(query)
      expect(page).toContain(`“<bdi>${query}</bdi>” itself is not in any event.`)
      expect(page).toContain('href="/contact/7"')
    },
  )

  it('searches on if there is more', async () => {
    await fill(40_000)
    await store(person(999_999, { email: 'petrenko@example.com' }))
    const page = await show('petrenko')
    expect(page).toContain('Nothing found yet.')
    const [, after = ''] = /name="after" value="(\d+)"/.exec(page) ?? []
    expect(await show('petrenko', { after })).toContain('href="/contact/999999"')
  })

  it.each([
    ['ALONE@example.com', { email: 'alone@example.com' }],
    ['067 123 10 01', { email: null, sms: '+380671231001' }],
  ])('shows events of an address without a contact: %s', async (query, address) => {
    await store(buildEvent({ contactId: null, messageName: 'Hello', ...address }))
    const page = await show(query)
    expect(page).toContain('Yespo sent this address without a contact.')
    expect(page).toContain('Hello')
  })

  it('says that nothing has the text, and what to check', async () => {
    const query = '"><b>nobody@example.com'
    const page = await show(query)
    expect(page).toContain('“<bdi>&quot;&gt;&lt;b&gt;nobody@example.com</bdi>” is not in any event')
    expect(page).toContain('value="&quot;&gt;&lt;b&gt;nobody@example.com"')
    expect(page).toContain('at least 3 characters')
    expect(await show(query, {}, 'uk')).toContain('немає в жодній події')
  })

  it('asks for a text', async () => {
    expect(await goesTo(' ')).toBe('/search')
    expect(await (await visit('/search')).text()).toContain('action="/search"')
  })
})

it('an address without a contact is found with its events', async () => {
  await store(
    buildEvent({ contactId: null, email: 'alone@example.com' }),
    buildEvent({ contactId: null, email: 'other@example.com' }),
  )
  const found = await read('/contacts?email=Alone@example.com')
  expect(await found.json()).toMatchObject({
    contacts: [],
    activity: [{ email: 'alone@example.com' }],
    next: null,
  })
})
