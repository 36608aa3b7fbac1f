import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { keyOfFile } from '../../src/db/archive/files.ts'
import { DAY_MS } from '../../src/event/clock.ts'
import { readContact } from '../../src/history/contact-record.ts'
import { listHistory } from '../../src/history/list.ts'
import { LIMITS } from '../../src/history/work.ts'
import type { EventKey } from '../../src/db/stored-event.ts'
import { buildEvent } from '../event.ts'
import { clearTables, list, read } from '../receiver.ts'
import { store, storeText } from '../store-events.ts'
import { visit } from '../visit.ts'
import { archive, BUCKET, historyOf, readStored, writeFile } from './archiving.ts'

beforeEach(clearTables)

const START = Date.UTC(2024, 0, 10)
const BIG = '9223372036854775807'

const at = (day: number, changes: Record<string, unknown> = {}) =>
  buildEvent({
    activityDateTime: new Date(START + day * DAY_MS).toISOString().slice(0, 19),
    contactId: 7,
    email: 'anna@example.com',
    ...changes,
  })

const json = async (path: string) => (await read(path)).json<Record<string, unknown>>()

/** A bucket that counts its reads, or fails them. */
function watchBucket(failure?: Error): { bucket: R2Bucket; reads: () => number } {
  let reads = 0
  const get = async (key: string, options: R2GetOptions) => {
    reads++
    if (failure) throw failure
    return BUCKET.get(key, options)
  }
  return { bucket: { get } as unknown as R2Bucket, reads: () => reads }
}

describe('an archived event', () => {
  it('is found by the identifiers of its contact, as is everything of the contact', async () => {
    await store(at(0), at(40), at(80), at(1, { contactId: 8, email: 'bert@example.com' }))
    await archive((await readStored()).slice(0, 3))
    const { contacts, activity, next } = await json('/contacts?email=ANNA@example.com')
    expect(contacts).toMatchObject([{ contactId: 7, identifiers: { email: ['anna@example.com'] } }])
    expect(activity).toMatchObject([
      { activityDateTime: '2024-03-30T00:00:00' },
      { activityDateTime: '2024-02-19T00:00:00' },
      { activityDateTime: '2024-01-10T00:00:00' },
    ])
    expect(next).toBeNull()
    expect(await json('/contacts/8')).toMatchObject({ activity: [{ contactId: 8 }], next: null })
    expect((await read('/contacts/9')).status).toBe(404)
  })

  it('is found by its ID, with and without its contact', async () => {
    await store(at(0), at(0), at(1, { contactId: 8 }))
    const [event, , other] = await readStored()
    await archive(await readStored())
    const path = `/activity/${event?.occurredAt}.${event?.id}`
    expect(await json(path)).toMatchObject({ iid: event?.iid })
    expect(await json(`${path}?contactId=7`)).toMatchObject({ iid: event?.iid })
    expect((await read(`/activity/${event?.occurredAt}.${other?.id}`)).status).toBe(404)
  })

  it('is not missed when its contact has more files than one request reads', async () => {
    await store(at(0, { iid: 'oldest' }), ...Array.from({ length: 120 }, (_, day) => at(day + 1)))
    const stored = await readStored()
    for (const event of stored) await archive([event])
    const path = '/deliveries/oldest?contactId=7'
    let response = await read(path)
    expect(response.status).toBe(404)
    for (let tries = 0; response.status === 404 && tries < 120; tries++) {
      const { error } = await response.json<{ error: { next: string } }>()
      response = await read(`${path}&cursor=${error.next}`)
    }
    expect(await response.json()).toMatchObject({ complete: true, activity: [{ iid: 'oldest' }] })
  })

  it('belongs to its delivery, with the events of it that are still stored', async () => {
    const iid = 'own-1'
    await store(
      at(0, { iid }),
      at(1, { iid, activityStatus: 'READ' }),
      at(2, { iid, activityStatus: 'CLICKED' }),
      at(0, { iid: 'nobody', contactId: null }),
    )
    await archive((await readStored()).filter(({ activityStatus }) => activityStatus !== 'CLICKED'))
    for (const query of ['', '?contactId=7']) {
      const { state, complete, activity } = await json(`/deliveries/${iid}${query}`)
      expect({ state, complete, events: (activity as unknown[]).length }).toEqual({
        state: 'CLICKED',
        complete: true,
        events: 3,
      })
    }
    expect(await json('/deliveries/nobody')).toMatchObject({ activity: [{ iid: 'nobody' }] })
    expect((await read('/deliveries/none')).status).toBe(404)
  })

  it('is exported', async () => {
    await store(...[0, 1, 2, 40, 41].map((day) => at(day)))
    const ids = (await readStored()).map(({ occurredAt, id }) => `${occurredAt}.${id}`)
    await archive((await readStored()).slice(0, 4))
    const lines = (await (await read('/activity.ndjson')).text()).trim().split('\n')
    const exported = lines.map((line) => (JSON.parse(line) as { id: string }).id)
    expect(exported).toEqual(ids.toReversed())
    const rest = await (await read(`/activity.csv?cursor=${exported[1]}`)).text()
    expect(
      rest
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(',')[0]),
    ).toEqual(exported.slice(2))
  })

  it('of a contact beyond 2^53 is on its page', async () => {
    const sent = JSON.stringify(at(0, { contactId: 'BIG', email: 'big@example.com' }))
    await storeText(`[${sent.replace('"BIG"', BIG)}]`)
    await archive(await readStored())
    const page = await (await visit(`/contact/${BIG}`)).text()
    expect(page).toContain('big@example.com')
    expect(page).toContain(`?contactId=${BIG}`) // with it, the event is found quickly
  })
})

describe('a contact', () => {
  const readAll = () => readContact(historyOf(), '7')

  it('has counts and notable events from both places, each event once', async () => {
    await store(
      at(0),
      at(1, { activityStatus: 'READ' }),
      at(2, { activityStatus: 'SPAM' }),
      at(3, { activityStatus: 'UNDELIVERED', hardBounce: true }),
      at(4, { activityStatus: 'UNDELIVERED', hardBounce: false }),
      at(5, { activityStatus: 'SPAM' }),
      at(6),
    )
    const stored = await readAll()
    expect(stored.counts).toHaveLength(4)
    expect(stored.notable[2]).toMatchObject({
      activityStatus: 'UNDELIVERED',
      occurredAt: START + 4 * DAY_MS,
    })
    const spam = stored.notable.filter(({ activityStatus }) => activityStatus === 'SPAM')
    expect(spam.map(({ firstAt }) => firstAt)).toEqual([START + 2 * DAY_MS, START + 2 * DAY_MS])
    expect(stored.last.get('email')).toMatchObject([{ occurredAt: START + 6 * DAY_MS }])
    const events = await readStored()
    await writeFile(events.slice(4, 6), 'written')
    expect(await readAll()).toEqual(stored)
    await archive(events.slice(0, 4))
    expect(await readAll()).toEqual(stored)
  })
})

describe('the archive', () => {
  it('is not read for a page of newer events, nor without a bucket', async () => {
    await store(...[0, 1, 60, 61, 62].map((day) => at(day)))
    await archive((await readStored()).slice(0, 2))
    const { bucket, reads } = watchBucket()
    const history = { ...historyOf(), bucket }
    const newest = await listHistory(history, { parameters: {} }, 2, undefined)
    expect(newest.events).toHaveLength(2)
    expect(reads()).toBe(0)
    const filter = { parameters: { contactId: ['8'] } }
    expect((await listHistory(history, filter, 2, undefined)).events).toEqual([])
    expect(reads()).toBe(0)
    const all = await listHistory(history, { parameters: {} }, 9, undefined)
    expect(all.events).toHaveLength(5)
    expect(reads()).toBe(1) // all of a small file
    const without = { ...historyOf(), bucket: undefined }
    expect((await listHistory(without, { parameters: {} }, 9, undefined)).events).toHaveLength(3)
  })

  it('makes a page fail if a file of it is missing, and no other', async () => {
    await store(...[0, 1, 60, 61].map((day) => at(day)))
    const [key] = await archive((await readStored()).slice(0, 2))
    const file = key ? keyOfFile(key) : ''
    await BUCKET.delete(file)
    const failed = await read('/contacts/7')
    expect([failed.status, failed.headers.get('Retry-After')]).toEqual([503, '10'])
    expect(await failed.json()).toMatchObject({
      error: { code: 'archive_unavailable', file },
    })
    expect((await list('?limit=2')).activity).toHaveLength(2)
  })

  it('does not read files that take the place of others', async () => {
    await store(at(0))
    const events = await readStored()
    await archive(events)
    await writeFile(events, 'merging')
    expect((await list()).activity).toHaveLength(1)
    const sql = "UPDATE archive SET state = iif(state = 'merging', 'done', 'merging')"
    await env.DB.prepare(sql).run()
    expect((await list()).activity).toHaveLength(1)
  })

  it('ends a page before it takes too many reads of the bucket', async () => {
    await store(...Array.from({ length: 30 }, (_, index) => at(index * 31)))
    await archive(await readStored())
    const { bucket, reads } = watchBucket()
    const limits = { ...LIMITS.paid, reads: 5, parallel: 2 }
    const filter = { parameters: { contactId: ['7'] } }
    const found: number[] = []
    for (let after: EventKey | undefined | null; after !== null;) {
      const before = reads()
      const page = await listHistory(historyOf(limits, bucket), filter, 50, after)
      expect(reads() - before).toBeLessThan(10)
      found.push(...page.events.map(({ occurredAt }) => occurredAt))
      after = page.next
    }
    expect(found).toEqual(
      Array.from({ length: 30 }, (_, index) => START + (29 - index) * 31 * DAY_MS),
    )
  })

  it('rejects a search of far too many events at once', async () => {
    await store(...[0, 1].map((day) => at(day)))
    await archive(await readStored())
    const limits = { ...LIMITS.paid, cells: 1, most: 10 }
    await expect(
      listHistory(historyOf(limits), { parameters: {} }, 5, undefined),
    ).rejects.toMatchObject({ status: 400, code: 'too_much_to_search' })
  })
})
