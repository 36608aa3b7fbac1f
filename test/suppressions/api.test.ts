import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { canonicalChannel } from '../../src/event/channel.ts'
import { buildEvent } from '../event.ts'
import { faultyQueue } from '../faulty.ts'
import { list, postWith, read } from '../receiver.ts'
import { store } from '../store-events.ts'
import { Random } from '../../src/simulator/random.ts'

type Event = Record<string, unknown>
type Suppression = Event & { activityId: string; occurredAt: number; reason: string }
type Page = { suppressions: Suppression[]; next: string; more: boolean }

async function readPage(query = ''): Promise<Page> {
  const response = await read(`/suppressions${query}`)
  expect(response.status).toBe(200)
  return response.json()
}

const at = (second: number, changes: Event = {}) =>
  buildEvent({ activityDateTime: new Date(second * 1000).toISOString().slice(0, 19), ...changes })

const spam = (second: number, changes: Event = {}) =>
  at(second, { activityStatus: 'SPAM', ...changes })

/** Follows `next` like a cron job, from where it stopped the last time. */
class Follower {
  readonly seen: Suppression[] = []
  #next = ''
  readonly #query: string

  constructor(query: string) {
    this.#query = query
  }

  /** Reads all new pages. @returns their number */
  async catchUp(): Promise<number> {
    for (let pages = 1; pages < 100; pages++) {
      const since = this.#next && `&since=${this.#next}`
      const { suppressions, next, more } = await readPage(`?${this.#query}${since}`)
      this.seen.push(...suppressions)
      this.#next = next
      if (!more) return pages
    }
    throw new Error('the feed never ends')
  }
}

function reasonOf({ activityStatus, hardBounce }: Event): string | undefined {
  if (activityStatus === 'UNDELIVERED') return hardBounce === true ? 'HARD_BOUNCE' : undefined
  return activityStatus === 'SPAM' || activityStatus === 'UNSUBSCRIBED' ? activityStatus : undefined
}

const STATUSES = [
  'DELIVERED',
  'READ',
  'UNDELIVERED',
  'SPAM',
  'UNSUBSCRIBED',
  'SUBSCRIPTION_CHANGED',
]

function makeBatch(random: Random): Event[] {
  return Array.from({ length: random.between(1, 30) }, () =>
    at(random.between(0, 1_000_000), {
      activityStatus: random.pick(STATUSES),
      hardBounce: random.pick([true, false, null]),
      mediaType: random.pick(['email', 'sms', 'web push', null]),
      email: `a${random.hex(8)}@example.com`,
    }),
  )
}

describe('a follower', () => {
  it.each<[string, (event: Event) => boolean]>([
    ['limit=1', () => true],
    ['limit=7', () => true],
    ['limit=1000', () => true],
    ['limit=3&reason=SPAM', (event) => reasonOf(event) === 'SPAM'],
    ['limit=2&reason=HARD_BOUNCE,UNSUBSCRIBED', (event) => reasonOf(event) !== 'SPAM'],
    ['limit=5&mediaType=sms', ({ mediaType }) => mediaType === 'sms'],
    [
      'mediaType=email,web%20push&reason=SPAM',
      (event) =>
        reasonOf(event) === 'SPAM' && ['email', 'web push'].includes(String(event['mediaType'])),
    ],
  ])('with %s sees each event once, in order of arrival', async (query, fits) => {
    const random = new Random(query.length)
    const follower = new Follower(query)
    const sent: Event[] = []
    const rounds: Event[][] = []
    for (let round = 0; round < 25; round++) {
      const batch = makeBatch(random)
      const again = sent.filter(() => random.chance(0.05))
      await store(...again, ...batch)
      sent.push(...batch)
      rounds.push(batch.filter((event) => reasonOf(event) !== undefined && fits(event)))
      if (random.chance(0.6)) await follower.catchUp()
    }
    await follower.catchUp()
    // In order of arrival, whenever it happened.
    const addresses = rounds.flatMap((batch) => batch.map(({ email }) => email))
    const roundOf = new Map(rounds.flatMap((batch, round) => batch.map((e) => [e['email'], round])))
    const all = new Follower('limit=1000')
    await all.catchUp()
    const expected = all.seen.filter(({ activityId }) =>
      follower.seen.some((each) => each.activityId === activityId),
    )
    expect(follower.seen).toEqual(expected)
    const emails = new Map<unknown, unknown>()
    let cursor = ''
    do {
      const page = await list(`?limit=500${cursor}`)
      for (const { id, email } of page.activity) emails.set(id, email)
      cursor = page.next === null ? '' : `&cursor=${page.next}`
    } while (cursor !== '')
    const seen = follower.seen.map(({ activityId }) => emails.get(activityId))
    expect(seen.toSorted()).toEqual(addresses.toSorted())
    const order = seen.map((email) => roundOf.get(email) ?? -1)
    expect(order).toEqual(order.toSorted((a, b) => a - b))
  })

  it('continues after the last rows were deleted', async () => {
    const follower = new Follower('limit=2')
    await store(spam(1), spam(2), spam(3))
    await follower.catchUp()
    await env.DB.prepare('DELETE FROM suppressions').run()
    await follower.catchUp()
    await store(spam(-4))
    await store(spam(5), spam(6))
    await follower.catchUp()
    expect(follower.seen.map(({ occurredAt }) => occurredAt)).toEqual([
      1000, 2000, 3000, -4000, 5000, 6000,
    ])
  })

  it('sees nothing twice if an event is stored again after it was deleted', async () => {
    const follower = new Follower('limit=2')
    const event = spam(1)
    await store(event)
    await follower.catchUp()
    await env.DB.prepare('DELETE FROM activity').run()
    await store(event)
    await follower.catchUp()
    expect(follower.seen).toHaveLength(1)
  })

  it('with a filter finds one among thousands of others', async () => {
    for (let batch = 0; batch < 3; batch++) {
      await store(...Array.from({ length: 2_500 }, (_, index) => spam(index, { contactId: index })))
    }
    await store(spam(1, { activityStatus: 'UNSUBSCRIBED' }))
    const follower = new Follower('reason=UNSUBSCRIBED')
    expect(await follower.catchUp()).toBeLessThanOrEqual(3)
    expect(follower.seen).toHaveLength(1)
    expect(await follower.catchUp()).toBe(1)
  })
})

describe('a suppression', () => {
  it.each([
    ['email', 'e@example.com'],
    ['Email', 'e@example.com'],
    ['sms', '380000000001'],
    ['viber', '380000000001'],
    ['Viber', '380000000001'],
    ['web push', 'web token'],
    ['webpush', 'web token'],
    ['mobile push', 'app token'],
    ['mobilepush', 'app token'],
    ['Mobile Push', 'app token'],
    ['AppInbox', 'app token'],
    ['in-app', 'app token'],
    ['telegram', null],
    ['widget', null],
    [null, null],
  ])('of the channel %j has the address %j', async (mediaType, address) => {
    const addresses = { email: 'e@example.com', sms: '380000000001' }
    const tokens = { webpush: 'web token', mobilepush: 'app token' }
    await store(spam(1, { mediaType, ...addresses, ...tokens }))
    expect((await readPage()).suppressions).toMatchObject([
      { mediaType: mediaType && canonicalChannel(mediaType), address },
    ])
  })

  it('has the contact, reason, time and event', async () => {
    const who = { contactId: 5, externalCustomerId: 'customer', email: 'e@example.com' }
    const statusDescription = '5.1.1 (no such user)'
    const bounce = { activityStatus: 'UNDELIVERED', hardBounce: true, statusDescription }
    await store(at(7, { ...who, ...bounce }))
    const activityId = (await list()).activity[0]?.id
    expect(await readPage()).toEqual({
      suppressions: [
        {
          reason: 'HARD_BOUNCE',
          mediaType: 'email',
          address: 'e@example.com',
          addressType: 'email',
          contactId: 5,
          externalCustomerId: 'customer',
          statusDescription,
          occurredAt: 7000,
          activityId,
        },
      ],
      next: expect.stringMatching(/^\d+$/),
      more: false,
    })
  })

  it('keeps every digit of the contact', async () => {
    const text = JSON.stringify([spam(1, { contactId: 1 })])
    const body = text.replace('"contactId":1', '"contactId":9007199254740993')
    await postWith({ ACTIVITY_QUEUE: faultyQueue(new Error('down')) }, body)
    const page = await (await read('/suppressions')).text()
    expect(page).toContain('"contactId":9007199254740993,')
  })

  it('does not follow from a temporary bounce, or one of unknown type', async () => {
    const bounce = { activityStatus: 'UNDELIVERED' }
    await store(at(1, { ...bounce, hardBounce: false }), at(2, bounce))
    await store(at(3, { ...bounce, hardBounce: 'yes' }), at(4, { activityStatus: 'complaint' }))
    expect((await readPage()).suppressions).toEqual([])
  })
})

describe('more', () => {
  it('says whether there are more', async () => {
    await store(spam(1), spam(2), spam(3))
    expect(await readPage('?limit=2')).toMatchObject({ more: true })
    expect(await readPage('?limit=3')).toMatchObject({ more: false })
    const { next } = await readPage('?limit=3')
    expect(await readPage(`?since=${next}`)).toEqual({ suppressions: [], next, more: false })
  })

  it('is false if only others are left', async () => {
    await store(spam(1))
    await store(spam(2, { activityStatus: 'UNSUBSCRIBED' }))
    expect(await readPage('?limit=1&reason=SPAM')).toMatchObject({ more: false })
  })
})

describe('an invalid parameter is rejected by name', () => {
  it.each([
    ['since=x', 'since'],
    ['since=', 'since'],
    ['since=-1', 'since'],
    ['since=2024-01-01', 'since'],
    ['reason=spam', 'reason'],
    ['reason=SPAM,,', 'reason'],
    ['reason=UNDELIVERED', 'reason'],
    ['limit=1001', 'limit'],
    ['cursor=1', 'cursor'],
  ])('%s', async (query, parameter) => {
    const response = await read(`/suppressions?${query}`)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { parameter } })
  })
})
