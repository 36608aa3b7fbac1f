import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { app } from '../../src/routes.ts'
import { buildEvent } from '../event.ts'
import { faultyQueue } from '../faulty.ts'
import {
  basic,
  count,
  CREDENTIALS,
  list,
  listQuarantine,
  post,
  postWith,
  take,
  untilStored,
  type Body,
  type Taken,
} from '../receiver.ts'

const url = '/webhooks/yespo'
const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))

type Item = { kind: string; elementIndex: number; sent: string }

/** Lists quarantined items, their parts joined. */
async function listItems(): Promise<Item[]> {
  const sql = `SELECT request || elementIndex AS item, kind, elementIndex, sent FROM quarantine
    ORDER BY elementIndex, request, part`
  const { results } = await env.DB.prepare(sql).all<Item & { item: string }>()
  return [...Map.groupBy(results, ({ item }) => item).values()].flatMap((parts) => {
    const sent = parts.map((each) => each.sent).join('')
    return parts[0] ? [{ ...parts[0], sent }] : []
  })
}

/** Posts a body that has to be accepted; it is stored when this returns. */
async function takeAndStore(body: Body, changed: object = {}): Promise<Taken> {
  const queue = faultyQueue(new Error('down'))
  const response = await postWith({ ACTIVITY_QUEUE: queue, ...changed }, body)
  expect(response.status).toBe(200)
  return response.json()
}

const PAID = { CLOUDFLARE_PLAN: 'paid' } as const

/** The same for a large body, checked at once: on the paid plan, one with a byte order mark is. */
function takeLarge(text: string): Promise<Taken> {
  return takeAndStore(`\ufeff${text}`, PAID)
}

/** Posts a body that cannot be deferred: the paid plan checks it at once. */
async function takeOnPaidPlan(body: Body): Promise<Taken> {
  const response = await postWith(PAID, body)
  expect(response.status).toBe(200)
  return response.json()
}

/** The text of arrays and objects in each other. */
function nest(levels: number): string {
  const pairs = Math.floor(levels / 2)
  const inner = levels % 2 === 0 ? '1' : '[]'
  return `${'[{"a":'.repeat(pairs)}${inner}${'}]'.repeat(pairs)}`
}

/** A body of two events, the first with a value of that text, which is the newer one. */
function deepBody(deep: string): string {
  const newer = JSON.stringify(buildEvent({ activityDateTime: '2024-01-02T00:00:00' }))
  return `[${newer.slice(0, -1)},"deep":${deep}},${JSON.stringify(buildEvent())}]`
}

async function errorOf(response: Response): Promise<Record<string, unknown>> {
  const { error } = await response.json<{ error: Record<string, unknown> }>()
  return { status: response.status, ...error }
}

describe('methods', () => {
  it.each(['GET', 'HEAD'])('responds 200 to %s, without credentials', async (method) => {
    expect((await app.request(url, { method }, env)).status).toBe(200)
    const unset = { ...env, WEBHOOK_LOGIN: '', WEBHOOK_PASSWORD: '' }
    expect((await app.request(`${url}/`, { method }, unset)).status).toBe(200)
  })

  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])(
    'rejects %s with 405 and Allow',
    async (method) => {
      const response = await app.request(url, { method }, env)
      expect(response.headers.get('Allow')).toBe('GET, HEAD, POST')
      expect(await errorOf(response)).toMatchObject({ status: 405, code: 'method_not_allowed' })
    },
  )

  it('has no other URL', async () => {
    expect(await errorOf(await app.request('/webhooks', {}, env))).toMatchObject({
      status: 404,
      code: 'not_found',
    })
  })
})

describe('an accepted body', () => {
  it('gets 200 with the number of events, and is stored', async () => {
    expect(await take([buildEvent(), buildEvent()])).toEqual({
      received: 2,
      accepted: 2,
      quarantined: [],
      deferred: 0,
    })
    await untilStored(2)
  })

  it('may be a single object', async () => {
    expect(await take(buildEvent())).toMatchObject({ received: 1, accepted: 1 })
    await untilStored(1)
  })

  it('may be an empty array, which sends no message', async () => {
    const queue = { sendBatch: () => Promise.reject(new Error('nothing to send')) }
    const response = await postWith({ ACTIVITY_QUEUE: queue as unknown as Queue }, [])
    expect(await response.json()).toEqual({
      received: 0,
      accepted: 0,
      quarantined: [],
      deferred: 0,
    })
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', ''])(
    'may have any Content-Type: %j',
    async (type) => {
      await take([buildEvent()], { 'Content-Type': type })
      await untilStored(1)
    },
  )

  it('may start with a byte order mark', async () => {
    const text = JSON.stringify([buildEvent()])
    expect(await take(latin1(`\xef\xbb\xbf${text}`))).toMatchObject({ accepted: 1 })
    await untilStored(1)
  })

  // SQLite reads JSON of up to 1,000 levels, and the object of all undocumented parameters is one.
  it.each([899, 900, 998, 999])('is stored unchanged with a value of %i levels', async (levels) => {
    const deep = nest(levels)
    expect(await takeAndStore(deepBody(deep))).toMatchObject({ accepted: 2, quarantined: [] })
    const [stored] = (await list()).activity
    expect(JSON.stringify(stored?.extra)).toBe(`{"deep":${deep}}`)
  })

  it.each([1_000, 1_001, 4_000])(
    'has an event with a value of %i levels quarantined, and the others stored',
    async (levels) => {
      const deep = nest(levels)
      expect(await takeAndStore(deepBody(deep))).toMatchObject({
        accepted: 1,
        quarantined: [{ index: 0 }],
      })
      expect(await count('activity')).toBe(1)
      const [item] = await listItems()
      expect(item).toMatchObject({ kind: 'element', elementIndex: 0 })
      expect(item?.sent).toContain(deep)
    },
  )

  it('has the headers named in the setting as labels of its events', async () => {
    const headers = { Authorization: CREDENTIALS, 'x-shop': 'Київ', 'X-Other': 'no' }
    const changed = { LABEL_HEADERS: 'X-Shop, X-Missing' }
    expect((await postWith(changed, [buildEvent()], headers)).status).toBe(200)
    await untilStored(1)
    expect((await list()).activity[0]?.labels).toEqual({ 'X-Shop': 'Київ' })
  })

  it('has times without a zone read in YESPO_TIME_ZONE', async () => {
    await postWith({ YESPO_TIME_ZONE: 'Europe/Kyiv' }, [buildEvent()])
    await untilStored(1)
    expect((await list()).activity[0]?.occurredAt).toBe(Date.parse('2023-09-14T05:30:03Z'))
  })
})

describe('a repeated body', () => {
  it('is stored once', async () => {
    const body = [buildEvent(), buildEvent(), 5]
    for (let i = 0; i < 3; i++) await take(body)
    await take([...body, buildEvent()]) // arrives last, so the others have been stored by then
    await untilStored(3)
    expect(await count('quarantine')).toBe(2)
  })

  it('has two clicks in one second stored as two, not four', async () => {
    const click = buildEvent({ activityStatus: 'CLICKED', clickEventLink: 'https://example.com' })
    await take([click, click])
    await take([click, click])
    await take([buildEvent()])
    await untilStored(3)
  })

  it('has every status of one delivery stored', async () => {
    const event = buildEvent()
    const statuses = ['DELIVERED', 'UNDELIVERED', 'READ', 'RECEIVED']
    await take(statuses.map((activityStatus) => ({ ...event, activityStatus })))
    await untilStored(4)
  })
})

describe('an invalid element', () => {
  it('is reported with its index and reason, and the others are stored', async () => {
    const response = await take([5, buildEvent(), buildEvent({ activityStatus: '' })])
    expect(response).toEqual({
      received: 3,
      accepted: 1,
      quarantined: [
        { index: 0, reason: 'the element is a number; an event is an object' },
        { index: 2, reason: 'activityStatus is empty' },
      ],
      deferred: 0,
    })
    await untilStored(1)
    await untilStored(2, 'quarantine')
  })

  it('is quarantined unchanged, with its time and request', async () => {
    const before = Date.now()
    const source = '{"activityStatus" : "\\ud800", "n":1.00}'
    await take(`[ ${source},"\\u0000" ]`)
    await untilStored(2, 'quarantine')
    const [first, second] = await listQuarantine()
    expect(first).toMatchObject({ elementIndex: 0, part: 0, kind: 'element', sent: source })
    expect(first?.['reason']).toBe('activityStatus contains broken Unicode text')
    expect(first?.['receivedAt']).toBeGreaterThanOrEqual(before)
    expect(second).toMatchObject({
      elementIndex: 1,
      sent: '"\\u0000"',
      request: first?.['request'],
    })
  })

  it('is stored in parts if it is huge', async () => {
    const sent = `"${'é😀'.repeat(1_000_000)}"`
    expect(await takeOnPaidPlan(`[${sent}]`)).toMatchObject({ received: 1, accepted: 0 })
    await untilStored(Math.ceil(sent.length / 30_000), 'quarantine')
    expect((await listQuarantine()).map((row) => row['sent']).join('')).toBe(sent)
  })

  it('may be an event that is too large for a row', async () => {
    const response = await takeOnPaidPlan([
      buildEvent({ note: 'a'.repeat(2_000_000) }),
      buildEvent(),
    ])
    expect(response.quarantined).toEqual([
      { index: 0, reason: 'the event is larger than 1900000 bytes' },
    ])
    await untilStored(1)
  })

  it('has a short reason, whatever the name of its parameter', async () => {
    const text = `[{"${'n'.repeat(1_800_000)}":"\\ud800"}]`
    const { quarantined } = await takeOnPaidPlan(text)
    expect(quarantined[0]?.reason).toMatch(/^n{100}… contains broken Unicode text$/)
    await untilStored(Math.ceil((text.length - 2) / 30_000), 'quarantine')
  })

  it('is quarantined together with others of the same reason, and reported in one line', async () => {
    const event = JSON.stringify(buildEvent())
    const response = await takeLarge(`[${'{},'.repeat(29_000)}5 , ${event}, {"a":1}, "ї"]`)
    expect(response).toEqual({
      received: 29_004,
      accepted: 1,
      quarantined: [
        { index: 0, reason: 'activityStatus is missing (29001 elements)' },
        { index: 29_000, reason: 'the element is a number; an event is an object' },
        { index: 29_003, reason: 'the element is a string; an event is an object' },
      ],
      deferred: 0,
    })
    expect(await count('activity')).toBe(1)
    const items = await listItems()
    expect(items.map(({ kind, elementIndex }) => [kind, elementIndex])).toEqual([
      ['body', 0],
      ['element', 29_000],
      ['element', 29_003],
    ])
    expect(items[0]?.sent === `[${'{},'.repeat(29_000)}{"a":1}]`).toBe(true)
  })

  it('is quarantined together with others if there are too many reasons to list', async () => {
    const bodies = Array.from({ length: 400 }, (_, index) => `{"a${index}":"\\ud800"}`)
    const { quarantined } = await takeLarge(`[${bodies}]`)
    expect(quarantined).toHaveLength(101)
    expect(quarantined.at(-1)).toEqual({ index: 100, reason: 'other reasons (300 elements)' })
    const items = await listItems()
    expect(items.at(-1)?.sent).toBe(`[${bodies.slice(100)}]`)
  })

  it('is quarantined in pieces small enough to replay, with equal elements in one piece', async () => {
    const long = (index: number) => `{"n":${index},"text":"${'x'.repeat(3_000)}"}`
    const elements = Array.from({ length: 600 }, (_, index) => long(index % 590))
    await takeLarge(`[${elements}]`)
    const items = await listItems()
    expect(items.flatMap(({ sent }) => JSON.parse(sent) as unknown[])).toHaveLength(600)
    expect(Math.max(...items.map(({ sent }) => sent.length))).toBeLessThan(600_000)
    for (const text of [long(0), long(9)]) {
      expect(items.map(({ sent }) => sent.split(text).length - 1)).toEqual([2, 0, 0, 0])
    }
  })

  it('may be a body with far too many elements, which is quarantined as a whole', async () => {
    const text = `[${'1,'.repeat(29_999)}${JSON.stringify(buildEvent())}, 2 ]`
    expect(await takeAndStore(text)).toEqual({
      received: 30_001,
      accepted: 0,
      quarantined: [{ index: 0, reason: 'the body has more than 30000 elements' }],
      deferred: 0,
    })
    const [items] = await listItems()
    expect(items).toMatchObject({ kind: 'body', elementIndex: 0 })
    expect(items?.sent === text).toBe(true)
  })

  it('may be one of millions, as in seven megabytes of empty elements', async () => {
    const text = `[${'1,'.repeat(3_499_998)}1]`
    expect(await takeOnPaidPlan(text)).toMatchObject({ received: 3_499_999, accepted: 0 })
    await vi.waitFor(async () => expect((await listItems())[0]?.sent === text).toBe(true), {
      timeout: 40_000,
      interval: 500,
    })
  }, 600_000)

  it('is reported with the key of the events if they are inside an object', async () => {
    const { quarantined } = await takeAndStore({ total: 1, events: [buildEvent()] })
    expect(quarantined).toEqual([
      {
        index: 0,
        reason:
          'the body is an object with the key "events", not an array of events: activityStatus is missing',
      },
    ])
    const wrapped = 'not an array of events: '
    for (const [body, reason] of [
      [{ data: { events: [buildEvent()] } }, 'an object with the key "data", in it "events", '],
      [
        { meta: { page: 1 }, a: { b: { items: [5] } } },
        'an object with the key "a", in it "b", in it "items", ',
      ],
      [{ items: [1] }, 'an object with the key "items", '],
      [{ events: [] }, 'an object with the key "events", '],
      [[[buildEvent()]], 'an array inside an array, '],
      [[[[5]]], 'an array inside an array, '],
    ] as const) {
      const response = await takeAndStore(body)
      expect(response.quarantined[0]?.reason).toContain(`the body is ${reason}${wrapped}`)
    }
    // Lists that an event may have are not mistaken for events.
    for (const body of [
      { contactId: 1, subscriptions: ['a'] },
      { email: 'a', x: { y: [1] } },
      {},
    ]) {
      const response = await takeAndStore(body)
      expect(response.quarantined[0]?.reason).toBe('activityStatus is missing')
    }
    // Other lists of objects in an event belong to it.
    expect(await takeAndStore(buildEvent({ items: [{ a: 1 }] }))).toMatchObject({ accepted: 1 })
    expect((await takeAndStore([{ events: [{}] }])).quarantined[0]?.reason).toBe(
      'activityStatus is missing',
    )
  })

  it('is the only one quarantined if its bytes are not UTF-8', async () => {
    const good = JSON.stringify(buildEvent())
    const bad = '{"messageName":"\xd0"}'
    expect(await take(latin1(`[${bad},${good}]`))).toMatchObject({
      accepted: 1,
      quarantined: [{ index: 0, reason: 'the event has bytes that are not UTF-8' }],
    })
    await untilStored(1, 'quarantine')
    expect((await listQuarantine())[0]).toMatchObject({ kind: 'bytes', sent: bad })
  })
})

describe('a rejected body', () => {
  it('is reported with the position of the JSON error', async () => {
    expect(await errorOf(await post('[{"a":1},\n {"a":}]'))).toEqual({
      status: 400,
      code: 'not_json',
      message: 'The body is not JSON: unexpected "}" in line 2, column 7.',
      offset: 16,
      line: 2,
      column: 7,
    })
  })

  it.each(['', '5', 'null', 'iid=1&status=READ'])('may be %j', async (body) => {
    expect(await errorOf(await post(body))).toMatchObject({ status: 400, code: 'not_json' })
  })

  it('may be over the limit, but not at the limit', async () => {
    const text = JSON.stringify([buildEvent()])
    const limit = (bytes: number) => postWith({ MAX_BODY_BYTES: String(bytes) }, text)
    expect((await limit(text.length)).status).toBe(200)
    await untilStored(1)
    expect(await errorOf(await limit(text.length - 1))).toMatchObject({
      status: 413,
      code: 'body_too_large',
      maxBytes: text.length - 1,
    })
  })

  it('is measured if its length is not given', async () => {
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(1_000).fill(32)),
    })
    const init = { method: 'POST', headers: { Authorization: CREDENTIALS }, body }
    const response = await app.request(url, init, { ...env, MAX_BODY_BYTES: '5000' })
    expect(await errorOf(response)).toMatchObject({ status: 413 })
  })

  it('may be larger than the limit and declared as smaller', async () => {
    const headers = { Authorization: CREDENTIALS, 'Content-Length': '2' }
    const init = { method: 'POST', headers, body: ' '.repeat(6_000) }
    const response = await app.request(url, init, { ...env, MAX_BODY_BYTES: '5000' })
    expect(await errorOf(response)).toMatchObject({ status: 413 })
  })

  it('may be truncated', async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('[{"a":'))
        controller.error(new Error('connection lost'))
      },
    })
    const init = { method: 'POST', headers: { Authorization: CREDENTIALS }, body }
    const response = await app.request(url, init, env)
    expect(await errorOf(response)).toMatchObject({ status: 400, code: 'broken_transfer' })
  })

  it('is not even read without valid credentials', async () => {
    const response = await post('not json', { Authorization: basic('yespo:wrong') })
    expect(response.status).toBe(401)
  })
})
