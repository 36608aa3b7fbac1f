import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { app } from '../../src/routes.ts'
import { buildEvent } from '../event.ts'
import { D1_ERRORS, faultyDatabase, faultyQueue } from '../faulty.ts'
import { list, postWith, read, type Responded } from '../receiver.ts'
import { store } from '../store-events.ts'

const at = (second: number, changes = {}) =>
  buildEvent({
    activityDateTime: new Date(Date.UTC(2024, 0, 1, 0, 0, second)).toISOString().slice(0, 19),
    ...changes,
  })

const iids = (activity: Responded[]) => activity.map(({ iid }) => iid)

async function readAll(query: string): Promise<{ activity: Responded[]; sizes: number[] }> {
  const activity: Responded[] = []
  const sizes: number[] = []
  let cursor = ''
  do {
    const page = await list(`${query}${cursor}`)
    activity.push(...page.activity)
    sizes.push(page.activity.length)
    cursor = page.next === null ? '' : `&cursor=${page.next}`
  } while (cursor !== '')
  return { activity, sizes }
}

describe('the read API', () => {
  it.each([
    '',
    'Bearer',
    'Bearer wrong',
    'Basic read-token-for-tests',
    'read-token-for-tests',
    'Bearer undefined',
    'Bearer a b',
  ])('rejects %j', async (authorization) => {
    for (const path of ['/activity', '/activity/1.AAAAAAAAAAAAAAAAAAAAAA']) {
      const init = { headers: { Authorization: authorization } }
      const response = await app.request(path, init, env)
      expect(response.status).toBe(401)
      expect(response.headers.get('WWW-Authenticate')).toMatch(/^Bearer/)
    }
  })

  it.each([
    'Bearer read-token-for-tests',
    'bearer read-token-for-tests',
    'Bearer   read-token-for-tests',
  ])('accepts %j', async (value) => {
    expect(
      (await app.request('/activity', { headers: { Authorization: value } }, env)).status,
    ).toBe(200)
  })

  it('accepts each of several tokens while it is set', async () => {
    const init = { headers: { Authorization: 'Bearer the-token-before' } }
    const READ_TOKEN = 'new: read-token-for-tests\nold: the-token-before'
    expect((await app.request('/activity', init, { ...env, READ_TOKEN })).status).toBe(200)
    expect((await app.request('/activity', init, env)).status).toBe(401)
  })

  it('shows the health to anyone', async () => {
    const response = await app.request('/health', {}, env)
    expect(await response.json()).toEqual({ status: 'ok' })
  })
})

describe('an event', () => {
  it("has Yespo's spelling, and our own fields", async () => {
    const event = at(1, { hardBounce: true, subscriptions: ['a'], statusData: { x: 1 }, imId: '7' })
    await store(event)
    const [activity] = (await list()).activity
    const { imId, statusData, ...documented } = event
    expect(activity).toEqual({
      ...documented,
      imId: 7,
      id: expect.stringMatching(/^1704067201000\.[\da-f]{32}$/),
      occurredAt: 1704067201000,
      receivedAt: expect.any(Number),
      origin: 'webhook',
      labels: {},
      extra: { imId, statusData },
    })
  })

  it('can be requested by its ID', async () => {
    await store(at(1), at(1))
    for (const activity of (await list()).activity) {
      const response = await read(`/activity/${activity.id}`)
      expect(await response.json()).toEqual(activity)
    }
  })

  it.each(['1704067201000.AAAAAAAAAAAAAAAAAAAAAA', 'x', '1.2', "1.'OR'1'='1'AAAAAAAAAAAA"])(
    'is not found by the ID %j',
    async (id) => {
      const response = await read(`/activity/${encodeURIComponent(id)}`)
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ error: { code: 'not_found' } })
    },
  )

  it('keeps every digit', async () => {
    const text = JSON.stringify(at(1)).replace(
      '"contactId":889891911',
      '"contactId":9007199254740993,"imId":5.0,"big":123456789012345678901',
    )
    const response = await postWith({ ACTIVITY_QUEUE: faultyQueue(new Error('down')) }, text)
    expect(response.status).toBe(200)
    const page = await (await read('/activity?contactId=9007199254740993')).text()
    expect(page).toContain('"contactId":9007199254740993,')
    expect(page).toMatch(/"extra":\{"imId":5\.0,"big":123456789012345678901\}/)
    expect((await list('?contactId=9007199254740992')).activity).toEqual([])
  })
})

describe('filters', () => {
  const [a, b, c, d] = [
    at(1, { activityStatus: 'READ', mediaType: 'email', contactId: 1 }),
    at(2, { activityStatus: 'CLICKED', mediaType: 'viber', contactId: 2 }),
    at(3, { activityStatus: 'SPAM', mediaType: 'email', contactId: 1 }),
    at(4, { activityStatus: 'READ', mediaType: 'sms', contactId: 3 }),
  ]
  beforeEach(() => store(a, b, c, d))

  it.each<[string, object[]]>([
    ['', [d, c, b, a]],
    ['?limit=2', [d, c]],
    ['?activityStatus=READ', [d, a]],
    ['?activityStatus=SPAM,CLICKED', [c, b]],
    ['?activityStatus=SPAM,%20CLICKED&mediaType=email', [c]],
    ['?mediaType=viber,sms', [d, b]],
    ['?contactId=1', [c, a]],
    ['?contactId=1&activityStatus=READ', [a]],
    ['?contactId=4', []],
    ['?activityStatus=read', [d, a]],
    ['?activityStatus=opened', []],
    ['?since=2024-01-01T00:00:02Z', [d, c, b]],
    ['?until=2024-01-01T00:00:02Z', [a]],
    ['?since=2024-01-01T00:00:02&until=2024-01-01T00:00:04', [c, b]],
    ['?since=2024-01-01T02:00:03%2B02:00', [d, c]],
    ['?since=2024-01-01T02:00:03+02:00', [d, c]],
    ['?since=1704067203000', [d, c]],
    ['?since=2024-01-01', [d, c, b, a]],
    ['?since=2024-01-02', []],
    ['?since=1704067203000&contactId=1', [c]],
    ['?since=0&until=1970-01-01T00:00:01Z', []],
  ])('%s', async (query, expected) => {
    const { activity } = await list(query)
    expect(iids(activity)).toEqual(expected.map((event) => (event as Responded).iid))
  })

  it("reads times without a zone in Yespo's", async () => {
    const init = { headers: { Authorization: 'Bearer read-token-for-tests' } }
    const changed = { ...env, YESPO_TIME_ZONE: 'Europe/Kyiv' }
    const response = await app.request('/activity?since=2024-01-01T02:00:03', init, changed)
    const { activity } = await response.json<{ activity: Responded[] }>()
    expect(activity).toHaveLength(2)
  })
})

describe('an invalid request', () => {
  it.each([
    ['?foo=1', 'foo'],
    ['?contactid=1', 'contactid'],
    ['?__proto__=1', '__proto__'],
    ['?limit=0', 'limit'],
    ['?limit=501', 'limit'],
    ['?limit=-1', 'limit'],
    ['?limit=1.5', 'limit'],
    ['?limit=ten', 'limit'],
    ['?limit=', 'limit'],
    ['?limit=0x10', 'limit'],
    ['?limit=1&limit=2', 'limit'],
    ['?contactId=abc', 'contactId'],
    ['?contactId=', 'contactId'],
    ['?contactId=1.0', 'contactId'],
    ['?contactId=99999999999999999999', 'contactId'],
    ['?contactId=9223372036854775808', 'contactId'],
    ['?activityStatus=', 'activityStatus'],
    ['?activityStatus=READ,,SPAM', 'activityStatus'],
    ['?mediaType=,', 'mediaType'],
    ['?since=yesterday', 'since'],
    ['?since=2024-02-31', 'since'],
    ['?until=2024-01-01T25:00:00', 'until'],
    ['?until=9999999999999999', 'until'],
    ['?cursor=abc', 'cursor'],
    ['?cursor=', 'cursor'],
    ["?cursor=1.'%20OR%201=1--AAAAAAAAAAA", 'cursor'],
  ])('is rejected with the name of the parameter: %s', async (query, parameter) => {
    const response = await read(`/activity${query}`)
    const { error } = await response.json<{ error: Record<string, unknown> }>()
    expect(response.status).toBe(400)
    expect(error).toMatchObject({ code: 'invalid_parameter', parameter })
    expect(error['message']).toContain(parameter)
  })

  it('is rejected if it has another method', async () => {
    const init = { method: 'POST', headers: { Authorization: 'Bearer read-token-for-tests' } }
    const response = await app.request('/activity', init, env)
    expect(response.status).toBe(405)
    expect(response.headers.get('Allow')).toBe('GET, HEAD')
  })
})

it('responds 503 if the database is down', async () => {
  const DB = faultyDatabase(env.DB, () => D1_ERRORS.overloaded())
  const init = { headers: { Authorization: 'Bearer read-token-for-tests' } }
  const response = await app.request('/activity', init, { ...env, DB })
  expect(response.status).toBe(503)
  expect(response.headers.get('Retry-After')).toBe('10')
  expect(await response.json()).toMatchObject({ error: { code: 'unavailable' } })
})

it.each(['no such column: messageTag', 'no such index: activity_rare'])(
  'responds 500 to a statement that can never work: %s',
  async (error) => {
    const lines: string[] = []
    vi.spyOn(console, 'error').mockImplementation((line) => void lines.push(String(line)))
    const DB = faultyDatabase(env.DB, () => new Error(`D1_ERROR: ${error}: SQLITE_ERROR`))
    const init = { headers: { Authorization: 'Bearer read-token-for-tests' } }
    const response = await app.request('/activity', init, { ...env, DB })
    expect([response.status, response.headers.get('Retry-After')]).toEqual([500, null])
    expect(await response.json()).toMatchObject({ error: { code: 'internal' } })
    expect(lines.join()).toContain(error)
  },
)

it('has nothing below an event', async () => {
  expect((await read('/activity/a/b')).status).toBe(404)
})

describe('pages', () => {
  const many = Array.from({ length: 25 }, (_, index) => at(index % 7, { contactId: index % 2 }))
  const sorted = (activity: Responded[]) =>
    activity.every((each, index) => {
      const before = activity[index - 1]
      return before === undefined || before.occurredAt >= each.occurredAt
    })

  it.each([1, 7, 24, 25, 26])('of %i have every event once, newest first', async (limit) => {
    await store(...many)
    const { activity } = await readAll(`?limit=${limit}`)
    expect(new Set(iids(activity))).toEqual(new Set(many.map(({ iid }) => iid)))
    expect(activity).toHaveLength(many.length)
    expect(sorted(activity)).toBe(true)
  })

  it.each(['', '&contactId=1', '&mediaType=email'])(
    'of a growing feed neither repeat nor miss existing events: %s',
    async (filter) => {
      await store(...many)
      const before = iids((await readAll(`?limit=500${filter}`)).activity)
      const seen: Responded[] = []
      let cursor = ''
      do {
        const page = await list(`?limit=4${filter}${cursor}`)
        seen.push(...page.activity)
        cursor = page.next === null ? '' : `&cursor=${page.next}`
        await store(at(100, { contactId: 1 }), at(3, { contactId: 1 }), at(0, { contactId: 1 }))
        if (seen.length > 200) throw new Error('the feed never ends')
      } while (cursor !== '' && seen.length < 60)
      const all = iids(seen)
      expect(new Set(all).size).toBe(all.length)
      expect(cursor).toBe('') // new rows with older times are included, but paging ends
      expect(all).toEqual(expect.arrayContaining(before))
    },
  )
})

describe('a rare status among many', () => {
  it('is found in short pages, each of which reads a limited number of rows', async () => {
    const events = Array.from({ length: 12_000 }, (_, index) =>
      at(Math.floor(index / 10), {
        contactId: 1,
        activityStatus: index === 100 || index === 11_900 ? 'SPAM' : 'DELIVERED',
      }),
    )
    await store(...events)
    const read: number[] = []
    const batch = async (statements: D1PreparedStatement[]) => {
      const results = await env.DB.batch(statements)
      read.push(results.reduce((sum, { meta }) => sum + meta.rows_read, 0))
      return results
    }
    const DB = { prepare: env.DB.prepare.bind(env.DB), batch } as unknown as D1Database
    for (const filter of [
      'activityStatus=SPAM',
      'activityStatus=SPAM&contactId=1',
      'contactId=1',
      'limit=50',
    ]) {
      let [cursor, found] = ['', 0]
      do {
        const init = { headers: { Authorization: 'Bearer read-token-for-tests' } }
        const response = await app.request(`/activity?${filter}${cursor}`, init, { ...env, DB })
        const page = await response.json<{ activity: Responded[]; next: string | null }>()
        found += page.activity.length
        cursor = page.next === null || !filter.includes('SPAM') ? '' : `&cursor=${page.next}`
      } while (cursor !== '')
      expect(found).toBe(filter.includes('SPAM') ? 2 : 50)
      if (!filter.includes('SPAM')) expect(read.at(-1)).toBeLessThanOrEqual(160)
    }
    expect(Math.max(...read)).toBeLessThanOrEqual(10_010)
  })
})
