import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { buildEvent } from '../event.ts'
import { faultyQueue } from '../faulty.ts'
import { clearTables, count, list, listQuarantine, postWith, type Taken } from '../receiver.ts'
import { rebuild } from '../rebuild.ts'
import { store, storeText } from '../store-events.ts'
import { storeFromApi } from '../store-from-api.ts'

beforeEach(clearTables)

/** The stored events as sent, with sorted keys. */
async function stored(): Promise<string[]> {
  const { activity } = await list('?limit=500')
  return activity.map((each) => sorted(rebuild(each))).sort()
}

function sorted(event: object): string {
  const members = Object.entries(event).filter(([, value]) => value !== null)
  return JSON.stringify(members.sort(([a], [b]) => (a < b ? -1 : 1)))
}

const click = buildEvent({ activityStatus: 'CLICKED', clickEventLink: 'https://example.com/a' })
const bounce = buildEvent({ activityStatus: 'UNDELIVERED', hardBounce: false })

describe('two different events are both stored', () => {
  it.each<[string, object, object]>([
    ['a hard bounce in the second of a soft one', bounce, { ...bounce, hardBounce: true }],
    ['two reasons in one second', bounce, { ...bounce, statusDescription: '5.1.1' }],
    ['clicks with two devices in one second', click, { ...click, osName: 'iOS' }],
    ['two contacts with one iid', click, { ...click, contactId: 5, email: 'b@example.com' }],
    ['two subscription changes', click, { ...click, subscriptions: ['news'] }],
    ['events that only differ in an unknown parameter', click, { ...click, position: 2 }],
    ['data of the status', { ...click, statusData: { a: 1 } }, { ...click, statusData: { a: 2 } }],
    ['a request, or none', { ...click, externalRequestId: 'x' }, click],
    ['two without an iid', { ...click, iid: '' }, { ...click, iid: '', messageId: 5 }],
  ])('%s', async (_case, one, other) => {
    const both = [sorted(one), sorted(other)].sort()
    for (const bodies of [
      [[one], [other]],
      [[one], [other, one]],
      [[other, one], [one]],
      [
        [one, other],
        [other, one],
      ],
    ]) {
      await clearTables()
      for (const body of bodies) await store(...body)
      expect(await stored()).toEqual(both)
    }
  })

  it('if they are identical clicks in one body, and only once if it is repeated', async () => {
    await store(click, click)
    await store(click, click)
    await store(click)
    expect(await count('activity')).toBe(2)
  })
})

describe('one event is stored once', () => {
  it.each<[string, object]>([
    ['by itself or with others, with its parameters in any order', {}],
    ['with a space in its time', { activityDateTime: '2023-09-14 08:30:03' }],
    ['with its time in UTC', { activityDateTime: '2023-09-14T08:30:03Z' }],
    ['with its time in milliseconds', { activityDateTime: 1694680203000 }],
    ["with its channel as in Yespo's documentation", { mediaType: 'Email' }],
    ['with its channel in capitals', { mediaType: 'EMAIL' }],
    ['with an ID as text', { contactId: '889891911', messageId: '2489300' }],
    ['with nulls', { osName: null, subscriptions: null }],
    ['with empty texts', { messageName: '', statusDescription: '' }],
    ['with empty extra parameters', { externalRequestId: null, statusData: {} }],
  ])('%s', async (_case, changes) => {
    for (const without of [{}, { iid: undefined }]) {
      await clearTables()
      await store({ ...click, ...without })
      const again = Object.entries({ ...click, ...without, ...changes }).reverse()
      await store(buildEvent(), Object.fromEntries(again))
      expect(await count('activity')).toBe(2)
      expect(await stored()).toContain(sorted(JSON.parse(JSON.stringify({ ...click, ...without }))))
    }
  })

  it('even if the API reports it, too', async () => {
    await store(click)
    await storeFromApi(Date.now(), { ...click, externalRequestId: 'x', statusData: { a: 1 } })
    expect(await count('activity')).toBe(1)
  })

  it('from two webhooks, in different bodies', async () => {
    const other = { ...bounce, hardBounce: true }
    await store(click, bounce, click, other)
    await store(other, click)
    await store(bounce)
    expect(await count('activity')).toBe(4)
  })
})

it('stores each event of random bodies as often as the body that has it most often', async () => {
  const kinds = [click, { ...click, osName: 'iOS' }, bounce, { ...bounce, hardBounce: true }]
  const body = fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(fc.array(body, { minLength: 1, maxLength: 5 }), async (bodies) => {
      await clearTables()
      for (const each of [...bodies, ...bodies.toReversed()]) await store(...each)
      const expected = kinds.flatMap((kind) => {
        const counts = bodies.map((each) => each.filter((event) => event === kind).length)
        return Array.from({ length: Math.max(...counts) }, () => sorted(kind))
      })
      expect(await stored()).toEqual(expected.sort())
    }),
    { numRuns: 30 },
  )
})

describe('a key twice in one object', () => {
  const direct = { ACTIVITY_QUEUE: faultyQueue(new Error('down')) }
  const again = (member: string, event: object = click) =>
    JSON.stringify(event).replace('{', `{${member},`)

  it.each([
    ['"contactId":1', 'contactId is given twice'],
    ['"\\u0063ontactId":1', 'contactId is given twice'],
    ['"activityStatus":"READ"', 'activityStatus is given twice'],
    ['"x":{"a":1,"a":2}', 'a key inside x is given twice'],
    ['"x":[{"y":{"a":1,"a":[]}}]', 'a key inside x is given twice'],
    [`"${'k'.repeat(150)}":1,"${'k'.repeat(150)}":2`, `${'k'.repeat(100)}… is given twice`],
  ])('is quarantined unchanged: %s', async (member, reason) => {
    const text = again(member)
    const response = await postWith(direct, `[${JSON.stringify(bounce)},${text},"{\\"a\\":1}"]`)
    const { accepted, quarantined } = await response.json<Taken>()
    expect(accepted).toBe(1)
    expect(quarantined).toMatchObject([{ index: 1, reason }, { index: 2 }])
    expect(await listQuarantine()).toContainEqual(expect.objectContaining({ reason, sent: text }))
    expect(await stored()).toEqual([sorted(bounce)])
  })

  it('does not change the IDs of other events', async () => {
    await postWith(direct, `[${again('"messageId":1')},${JSON.stringify(click)}]`)
    await store(click)
    expect([await count('activity'), await count('quarantine')]).toEqual([1, 1])
  })

  it('loses nothing if both have the same value', async () => {
    await storeText(`[${again('"contactId": 889891911 ')}]`)
    await storeText(`[${again('"mediaType":"email"')}]`)
    expect(await stored()).toEqual([sorted(click)])
  })

  it('is found even next to bytes that are not UTF-8, and in a single event', async () => {
    const broken = Buffer.from(`[{"a":"\xff"},${again('"contactId":1')}]`, 'latin1')
    const reasons = async (body: string | Uint8Array) =>
      (await (await postWith(direct, body)).json<Taken>()).quarantined.map(({ reason }) => reason)
    expect(await reasons(new Uint8Array(broken))).toEqual([
      'the event has bytes that are not UTF-8',
      'contactId is given twice',
    ])
    expect(await reasons(again('"contactId":1'))).toEqual(['contactId is given twice'])
    expect(await reasons(`[${again('"contactId":1.0')}]`)).toEqual(['contactId is given twice'])
  })
})

it.each([
  ['milliseconds', '1764151200000', '2025-11-26T10:00:00.000Z'],
  ['milliseconds as text', '"1764151200000"', '2025-11-26T10:00:00.000Z'],
  ['milliseconds with a fraction', '1764151200000.0', '2025-11-26T10:00:00.000Z'],
  ['seconds', '1764151200', '2025-11-26T10:00:00.000Z'],
  ['UTC after it', '"2025-11-26 10:00:00 UTC"', '2025-11-26T10:00:00.000Z'],
  ['GMT after it', '"2025-11-26T10:00:00 GMT"', '2025-11-26T10:00:00.000Z'],
  ['spaces around it', '" 2025-11-26T10:00:00\\t"', '2025-11-26T10:00:00.000Z'],
])('reads a time with %s, and returns it unchanged', async (_case, literal, moment) => {
  const text = JSON.stringify(click).replace(/"2023-09-14T08:30:03"/, literal)
  await storeText(`[${text}]`)
  const [activity] = (await list()).activity
  expect(new Date(activity?.occurredAt ?? 0).toISOString()).toBe(moment)
  const { results } = await env.DB.prepare('SELECT activityDateTime, extra FROM events').all()
  const kept = JSON.stringify(results[0])
  expect(kept).toContain(literal.startsWith('"') ? literal : `{\\"activityDateTime\\":${literal}}`)
})
