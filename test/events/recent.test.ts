import { beforeEach, expect, test } from 'vitest'
import { buildEvent } from '../event.ts'
import { clearTables, list } from '../receiver.ts'
import { store } from '../store-events.ts'
import { visit } from '../visit.ts'

beforeEach(clearTables)

async function show(path: string): Promise<string> {
  const response = await visit(path)
  expect(response.status).toBe(200)
  return response.text()
}

const idsIn = (page: string) => [...page.matchAll(/data-id="([^"]+)"/g)].map(([, id]) => id)

/** Builds that many deliveries, a second apart. */
function buildMany(count: number, changes: Record<string, unknown> = {}): object[] {
  return Array.from({ length: count }, (_, second) => {
    const activityDateTime = new Date(Date.UTC(2023, 8, 14) + second * 1000).toISOString()
    return buildEvent({ activityDateTime, ...changes })
  })
}

test('says what to do if nothing has arrived yet', async () => {
  const page = await show('/recent')
  expect(page).toContain('No events yet.')
  expect(page).toContain('<ol id="events" class="events"')
})

test('lists the newest events, and links to older ones', async () => {
  await store(...buildMany(60))
  const page = await show('/recent')
  const { activity } = await list('?limit=60')
  expect(idsIn(page)).toEqual(activity.slice(0, 50).map(({ id }) => id))
  const older = /id="older" href="([^"]+)"/.exec(page)?.[1] ?? ''
  const next = await show(older)
  expect(idsIn(next)).toEqual(activity.slice(50).map(({ id }) => id))
  expect(next).not.toContain('data-live')
})

test('refreshes itself on the newest page only', async () => {
  await store(buildEvent())
  expect(await show('/recent?activityStatus=DELIVERED')).toMatch(
    /data-live="\/recent\?activityStatus=DELIVERED&amp;live=1&amp;stored=\d{13}"/,
  )
  expect(await show('/recent?until=2023-09-15')).not.toContain('data-live')
})

test('keeps filters that the form has no field for', async () => {
  await store(buildEvent({ broadcastId: 7 }))
  const page = await show('/recent?broadcastId=7&activityStatus=READ,CLICKED')
  expect(page).toContain('<input type="hidden" name="broadcastId" value="7"')
  expect(page).toContain('<option value="READ,CLICKED" selected="">Read, Clicked</option>')
  expect(page).toContain('aria-label="Remove Broadcast ID"')
  expect(page).toContain('No events match.')
})

test('finds bounces by reason and by domain', async () => {
  const bounce = { activityStatus: 'UNDELIVERED', hardBounce: true }
  await store(
    buildEvent({
      ...bounce,
      statusDescription: '550 5.1.1 no such user',
      email: 'a@Mail.example.com',
    }),
    buildEvent({ ...bounce, statusDescription: '5.2.2 full', email: 'B <b@mail.example.com>' }),
    buildEvent({ ...bounce, email: 'c@example.com' }),
    buildEvent({ statusDescription: '5.1.1' }),
  )
  expect(idsIn(await show('/recent?reason=5.1.1'))).toHaveLength(1)
  expect(idsIn(await show('/recent?domain=mail.example.com'))).toHaveLength(2)
  expect(idsIn(await show('/recent?domain=Mail.example.com.'))).toHaveLength(2)
  expect(idsIn(await show('/recent?hasReason=false'))).toHaveLength(1)
  const rejected = await visit('/recent?reason=5.1.1&activityStatus=READ')
  expect(rejected.status).toBe(400)
})

test('searches further if few events match', async () => {
  await store(...buildMany(5_200))
  await store(buildEvent({ activityDateTime: '2020-01-01T00:00:00', from: 'Rare' }))
  // One search scans 5,000 rows.
  expect(idsIn(await show('/recent?from=Rare'))).toHaveLength(1)
})

test('says how far it has searched, and searches further on request', async () => {
  const bounce = { activityStatus: 'UNDELIVERED', contactId: null }
  await store(...buildMany(5_100, { ...bounce, statusDescription: '5.1.1' }))
  const activityDateTime = '2020-01-01T00:00:00'
  await store(buildEvent({ ...bounce, activityDateTime, statusDescription: '5.2.2' }))
  let page = await show('/recent?reason=5.2.2')
  expect(page).toContain('Older events are not searched yet.')
  for (let looks = 0; looks < 10 && idsIn(page).length === 0; looks++) {
    const further = /id="older" href="([^"]+)">Search further/.exec(page)?.[1] ?? ''
    page = await show(further.replaceAll('&amp;', '&'))
  }
  expect(idsIn(page)).toHaveLength(1)
})

test.each(['email', 'sms', 'webpush', 'mobilepush', 'externalCustomerId'])(
  'rejects %s in a URL',
  async (name) => {
    const response = await visit(`/recent?${name}=x`)
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('Personal data can’t be part of a link')
  },
)

test('shows every field of an event, to the digit', async () => {
  await store(
    buildEvent({ iid: 'one', messageId: 5, clickEventLink: 'https://shop.example.com/a?b=1&c=2' }),
  )
  const [event] = (await list()).activity
  const page = await show(`/recent/${event?.id}`)
  expect(page).toContain('id="loaded"')
  expect(page).toContain('<a href="/recent?iid=one&amp;contactId=889891911">one</a>')
  expect(page).toContain('<a href="/contact/889891911">889891911</a>')
  expect(page).toContain(
    '<a href="https://shop.example.com/a?b=1&amp;c=2" rel="noopener noreferrer" target="_blank">',
  )
  expect(page).not.toContain('email=')
})

test('responds 404 for an unknown event', async () => {
  expect((await visit('/recent/nothing')).status).toBe(404)
  expect((await visit('/recent/1694680203000.2jmj7l5rSw0yVb_vlWAYkA')).status).toBe(404)
})

test('shows hostile text as text', async () => {
  const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>'`
  await store(
    buildEvent({
      activityStatus: 'UNDELIVERED',
      iid: hostile,
      mediaType: hostile,
      messageName: hostile,
      statusDescription: hostile,
      email: `${hostile}@example.com`,
      clickEventLink: `javascript:alert(1)//${hostile}`,
      viewMessageLink: ' https://example.com',
      subscriptions: [hostile],
      [hostile]: { [hostile]: hostile },
    }),
  )
  const [event] = (await list()).activity
  for (const path of [
    '/recent',
    `/recent/${event?.id}`,
    '/contact/889891911',
    '/bounces?since=2023-01-01',
  ]) {
    const page = await show(path)
    expect(page).not.toContain('<script>alert')
    expect(page).not.toContain('<img')
    expect(page).not.toMatch(/href="\s*javascript:/i)
  }
})
