import { env, exports } from 'cloudflare:workers'
import { beforeEach, expect, test } from 'vitest'
import { buildEvent } from '../event.ts'
import { listDeliveries } from '../../src/history/contact-deliveries.ts'
import { archive, historyOf, readStored } from '../history/archiving.ts'
import { clearTables } from '../receiver.ts'
import { countReads } from '../rows-read.ts'
import { store, storeText } from '../store-events.ts'
import { visit, signIn } from '../visit.ts'

beforeEach(clearTables)

const ORIGIN = 'https://receiver.example.com'

async function find(name: string, headers: Record<string, string> = {}): Promise<Response> {
  return exports.default.fetch(`${ORIGIN}/contact`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Origin: ORIGIN, Cookie: await signIn(), ...headers },
    body: new URLSearchParams({ name }),
  })
}

const EVENT = {
  contactId: 11,
  email: 'Some.One@example.com',
  sms: '380441234567',
  externalCustomerId: 'C-7',
}

test.each([
  'some.one@example.com',
  'Some One <SOME.ONE@example.com>',
  'mailto:some.one@example.com',
  '+380 (44) 123-45-67',
  '044 123 45 67',
  '00380441234567',
  '٠٤٤١٢٣٤٥٦٧',
  'C-7',
  '11',
])('finds the contact by %s', async (name) => {
  await store(buildEvent(EVENT))
  const response = await find(` ${name} `)
  expect(response.status).toBe(303)
  expect(response.headers.get('Location')).toBe('/contact/11')
})

test('lists all contacts that a name matches', async () => {
  await store(
    buildEvent({ contactId: 1, externalCustomerId: '11', email: 'a@example.com' }),
    buildEvent({ contactId: 11, email: 'b@example.com' }),
  )
  const page = await (await find('11')).text()
  expect(page).toContain('2 contacts')
  expect(page).toMatch(/href="\/contact\/1"><bdi>a@example.com<.*Contact 1, 11</)
  expect(page).toContain('<a href="/contact/11"><bdi>b@example.com</bdi></a>')
})

test('accepts the form from its own pages and with a session only', async () => {
  expect((await find('11', { Origin: 'https://example.org' })).status).toBe(403)
  expect((await find('11', { Cookie: '' })).status).toBe(401)
})

test('shows the identifiers of a contact, its counts, and a card for each message', async () => {
  const later = { activityStatus: 'READ', activityDateTime: '2023-09-15T08:30:03' }
  await store(
    buildEvent({ ...EVENT, iid: 'a', messageName: 'May sale' }),
    buildEvent({ ...EVENT, iid: 'a', ...later }),
    buildEvent({ ...EVENT, ...later, iid: 'b', messageName: 'June sale' }),
  )
  const page = await (await visit('/contact/11')).text()
  for (const value of ['Some.One@example.com', '380441234567', 'C-7']) expect(page).toContain(value)
  expect(page).toContain('href="/recent?contactId=11&amp;activityStatus=READ"')
  expect(page).toContain('href="/contact/11/data"')
  const cards = cardsOf(page)
  expect(cards).toHaveLength(2)
  expect(cards[0]).toMatch(/^June sale Email Fri,? 15 Sept 2023 View event read /)
  expect(cards[1]).toMatch(/^May sale .* delivered 08:30 read 15 Sept 2023, 08:30:03$/)
})

/** The parts of a page that begin with a tag, as text. */
function textsOf(page: string, part: RegExp): string[] {
  return [...page.matchAll(part)].map(([, html = '']) =>
    html
      .replaceAll(/<[^>]+>/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim(),
  )
}

const cardsOf = (page: string) =>
  textsOf(
    page,
    /<li class="card">(.*?)(?=<li class="card">|<p><a rel="next"|<a class="download"|<p class="quiet">Times|<\/main>)/gs,
  )

/** The explanation of each channel on the page of a contact. */
async function showChannels(contactId: number, language = 'en'): Promise<string[]> {
  const page = await (await visit(`/contact/${contactId}`, { language })).text()
  return textsOf(page, /<section class="note \w+"[^>]*>(.*?)<\/section>/gs)
}

test('begins with the channels, and whether to contact the person there', async () => {
  await store(
    buildEvent({ ...EVENT, activityStatus: 'UNSUBSCRIBED', mediaType: 'AppInbox' }),
    buildEvent({ ...EVENT, mediaType: 'email' }),
  )
  const [appInbox, sms, email] = (await showChannels(11)).toSorted()
  expect(sms).toContain('No message on record.')
  expect(email).toMatch(/^OK to contact by email: .* on record\. Last message: .*, delivered /)
  expect(appInbox).toMatch(
    /^Do not contact by App Inbox: unsubscribed on 14 Sept 2023, 08:30:03, from message 2489300 ?\. View event Last message:/,
  )
  const ukrainian = (await showChannels(11, 'uk')).join('\n')
  expect(ukrainian).toContain('Можна писати електронною поштою:')
  expect(ukrainian).toMatch(/Не пишіть через App Inbox: відписка 14 вер\. 2023 р\., 08:30:03/)
})

test('tells the course of a message in one line, with its links and the cause of a bounce', async () => {
  const own = { ...EVENT, mediaType: 'email', iid: 'a' }
  const at = (minute: number, changes: object) =>
    buildEvent({ ...own, activityDateTime: `2023-09-14T06:0${minute}:00`, ...changes })
  const click = (minute: number, page: string) =>
    at(minute, { activityStatus: 'CLICKED', clickEventLink: `https://example.com/${page}` })
  await store(
    at(0, { activityStatus: 'DELIVERED' }),
    at(1, { activityStatus: 'READ' }),
    at(2, { activityStatus: 'READ' }),
    click(3, 'a'),
    click(4, 'b'),
    click(5, 'b'),
    at(0, {
      iid: 'b',
      activityStatus: 'UNDELIVERED',
      hardBounce: true,
      statusDescription: '5.1.1 unknown',
    }),
  )
  const cards = cardsOf(await (await visit('/contact/11')).text()).join('\n')
  expect(cards).toContain('delivered 06:00 read 06:01 (2 times) clicked 2 links 06:03')
  expect(cards).toContain('https://example.com/a 06:03 https://example.com/b 06:04 (2 times)')
  expect(cards).toContain('not delivered 06:00 (permanent): mailbox unknown (“5.1.1 unknown”)')
  expect(cards).toContain('Stop writing to the address.')
  const ukrainian = await visit('/contact/11', { language: 'uk' })
  const translated = cardsOf(await ukrainian.text()).join('\n')
  expect(translated).toContain('прочитано 06:01 (2 рази) переходи за 2 посиланнями 06:03')
})

test('marks what a machine opened', async () => {
  const click = (page: string) =>
    buildEvent({
      ...EVENT,
      iid: 'a',
      activityStatus: 'CLICKED',
      clickEventLink: `https://example.com/${page}`,
    })
  await store(buildEvent({ ...EVENT, iid: 'a' }), ...['a', 'b', 'c'].map(click))
  const [card] = cardsOf(await (await visit('/contact/11')).text())
  expect(card).toContain('opened by a machine, such as a mail scanner,')
  expect(card).not.toContain('clicked')
})

test('names an event that is about no message', async () => {
  const change = { activityStatus: 'SUBSCRIPTION_CHANGED', messageId: null, iid: null }
  await store(buildEvent({ ...EVENT, ...change }))
  const [card] = cardsOf(await (await visit('/contact/11')).text())
  expect(card).toMatch(/^Not about a message .* Subscription changed 08:30$/)
})

test('shows older messages on further pages, archived ones too, each once', async () => {
  const day = (index: number) => new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 19)
  const names = Array.from(
    { length: 50 },
    (_, index) => `Message ${String(index).padStart(2, '0')}`,
  )
  await store(
    ...names.flatMap((messageName, index) => {
      const own = { ...EVENT, iid: `delivery-${index}`, messageName }
      const readAt = day(index + 40)
      return [
        buildEvent({ ...own, activityDateTime: day(index) }),
        buildEvent({ ...own, activityStatus: 'READ', activityDateTime: readAt }),
      ]
    }),
  )
  await archive((await readStored()).slice(0, 60))
  const seen: string[] = []
  for (let path: string | undefined = '/contact/11'; path !== undefined;) {
    const page = await (await visit(path)).text()
    for (const card of cardsOf(page)) {
      const [, name = ''] = /^(Message \d+) .* delivered .* read /.exec(card) ?? []
      seen.push(name)
    }
    path = /rel="next" href="([^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&')
  }
  expect(seen).toEqual(names.toReversed())
})

test('reads few rows for each event of a contact to find the newest messages', async () => {
  const events = Array.from({ length: 1_000 }, (_, index) => {
    const iid = `delivery-${index}`
    const activityDateTime = new Date(Date.UTC(2026, 0, 1, index)).toISOString().slice(0, 19)
    return buildEvent({ ...EVENT, iid, activityDateTime })
  })
  await store(...events)
  const { db, rowsRead } = countReads(env.DB)
  const page = await listDeliveries({ ...historyOf(), db }, '11', undefined, 20)
  expect(page.deliveries).toHaveLength(20)
  expect(rowsRead()).toBeLessThan(3_500)
})

test('downloads the messages as a table', async () => {
  await store(
    buildEvent({ ...EVENT, iid: 'a', messageName: 'May sale', mediaType: 'email' }),
    buildEvent({ ...EVENT, iid: 'a', mediaType: 'email', activityStatus: 'SPAM' }),
  )
  const response = await visit('/contact/11?format=csv', { language: 'uk' })
  expect(response.headers.get('Content-Disposition')).toContain('contact-11-')
  const [head, line, ...rest] = (await response.text()).trim().split('\r\n')
  expect(head).toContain('Час;Канал;ID повідомлення;Повідомлення;Надіслано;Доставлено;')
  expect(line).toContain('2023-09-14 08:30:03;Email;2489300;May sale;;2023-09-14 08:30:03;')
  expect(rest).toEqual([])
})

test('downloads everything about a contact', async () => {
  await store(buildEvent(EVENT))
  const response = await visit('/contact/11/data')
  expect(response.headers.get('Content-Disposition')).toBe('attachment; filename="contact-11.json"')
  expect(await response.json()).toMatchObject({ contactId: 11, events: [{}], complete: true })
  expect((await visit('/contact/12/data')).status).toBe(404)
  expect((await visit('/contact/11/data', { token: 'wrong' })).status).toBe(401)
})

test('keeps every digit of a contact ID', async () => {
  await storeText(
    '[{"iid":"a","activityStatus":"READ","activityDateTime":"2023-09-14T08:30:03","contactId":9007199254740993}]',
  )
  const response = await visit('/contact/9007199254740993')
  expect(await response.text()).toContain(
    'href="/recent?contactId=9007199254740993&amp;activityStatus=READ"',
  )
})

test('responds 404 for an unknown contact', async () => {
  expect((await visit('/contact/404')).status).toBe(404)
  expect((await visit('/contact/x@example.com')).status).toBe(404)
})
