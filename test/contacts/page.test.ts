import { exports } from 'cloudflare:workers'
import { beforeEach, expect, test } from 'vitest'
import { buildEvent } from '../event.ts'
import { clearTables } from '../receiver.ts'
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

test('shows the identifiers of a contact, its counts, and its events by day', async () => {
  await store(
    buildEvent(EVENT),
    buildEvent({ ...EVENT, activityStatus: 'READ', activityDateTime: '2023-09-15T08:30:03' }),
  )
  const page = await (await visit('/contact/11')).text()
  for (const value of ['Some.One@example.com', '380441234567', 'C-7']) expect(page).toContain(value)
  expect(page).toContain('href="/recent?contactId=11&amp;activityStatus=READ"')
  expect(page).toContain(
    'OK to contact by email: no hard bounce, spam complaint or unsubscribe on record.',
  )
  expect([...page.matchAll(/<h3>/g)]).toHaveLength(2)
})

/** The explanation of each channel on the page of a contact, as text. */
async function showChannels(contactId: number): Promise<string[]> {
  const page = await (await visit(`/contact/${contactId}`)).text()
  return [...page.matchAll(/<section class="note \w+"[^>]*>(.*?)<\/section>/gs)].map(
    ([, section = '']) =>
      section
        .replaceAll(/<[^>]+>/g, ' ')
        .replaceAll(/\s+/g, ' ')
        .trim(),
  )
}

test('begins with the channels, and whether to contact the person there', async () => {
  await store(
    buildEvent({ ...EVENT, activityStatus: 'UNSUBSCRIBED', mediaType: 'AppInbox' }),
    buildEvent({ ...EVENT, mediaType: 'email' }),
  )
  const [appInbox, sms, email] = (await showChannels(11)).toSorted()
  expect(sms).toContain('No message on record.')
  expect(email).toMatch(/^OK to contact by email: .* View event$/)
  expect(appInbox).toMatch(
    /^Do not contact by App Inbox: unsubscribed on 14 Sept 2023, 08:30:03, from message 2489300. View event Last message:/,
  )
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
