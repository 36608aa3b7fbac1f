import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { timeOfUuid } from '../../src/db/events/find-delivery.ts'
import { buildEvent } from '../event.ts'
import { read, type Responded } from '../receiver.ts'
import { store } from '../store-events.ts'
import { Random } from '../../src/simulator/random.ts'

type Event = Record<string, unknown>
type FirstEvent = { events: number; occurredAt: number; activityId: string } | null
type Delivery = {
  iid: string
  state: string | null
  undelivered:
    (FirstEvent & { hardBounce: boolean | null; statusDescription: string | null }) | null
  spam: FirstEvent
  unsubscribed: FirstEvent
  complete: boolean
  activity: Responded[]
}

async function readDelivery(iid: string): Promise<Delivery> {
  const response = await read(`/deliveries/${encodeURIComponent(iid)}`)
  expect(response.status, iid).toBe(200)
  return response.json()
}

/** Repeats the request with `next` until the delivery is found. */
async function search(iid: string): Promise<{ delivery: Delivery; steps: number }> {
  let cursor = ''
  for (let steps = 1; ; steps++) {
    const response = await read(`/deliveries/${encodeURIComponent(iid)}${cursor}`)
    if (response.status === 200) return { delivery: await response.json(), steps }
    const { error } = await response.json<{ error: { next: string } }>()
    expect(error.next).toBeDefined()
    cursor = `?cursor=${error.next}`
  }
}

const at = (second: number, changes: Event = {}) =>
  buildEvent({ activityDateTime: new Date(second * 1000).toISOString().slice(0, 19), ...changes })

const timesOf = (events: { occurredAt: number }[]) => events.map(({ occurredAt }) => occurredAt)

function* permute<T>(items: readonly T[]): Generator<T[]> {
  if (items.length === 0) yield []
  for (const [index, item] of items.entries()) {
    for (const rest of permute(items.toSpliced(index, 1))) yield [item, ...rest]
  }
}

describe('the ladder', () => {
  const steps = ['SENT', 'DELIVERED', 'READ', 'CLICKED']

  it('shows the highest step, in any order of arrival and at any times', async () => {
    for (const arrival of permute(steps)) {
      for (const times of [
        [1, 2, 3, 4],
        [4, 3, 2, 1],
        [1, 1, 1, 1],
      ]) {
        const iid = crypto.randomUUID()
        let highest = -1
        for (const activityStatus of arrival) {
          const step = steps.indexOf(activityStatus)
          await store(at(times[step] ?? 0, { iid, activityStatus }))
          highest = Math.max(highest, step)
          expect(await readDelivery(iid)).toMatchObject({ iid, state: steps[highest] })
        }
        const { activity, undelivered, spam, unsubscribed, complete } = await readDelivery(iid)
        expect(timesOf(activity)).toEqual(times.map((time) => time * 1000).sort())
        expect([undelivered, spam, unsubscribed, complete]).toEqual([null, null, null, true])
      }
    }
  })

  it('is not lowered by UNDELIVERED, SPAM and UNSUBSCRIBED, which are reported separately', async () => {
    const sideStatuses = ['UNDELIVERED', 'SPAM', 'UNSUBSCRIBED']
    for (const arrival of permute(['DELIVERED', ...sideStatuses, 'READ'])) {
      const iid = crypto.randomUUID()
      const events = arrival.map((activityStatus, index) => at(index, { iid, activityStatus }))
      await store(...events.slice(0, 2))
      await store(...events.slice(2))
      const { state, undelivered, spam, unsubscribed, activity } = await readDelivery(iid)
      expect(state).toBe('READ')
      const found = [undelivered, spam, unsubscribed]
      for (const [index, status] of sideStatuses.entries()) {
        const occurredAt = arrival.indexOf(status) * 1000
        const activityId = activity.find((each) => each['activityStatus'] === status)?.id
        expect(found[index]).toMatchObject({ events: 1, occurredAt, activityId })
      }
    }
  })

  it('does not start with a bounce or an unknown status, but with a status in any case', async () => {
    await store(at(1, { iid: 'x', activityStatus: 'UNDELIVERED' }))
    await store(at(2, { iid: 'y', activityStatus: 'paused' }))
    await store(at(2, { iid: 'z', activityStatus: 'Delivered' }))
    expect(await readDelivery('x')).toMatchObject({ state: null, undelivered: { events: 1 } })
    expect(await readDelivery('y')).toMatchObject({ state: null, undelivered: null })
    expect(await readDelivery('z')).toMatchObject({ state: 'DELIVERED' })
  })

  it('reports a permanent bounce, even if others are unclear or come later', async () => {
    const bounce = (second: number, hardBounce: boolean | null, statusDescription: string) =>
      at(second, { iid: 'x', activityStatus: 'UNDELIVERED', hardBounce, statusDescription })
    await store(bounce(3, null, 'silent'))
    expect((await readDelivery('x')).undelivered).toMatchObject({ hardBounce: null })
    await store(bounce(1, false, 'full'), bounce(2, true, 'gone'))
    expect((await readDelivery('x')).undelivered).toMatchObject({
      events: 3,
      occurredAt: 2000,
      hardBounce: true,
      statusDescription: 'gone',
    })
  })

  it('reports a temporary bounce if a later one is unclear', async () => {
    const bounce = { iid: 'x', activityStatus: 'UNDELIVERED' }
    await store(at(1, { ...bounce, hardBounce: false }), at(2, { ...bounce, hardBounce: null }))
    expect((await readDelivery('x')).undelivered).toMatchObject({ hardBounce: false })
  })
})

describe('a delivery is found', () => {
  it('without a contact, or if only some of its events have one', async () => {
    await store(at(1, { iid: 'x', contactId: null }))
    await store(at(2, { iid: 'x', contactId: 5 }), at(3, { iid: 'x', contactId: null }))
    await store(at(-5, { iid: 'x', contactId: null }), at(4, { iid: 'x', contactId: 6 }))
    await store(at(1, { iid: 'y', contactId: null }))
    expect(timesOf((await readDelivery('x')).activity)).toEqual([-5000, 1000, 2000, 3000, 4000])
    expect(timesOf((await readDelivery('y')).activity)).toEqual([1000])
  })

  it.each([
    'a',
    '1',
    'abcdefg',
    'abcdefgh',
    'abcdefghi',
    'abcdefghj',
    'ABCDEFGH',
    ';',
    ':',
    '@',
    '%',
    '/',
    '\\',
    '?',
    '#',
    '+',
    ' ',
    ' a',
    'a,b',
    '"',
    "'",
    '5',
    ':5',
    ';a:5',
    'a:5',
    ';;',
    '::',
    'a;a',
    'a:;a',
    'a:5;a',
    '@1000',
    'a:@1000',
    'Привіт світ',
    'Привіт-2',
    '😀😀😀😀😀😀😀😀😀',
    '😀😀😀😀😀😀😀😀😎',
    '👩‍👩‍👧‍👦',
    'e\u0301tude',
    'étude',
    '%2F',
    '%',
    '\u0000',
    'a\u0000b',
    'x'.repeat(3_000),
  ])('by an iid with unusual characters, among similar ones: %j', async (iid) => {
    const others = [
      'a',
      'a:5',
      ';a:5',
      'abcdefgh',
      'Привіт',
      '😀😀😀😀😀😀😀😀',
      iid.slice(1),
      `${iid}.`,
    ]
    const decoys = others.filter((other) => other !== iid && other.isWellFormed())
    await store(...decoys.map((other) => at(9, { iid: other, contactId: 5 })))
    await store(at(1, { iid, contactId: 7 }), at(2, { iid, contactId: null }))
    await store(at(3, { iid, contactId: 7, activityStatus: 'READ' }))
    const { activity, ...own } = await readDelivery(iid)
    expect(own).toMatchObject({ iid, state: 'READ', complete: true })
    expect(timesOf(activity)).toEqual([1000, 2000, 3000])
  })

  it('if its iid looks like the other entries of the index', async () => {
    await store(at(1, { iid: 'a', contactId: 5 }), at(2, { iid: 'a:5;a', contactId: 7 }))
    expect(timesOf((await readDelivery('a:5;a')).activity)).toEqual([2000])
    expect(timesOf((await readDelivery('a')).activity)).toEqual([1000])
  })

  it('among thousands, on several pages, stored in any order', async () => {
    const random = new Random(3)
    const begin = ['', 'a', 'aaaaaaaa', '99d591ab', ';:;:;:;:', '😀']
    const events = Array.from({ length: 6_000 }, (_, index) =>
      at(random.between(0, 5_000), {
        iid: `${random.pick(begin)}${random.chance(0.5) ? '-' : ''}${index % 4_000}`,
        contactId: random.chance(0.1) ? null : 100_000 + random.between(0, 2_000),
        clickEventLink: `https://example.com/${index}`,
        activityStatus: random.pick(['DELIVERED', 'READ', 'CLICKED']),
      }),
    )
    for (let index = 0; index < events.length; index += 1_000) {
      await store(...events.slice(index, index + 1_000))
    }
    const byIid = Map.groupBy(events, ({ iid }) => String(iid))
    const several = [...byIid].filter(([, own]) => own.length > 1).slice(0, 100)
    const some = [...byIid].filter((_, index) => index % 40 === 0)
    for (const [iid, own] of [...several, ...some]) {
      const { activity } = await readDelivery(iid)
      expect(activity.map(({ clickEventLink }) => clickEventLink).sort()).toEqual(
        own.map(({ clickEventLink }) => clickEventLink).sort(),
      )
    }
  }, 300_000)

  it('among many, at once with its contact, and step by step without', async () => {
    const size = 45_000
    for (let from = 0; from < size; from += 3_000) {
      const events = Array.from({ length: 3_000 }, (_, index) =>
        at(from + index, { iid: `yespo-delivery-${from + index}`, contactId: from + index }),
      )
      await store(...events)
    }
    for (const index of [0, 1, 20_000, size - 1]) {
      const iid = `yespo-delivery-${index}`
      const known = await read(`/deliveries/${iid}?contactId=${index}`)
      expect(timesOf((await known.json<Delivery>()).activity)).toEqual([index * 1000])
      const { delivery, steps } = await search(iid)
      expect(timesOf(delivery.activity)).toEqual([index * 1000])
      expect(steps).toBe(Math.ceil((size - index) / 20_000))
    }
    const none = await read('/deliveries/yespo-delivery-1?contactId=2')
    expect(none.status).toBe(404)
  }, 300_000)

  it('at once by the time in its iid, among many newer ones', async () => {
    const [iid, madeAt] = ['019b7450-52d9-11ee-85c4-959256ea468c', 1_694_680_248_341]
    expect(timeOfUuid(iid)).toBe(madeAt)
    const time = Math.floor(madeAt / 1_000)
    await store(
      at(time + 1, { iid, contactId: 5 }),
      at(time + 90_000, { iid, contactId: 5, activityStatus: 'READ' }),
    )
    const newer = 'WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 25000)'
    await env.DB.prepare(
      `${newer} INSERT INTO activity (occurredAt, id, writeId, receivedAt, origin, campaign)
       SELECT ? + v, randomblob(16), 1, 0, 'webhook', 1 FROM n`,
    )
      .bind(madeAt + 1_000_000_000)
      .run()
    expect(await readDelivery(iid)).toMatchObject({
      state: 'READ',
      complete: true,
      activity: [{}, {}],
    })
  })
})

describe('an unknown delivery', () => {
  it.each(['z', 'a', 'abcdefgh', 'abcdefghij', ';', '%', '5', 'x:5', 'ABCDEFGHI', 'abcdefghi '])(
    'is not found: %j',
    async (iid) => {
      await store(at(1, { iid: 'abcdefghi', contactId: 5 }), at(1, { iid: '', contactId: 5 }))
      const response = await read(`/deliveries/${encodeURIComponent(iid)}`)
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ error: { code: 'not_found' } })
    },
  )

  it('cannot be requested with an empty iid', async () => {
    await store(at(1, { iid: '' }))
    expect((await read('/deliveries/')).status).toBe(404)
  })

  it('cannot be requested with an unknown parameter', async () => {
    const response = await read('/deliveries/x?limit=1')
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { parameter: 'limit' } })
  })
})

it('says so if a delivery has more events than are listed', async () => {
  const events = Array.from({ length: 501 }, (_, second) =>
    at(second, { iid: 'x', activityStatus: 'READ' }),
  )
  await store(...events.slice(0, 500))
  expect(await readDelivery('x')).toMatchObject({ complete: true })
  await store(...events.slice(500))
  const { complete, activity } = await readDelivery('x')
  expect([complete, activity.length]).toEqual([false, 500])
})

it('is found with a contact that another was merged into', async () => {
  await store(at(1, { iid: 'X', contactId: 1 }))
  await store(
    at(1, { iid: 'X', contactId: 2 }),
    at(5, { iid: 'X', contactId: 2, activityStatus: 'READ' }),
  )
  expect(await readDelivery('X')).toMatchObject({ state: 'READ', activity: [{}, {}, {}] })
})

it('is found without a contact at any number of moments', async () => {
  const events = Array.from({ length: 60 }, (_, second) =>
    at(second, { iid: 'X', contactId: null }),
  )
  await store(...events)
  expect((await readDelivery('X')).activity).toHaveLength(60)
})
