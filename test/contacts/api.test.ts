import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { visit } from '../visit.ts'
import { buildEvent } from '../event.ts'
import { read, type Responded } from '../receiver.ts'
import { store, storeText } from '../store-events.ts'
import { Random } from '../../src/simulator/random.ts'

type Event = Record<string, unknown>
type Contact = {
  contactId: number
  identifiers: Record<string, string[]>
  areIdentifiersComplete: boolean
}
type One = Contact & { activity: Responded[]; next: string | null }
type Found = { contacts: Contact[]; complete: boolean; activity: Responded[]; next: string | null }

async function readJson<T>(path: string): Promise<T> {
  const response = await read(path)
  expect(response.status).toBe(200)
  return response.json()
}

const find = (name: string, value: string) =>
  readJson<Found>(`/contacts?${name}=${encodeURIComponent(value)}`)

const idsOf = ({ contacts }: Found) => contacts.map(({ contactId }) => contactId).sort()

const at = (second: number, changes: Event = {}) =>
  buildEvent({ activityDateTime: new Date(second * 1000).toISOString().slice(0, 19), ...changes })

async function readAll(path: string): Promise<Responded[]> {
  const activity: Responded[] = []
  let cursor = ''
  do {
    const page = await readJson<One>(`${path}${cursor}`)
    activity.push(...page.activity)
    cursor = page.next === null ? '' : `&cursor=${page.next}`
  } while (cursor !== '' && activity.length < 1_000)
  return activity
}

/** Events of seven contacts with four addresses, each on three channels. */
function makeEvents(): Event[] {
  const random = new Random(5)
  return Array.from({ length: 300 }, () => {
    const contactId = random.between(1, 7)
    return at(random.between(0, 40), {
      contactId,
      mediaType: random.pick(['email', 'sms', 'web push']),
      email: random.chance(0.8) ? `address${contactId % 4}@example.com` : null,
      sms: random.chance(0.5) ? `38000000000${contactId}` : null,
      externalCustomerId: random.chance(0.3) ? `customer ${random.between(1, 2)}` : null,
      webpush: random.chance(0.3) ? `web token ${random.between(1, 3)}` : null,
      mobilepush: random.chance(0.3) ? `app token ${random.between(1, 3)}` : null,
    })
  })
}

const NAMES = ['email', 'sms', 'externalCustomerId', 'webpush', 'mobilepush']

function collectIdentifiers(events: Event[], contactId: unknown): Record<string, unknown[]> {
  const own = events.filter((event) => event['contactId'] === contactId)
  const names = NAMES.map((name) => {
    const values = own.map((event) => event[name] ?? null).filter((value) => value !== null)
    return [name, [...new Set(values)].sort()] as const
  })
  return Object.fromEntries(names.filter(([, values]) => values.length > 0))
}

const sorted = (identifiers: Contact['identifiers']) =>
  Object.fromEntries(Object.entries(identifiers).map(([name, values]) => [name, values.toSorted()]))

function expectTimeline(activity: Responded[], events: Event[]): void {
  expect(activity.map(({ iid }) => iid).sort()).toEqual(events.map(({ iid }) => iid).sort())
  const times = activity.map(({ occurredAt }) => occurredAt)
  expect(times).toEqual(times.toSorted((a, b) => b - a))
}

describe('a contact', () => {
  it('has each of its identifiers once, and no others', async () => {
    const events = makeEvents()
    await store(...events.slice(150))
    await store(...events.slice(0, 200))
    for (const contactId of [1, 2, 3, 4, 5, 6, 7]) {
      const { identifiers, ...rest } = await readJson<One>(`/contacts/${contactId}`)
      expect(sorted(identifiers)).toEqual(collectIdentifiers(events, contactId))
      expect(rest.contactId).toBe(contactId)
    }
  })

  it.each([1, 2, 7, 50, 500])(
    'has its timeline across channels, newest first, in pages of %i',
    async (limit) => {
      const events = makeEvents()
      await store(...events)
      const activity = await readAll(`/contacts/3?limit=${limit}`)
      expectTimeline(
        activity,
        events.filter((event) => event['contactId'] === 3),
      )
      expect(new Set(activity.map(({ mediaType }) => mediaType)).size).toBe(3)
    },
  )

  it('has its timeline of a period', async () => {
    await store(...[1, 2, 3, 4].map((second) => at(second, { contactId: 1 })))
    const { activity } = await readJson<One>(
      '/contacts/1?since=1970-01-01T00:00:02Z&until=1970-01-01T00:00:04Z',
    )
    expect(activity.map(({ occurredAt }) => occurredAt)).toEqual([3000, 2000])
  })

  it('has a limited number of identifiers, and says if some are left out', async () => {
    const fill = (contactId: number, count: number, length: number) =>
      env.DB.prepare(
        `WITH RECURSIVE n (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < ?2)
         INSERT INTO contact_identifiers (contactId, name, key, original)
         SELECT ?1, 'externalCustomerId', format('%0*d', ?3, v), iif(v % 2, '', format('%0*d', ?3, -v))
         FROM n UNION ALL SELECT ?1, 'email', 'all@example.com', ''`,
      )
        .bind(contactId, count, length)
        .run()
    const CASES = [
      [1, 1_000, 8_000, 12, false],
      [2, 12, 8_000, 12, true],
      [3, 13, 8_000, 12, false],
      [4, 999, 50, 999, true],
      [5, 1_000, 50, 999, false],
      [6, 1, 120_000, undefined, false],
    ] as const
    for (const [contactId, count, length, shown, complete] of CASES) {
      await fill(contactId, count, length)
      const { identifiers, areIdentifiersComplete } = await readJson<One>(
        `/contacts/${contactId}?limit=1`,
      )
      expect([identifiers['externalCustomerId']?.length, areIdentifiersComplete]).toEqual([
        shown,
        complete,
      ])
      expect(identifiers['email']).toEqual(['all@example.com'])
      expect((await visit(`/contact/${contactId}`)).status).toBe(200)
    }
    for (let contactId = 7; contactId < 25; contactId++) await fill(contactId, 100, 8_000)
    const text = await (await read('/contacts?email=all@example.com')).text()
    expect(text.length).toBeLessThan(1_100_000)
    expect(text.match(/"areIdentifiersComplete":false/g)).toHaveLength(19)
  })

  it('may have no identifiers', async () => {
    await store(at(1, { contactId: 1, email: null }))
    expect(await readJson('/contacts/1')).toMatchObject({
      identifiers: {},
      activity: [{ occurredAt: 1000 }],
    })
  })

  it('keeps every digit of its ID', async () => {
    for (const id of ['9007199254740992', '9007199254740993', '-9223372036854775808']) {
      const text = JSON.stringify([at(1, { contactId: 1, email: `c${id}@example.com` })])
      await storeText(text.replace('"contactId":1', `"contactId":${id}`))
    }
    const id = '9007199254740993'
    for (const path of [`/contacts/${id}`, `/contacts?email=c${id}@example.com`]) {
      const text = await (await read(path)).text()
      expect(text.match(/"contactId":\d+/g)).toEqual([`"contactId":${id}`, `"contactId":${id}`])
      expect(text).toContain(`"email":["c${id}@example.com"]`)
    }
    const lowest = await (await read('/contacts/-9223372036854775808')).text()
    expect(lowest).toContain('"contactId":-9223372036854775808')
  })

  it.each(['4', '0', '-1', 'abc', '1.0', '9223372036854775808', '1%20', '1%2F2', '%00'])(
    'that is unknown is not found: %s',
    async (id) => {
      await store(at(1, { contactId: 1 }))
      const response = await read(`/contacts/${id}`)
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ error: { code: 'not_found' } })
    },
  )

  it('that is unknown is not found with a period either', async () => {
    expect((await read('/contacts/4?since=2024-01-01')).status).toBe(404)
  })

  it('that is known is found in a period without events', async () => {
    await store(at(1, { contactId: 1 }))
    expect(await readJson('/contacts/1?since=2024-01-01')).toMatchObject({
      contactId: 1,
      activity: [],
    })
  })
})

describe('contacts are found', () => {
  it.each([1, 3, 50, 500])(
    'by each identifier, all that have it, with all their events in pages of %i',
    async (limit) => {
      const events = makeEvents()
      await store(...events)
      for (const [name, value] of [
        ['email', 'address3@example.com'],
        ['sms', '380000000005'],
        ['externalCustomerId', 'customer 1'],
      ] as const) {
        const having = events.filter((event) => event[name] === value)
        const ids = new Set(having.map(({ contactId }) => contactId))
        const found = await find(name, value)
        expect(idsOf(found)).toEqual([...ids].sort())
        expect(found.complete).toBe(true)
        for (const { contactId, identifiers } of found.contacts) {
          expect(sorted(identifiers)).toEqual(collectIdentifiers(events, contactId))
        }
        const path = `/contacts?${name}=${encodeURIComponent(value)}&limit=${limit}`
        expectTimeline(
          await readAll(path),
          events.filter(({ contactId }) => ids.has(contactId)),
        )
      }
    },
    600_000,
  )

  it('by an email address in upper or lower case', async () => {
    await store(at(1, { contactId: 1, email: 'Anna.K@Example.com' }))
    await store(at(1, { contactId: 2, email: 'anna.k@example.com' }))
    await store(at(1, { contactId: 3, email: 'anna_k@example.com' }))
    for (const email of ['anna.k@example.com', 'ANNA.K@EXAMPLE.COM', 'Anna.K@Example.com']) {
      expect(idsOf(await find('email', email))).toEqual([1, 2])
    }
  })

  it('by an address that differs from another in one character only', async () => {
    await store(at(1, { contactId: 1, email: 'a+b@example.com' }))
    await store(at(1, { contactId: 2, email: 'a%b@example.com' }))
    await store(at(1, { contactId: 3, email: "a'b@example.com" }))
    expect(idsOf(await find('email', 'a+b@example.com'))).toEqual([1])
    expect(idsOf(await find('email', 'a%b@example.com'))).toEqual([2])
    expect(idsOf(await find('email', "a'b@example.com"))).toEqual([3])
    expect(idsOf(await find('email', 'a_b@example.com'))).toEqual([])
  })

  it.each(['+380 00 000 00 01', '380000000001', '+38 (000) 000-00-01', ' 380.000.000.001 '])(
    'by a phone number in any format: %s',
    async (sms) => {
      await store(at(1, { contactId: 1, sms: '380000000001' }))
      await store(at(1, { contactId: 2, sms: '380000000002' }))
      expect(idsOf(await find('sms', sms))).toEqual([1])
    },
  )

  it('by a phone number that was sent with a plus', async () => {
    await store(at(1, { contactId: 1, sms: '+380000000001' }))
    expect(idsOf(await find('sms', '+380000000001'))).toEqual([1])
    expect(idsOf(await find('sms', '380000000001'))).toEqual([1])
  })

  it('by an exact externalCustomerId, and not by another kind of identifier', async () => {
    await store(at(1, { contactId: 1, externalCustomerId: 'AB', email: null }))
    await store(at(1, { contactId: 2, externalCustomerId: null, email: 'AB' }))
    expect(idsOf(await find('externalCustomerId', 'AB'))).toEqual([1])
    expect(idsOf(await find('externalCustomerId', 'ab'))).toEqual([])
  })

  it('not at all if none has the identifier', async () => {
    const nothing = { contacts: [], complete: true, activity: [], next: null, datedAhead: null }
    expect(await find('email', 'nobody@example.com')).toEqual(nothing)
    expect(await find('sms', '1')).toEqual(nothing)
  })

  it('up to a limit, and the response says so', async () => {
    const events = Array.from({ length: 25 }, (_, contactId) => at(contactId, { contactId }))
    await store(...events.slice(0, 20))
    expect(await find('email', 'contact@example.com')).toMatchObject({ complete: true })
    await store(...events.slice(20))
    const { contacts, complete } = await find('email', 'contact@example.com')
    expect([contacts.length, complete]).toEqual([20, false])
  })
})

describe('an invalid parameter is rejected by name', () => {
  it.each([
    ['', 'email'],
    ['?limit=5', 'email'],
    ['?email=a@example.com&sms=380000000001', 'sms'],
    ['?sms=1&externalCustomerId=2', 'externalCustomerId'],
    ['?email=a@example.com&email=b@example.com', 'email'],
    ['?email=', 'email'],
    ['?sms=', 'sms'],
    ['?sms=phone', 'sms'],
    ['?externalCustomerId=', 'externalCustomerId'],
    ['?webpush=x', 'webpush'],
    ['?email=a@example.com&limit=501', 'limit'],
    ['?email=a@example.com&cursor=x', 'cursor'],
    ['/1?email=a@example.com', 'email'],
    ['/1?limit=0', 'limit'],
  ])('%s', async (query, parameter) => {
    const response = await read(`/contacts${query}`)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { parameter } })
  })
})
