import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { FILTERS, type FilterName } from '../../src/event/parameters.ts'
import { buildEvent } from '../event.ts'
import { faultyQueue } from '../faulty.ts'
import { CREDENTIALS, list, postWith, read, type Responded } from '../receiver.ts'
import { Random } from '../../src/simulator/random.ts'

type Event = Record<string, unknown>
type Query = Record<string, string>

/** Stores events directly, without the queue: in bodies that the edge checks. */
async function store(events: object[], changed: Partial<Env> = {}, shop?: string): Promise<void> {
  for (let start = 0; start < events.length; start += 50) {
    const response = await postWith(
      { ACTIVITY_QUEUE: faultyQueue(new Error('down')), ...changed },
      events.slice(start, start + 50),
      { Authorization: CREDENTIALS, ...(shop !== undefined && { 'X-Shop': shop }) },
    )
    expect(await response.json()).toMatchObject({ quarantined: [], deferred: 0 })
  }
}

const at = (second: number, changes: Event = {}) =>
  buildEvent({
    activityDateTime: new Date(second * 1000).toISOString().slice(0, 19),
    viewMessageLink: crypto.randomUUID(), // identifies the event in a test
    ...changes,
  })

const marks = (events: Event[]) => events.map((event) => event['viewMessageLink'])

async function readAll(query: Query): Promise<Responded[]> {
  const activity: Responded[] = []
  let cursor: string | null = null
  do {
    const queried: Query = cursor === null ? query : { ...query, cursor }
    const page = await list(`?${new URLSearchParams(queried)}`)
    activity.push(...page.activity)
    cursor = page.next
  } while (cursor !== null && activity.length < 2_000)
  return activity
}

/** Expects every event once, newest first. */
function expectSame(found: Responded[], expected: Event[]): void {
  expect(marks(found).toSorted()).toEqual(marks(expected).toSorted())
  const places = found.map(({ occurredAt, id }) => [occurredAt, id] as const)
  const sorted = places.toSorted(([a, x], [b, y]) => b - a || (x < y ? 1 : -1))
  expect(places).toEqual(sorted)
}

const WORDS = ['Осінь', 'O\'Neil "x"', '100%_', 'a b', 'ab', 'https://example.com/?a=1&b=2#c', '*']

/** Three possible values of a parameter, each as sent and as queried. */
function valuesOf(name: FilterName): [sent: unknown, queried: string][] {
  const { type } = FILTERS.find((each) => each.name === name) ?? {}
  if (type === 'int')
    return [
      [7, '7'],
      [-8, '-8'],
      [9007199254740991, '9007199254740991'],
    ]
  if (type === 'bool')
    return [
      [true, 'true'],
      [false, 'false'],
    ]
  if (type === 'array of strings')
    return [
      [['x', 'y z'], 'y z'],
      [['y'], 'y'],
      [['zz'], 'zz'],
    ]
  if (name === 'mediaType')
    return [
      ['Web Push', 'web_push'],
      ['viber', 'VIBER'],
      ['Осінь', 'осінь'],
      ['a.b', 'ab'],
    ]
  return WORDS.map((word) => [`${name} ${word}`, `${name} ${word}`])
}

describe.each(FILTERS.map(({ name }) => [name] as const))('a filter by %s', (name) => {
  it('finds each value, and not the others', async () => {
    const values = valuesOf(name)
    const events = values.flatMap(([sent], index) =>
      [0, 1].map((second) => at(second, { contactId: 1 + index, [name]: sent })),
    )
    const without = name === 'activityStatus' ? [] : [at(5, { [name]: null })]
    await store([...events, ...without])
    for (const [sent, queried] of values) {
      const expected = events.filter((event) => event[name] === sent)
      expectSame(await readAll({ [name]: queried, limit: '3' }), expected)
    }
    if (name !== 'hardBounce') expectSame(await readAll({ [name]: '0' }), [])
  })

  it('explains an invalid value', async () => {
    for (const query of [`${name}=`, `${name}=1&${name}=2`]) {
      const response = await read(`/activity?${query}`)
      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({ error: { parameter: name } })
    }
  })
})

const LISTS = FILTERS.filter(({ filter }) => filter === 'list').map(({ name }) => [name] as const)

it.each(LISTS)('a filter by %s finds any of several values', async (name) => {
  const values = valuesOf(name)
  const events = values.flatMap(([sent]) => [at(0, { [name]: sent }), at(1, { [name]: sent })])
  await store(events)
  for (const [first, second] of [
    [0, 1],
    [1, 0],
    [1, 1],
    [0, 2],
  ] as const) {
    const [a, b] = [values[first], values[second]]
    if (!a || !b) continue
    const expected = events.filter((event) => event[name] === a[0] || event[name] === b[0])
    for (const queried of [`${a[1]},${b[1]}`, ` ${b[1]} , ${a[1]} `]) {
      expectSame(await readAll({ [name]: queried, limit: '3' }), expected)
    }
  }
})

describe('an event with several values is found by any of them', () => {
  it.each(['spring,sale,new', 'spring, sale, new', ' spring ,sale '])(
    'in the tags %j',
    async (messageTag) => {
      const event = at(1, { messageTag })
      await store([event, at(2, { messageTag: 'sales' }), at(3, { messageTag: 'resale,springs' })])
      for (const tag of ['spring', 'sale']) expectSame(await readAll({ messageTag: tag }), [event])
      expectSame(await readAll({ messageTag: 'nothing,sale' }), [event])
      expectSame(await readAll({ messageTag: 'spring,sale' }), [event])
    },
  )

  it('in subscriptions', async () => {
    const events = [['news', 'sale'], ['sale'], ['new'], [], ['news,sale'], ['5']].map(
      (each, second) => at(second, { subscriptions: each }),
    )
    await store(events)
    expectSame(await readAll({ subscriptions: 'news' }), events.slice(0, 1))
    expectSame(await readAll({ subscriptions: 'sale,new' }), events.slice(0, 3))
    expectSame(await readAll({ subscriptions: '5' }), events.slice(5))
  })
})

it('finds a contact once by digits with leading zeros', async () => {
  const event = at(1, { contactId: 5 })
  await store([event])
  expectSame(await readAll({ contactId: '5,05,005' }), [event])
})

describe('a filter by origin', () => {
  it.each(['webhook', 'api'])('finds %s', async (origin) => {
    const events = [buildEvent(), buildEvent()]
    await store(events)
    const sql = `UPDATE activity SET origin = 'api' WHERE iid = unhex(?)`
    await env.DB.prepare(sql).bind(String(events[1]?.['iid']).replaceAll('-', '')).run()
    const expected = origin === 'api' ? events.slice(1) : events.slice(0, 1)
    expectSame(await readAll({ origin, limit: '1' }), expected)
  })

  it('rejects any other value', async () => {
    expect((await read('/activity?origin=mail')).status).toBe(400)
  })
})

describe('a filter by label', () => {
  const labelled = { LABEL_HEADERS: 'X-Shop' }

  it.each([
    ['one', 'X-Shop:one'],
    ['one', 'x-shop: one'],
    ['a:b c', 'X-Shop:a:b c'],
    ['', 'X-Shop:'],
  ])('finds %j by %j', async (shop, label) => {
    const events = [at(1), at(2, { activityStatus: 'SPAM' })]
    await store(events, labelled, shop)
    await store([at(3)], labelled, 'other')
    await store([at(4)], labelled)
    if (shop !== '') expectSame(await readAll({ label, limit: '1' }), events)
    expectSame(await readAll({ label: 'X-Shop:on' }), [])
    expectSame(await readAll({ label: 'Shop:one' }), [])
  })

  it('can be combined with other parameters', async () => {
    const events = [at(1), at(2, { activityStatus: 'SPAM' }), at(3, { contactId: 5 })]
    await store(events, labelled, 'one')
    await store([at(2, { activityStatus: 'SPAM' }), at(3, { contactId: 5 })], labelled, 'two')
    const label = 'X-Shop:one'
    expectSame(await readAll({ label, activityStatus: 'SPAM' }), events.slice(1, 2))
    expectSame(await readAll({ label, contactId: '5' }), events.slice(2))
  })

  it.each(['X-Shop', ':', ':one', ''])('rejects %j', async (label) => {
    const response = await read(`/activity?label=${encodeURIComponent(label)}`)
    expect(await response.json()).toMatchObject({ error: { parameter: 'label' } })
  })
})

/** Random events with few different contacts, deliveries, names, statuses and times; some have no contact. */
function makeEvents(seed: number): Event[] {
  const random = new Random(seed)
  return Array.from({ length: 250 }, () =>
    at(random.between(0, 30), {
      iid: `${random.pick(['a', 'a;', 'aaaaaaaa-', ''])}${random.between(1, 9)}`,
      clickEventLink: random.hex(12),
      contactId: random.pick([null, 1, 2, 3, 4, 5]),
      email: random.pick(['a@example.com', 'A@example.com', 'b@example.com', null]),
      sms: random.pick(['380000000001', '380000000002', null]),
      externalCustomerId: random.pick(['c 1', 'c 2', null]),
      hardBounce: random.pick([true, false, null]),
      activityStatus: random.pick(['DELIVERED', 'READ', 'UNDELIVERED', 'SPAM', 'UNSUBSCRIBED']),
      mediaType: random.pick(['email', 'sms']),
      messageId: random.pick([1, 2]),
    }),
  )
}

function fits(event: Event, query: Query): boolean {
  return Object.entries(query).every(([name, queried]) => {
    const values = name === 'email' || name === 'sms' ? [queried] : queried.split(',')
    const text = String(event[name] ?? '')
    const isCaseless = name === 'email' && values.includes(text.toLowerCase())
    return isCaseless || values.includes(text)
  })
}

const COMBINED: Query[] = [
  {},
  { contactId: '1,2,3' },
  { contactId: '5,5,1' },
  { contactId: '1,2', activityStatus: 'SPAM,READ' },
  { activityStatus: 'SPAM,UNDELIVERED,UNSUBSCRIBED,SUBSCRIPTION_CHANGED' },
  { activityStatus: 'SPAM,SPAM,UNDELIVERED', mediaType: 'sms' },
  { activityStatus: 'SPAM,DELIVERED', hardBounce: 'true' },
  { hardBounce: 'true,false', messageId: '1' },
  { iid: 'a1' },
  { iid: 'a1,a;2,aaaaaaaa-3,4,nothing' },
  { iid: 'aaaaaaaa-1,aaaaaaaa-2', contactId: '1,2' },
  { iid: 'a;1', activityStatus: 'SPAM' },
  { email: 'a@example.com' },
  { email: 'a@example.com', activityStatus: 'READ,SPAM' },
  { email: 'b@example.com', sms: '380000000001', externalCustomerId: 'c 1' },
  { email: 'a@example.com', iid: 'a1,a2,a3' },
  { sms: '380000000002', messageId: '2' },
  { externalCustomerId: 'c 2', contactId: '1,2,3' },
  { externalCustomerId: 'c 1', mediaType: 'email,sms' },
  { email: 'nobody@example.com' },
]

describe('pages of merged scans', () => {
  it.each([1, 2, 3, 10, 49, 50, 250, 500])(
    'of %i events neither miss nor repeat any',
    async (limit) => {
      const events = makeEvents(limit)
      await store(events.slice(100))
      await store(events.slice(0, 150))
      for (const query of COMBINED) {
        const expected = events.filter((event) => fits(event, query))
        expectSame(await readAll({ ...query, limit: String(limit) }), expected)
      }
    },
    600_000,
  )

  it('miss no events of a period', async () => {
    const events = makeEvents(9)
    await store(events)
    for (const query of COMBINED) {
      const expected = events.filter((event) => {
        const time = Date.parse(`${String(event['activityDateTime'])}Z`)
        return fits(event, query) && time >= 5_000 && time < 20_000
      })
      expectSame(
        await readAll({
          ...query,
          limit: '7',
          since: '1970-01-01T00:00:05Z',
          until: '1970-01-01T00:00:20Z',
        }),
        expected,
      )
    }
  })

  it('have the events of more contacts than are scanned one by one', async () => {
    const events = Array.from({ length: 90 }, (_, index) =>
      at(index % 10, { contactId: index % 30 }),
    )
    await store([...events, at(4, { contactId: 99, email: 'other@example.com' })])
    for (const query of [
      { email: 'contact@example.com' },
      { contactId: [...Array(30).keys()].join(',') },
    ]) {
      expectSame(await readAll({ ...query, limit: '7' }), events)
    }
    const some = events.slice(0, 40)
    const iid = some.map((event) => event['iid']).join(',')
    expectSame(await readAll({ iid, limit: '7' }), some)
  })

  it('find the few matching events of each of several contacts', async () => {
    const events = Array.from({ length: 9_000 }, (_, index) =>
      at(Math.floor(index / 3), {
        contactId: 1 + (index % 30),
        mediaType: index % 2_999 === 0 ? 'viber' : 'email',
      }),
    )
    for (let from = 0; from < 9_000; from += 3_000) await store(events.slice(from, from + 3_000))
    const expected = events.filter(({ mediaType }) => mediaType === 'viber')
    for (const contactId of [
      '1,2,3,4,5,6,7,8,9,10',
      [...Array(30).keys()].map((n) => n + 1).join(),
    ]) {
      const queried = contactId.split(',').map(Number)
      expectSame(
        await readAll({ contactId, mediaType: 'viber', limit: '2' }),
        expected.filter((event) => queried.includes(Number(event['contactId']))),
      )
    }
  })
})
