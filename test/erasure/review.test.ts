import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { DAY_MS } from '../../src/event/clock.ts'
import { startErasure, startTarget, widenErasures } from '../../src/db/erasure/erasures.ts'
import { rebuild } from '../../src/db/derived/rebuild.ts'
import { buildEvent } from '../event.ts'
import { clearBucket, count, list, listQuarantine, read } from '../receiver.ts'
import { store } from '../store-events.ts'
import { runMaintenanceAll, runMaintenance } from '../run-maintenance.ts'
import { ARCHIVE, KEEP, LATER } from '../archive/bucket.ts'
import { consume as consumeWith, erased, withIncident } from './erasing.ts'
import { messagesOf } from '../messages-of.ts'

const anna = { contactId: 4711, email: 'anna@example.com' }
const bert = { contactId: 4712, email: 'bert@example.com' }
const LONG = 'x'.repeat(70_000)

const consume = (texts: readonly string[], db = env.DB) =>
  consumeWith(texts, { db, quarantineOnFailure: true })

const erase = async (path: string) => (await erased(path, KEEP)).erasure

beforeEach(clearBucket)

describe('an item that was in the queue during an erasure', () => {
  it('is erased as a whole, even if it is long', async () => {
    const begins = await messagesOf([{ ...anna, activityStatus: '', note: LONG }])
    const ends = await messagesOf([{ activityStatus: '', note: LONG, ...anna }])
    const others = await messagesOf([{ ...bert, activityStatus: '', note: LONG }])
    await erase('/contacts/4711')
    await consume([...ends, ...begins, ...others])
    await runMaintenanceAll()
    const rows = await listQuarantine()
    expect(rows.map(({ part }) => part)).toEqual([0, 1, 2])
    expect(rows.map(({ sent }) => sent).join('')).toContain('bert@')
    // Again, in another order.
    await consume([...begins.toReversed(), ...ends.toReversed()])
    await runMaintenanceAll()
    expect(await listQuarantine()).toEqual(rows)
  })

  it('is kept if it was received later and has no valid time', async () => {
    await erase('/contacts/4711')
    const element = { ...anna, activityStatus: 'SENT', activityDateTime: 'tomorrow' }
    const texts = await messagesOf([element])
    const later = `"receivedAt":${Date.now() + 1_000}`
    await consume(texts.map((text) => text.replace(/"receivedAt":\d+/, later)))
    expect(await listQuarantine()).toHaveLength(1)
  })

  it.each([
    [
      'a value that is followed by another',
      '"contactId":4711,"contactId":5,"activityStatus":"READ"',
    ],
    ['a value inside', '"a":[{"email":"anna@example.com"}],"a":0,"activityStatus":"READ"'],
    ['escapes', '"\\u0063ontactId":4711,"contactId":5,"activityStatus":"READ"'],
  ])('is erased if it identifies the subject in %s', async (_case, members) => {
    const text = `[{${members},"activityDateTime":"2023-09-14T08:30:03"}]`
    const texts = await messagesOf(text)
    await consume(texts)
    expect(await listQuarantine()).toHaveLength(1)
    await erase('/contacts/4711')
    await erase('/contacts?email=anna@example.com')
    await runMaintenanceAll()
    expect(await listQuarantine()).toEqual([])
    await consume(texts)
    expect(await listQuarantine()).toEqual([])
  })

  it.each([1_600_000_000_000, '1600000000000', 1_600_000_000, '2020-09-13 12:26:40 UTC'])(
    'is erased if it was received later but happened before: %s',
    async (activityDateTime) => {
      await erase('/contacts/4711')
      const texts = await messagesOf([{ ...anna, activityStatus: 'READ', activityDateTime, a: 5 }])
      const broken = await messagesOf([{ ...anna, activityStatus: ' ', activityDateTime }])
      const later = `"receivedAt":${Date.now() + 1_000}`
      const all = [...texts, ...broken].map((text) => text.replace(/"receivedAt":\d+/, later))
      await consume(all)
      expect([await count('activity'), await count('quarantine')]).toEqual([0, 0])
    },
  )

  it('is checked again if the erasure finds another contact halfway', async () => {
    await store(buildEvent(bert))
    const { number } = await erase('/contacts/4711')
    const texts = await messagesOf([buildEvent({ ...bert, contactId: 9001 })])
    const db = withIncident(async () => {
      const found = { contactIds: ['9001'], identifiers: [] }
      const target = { ...startTarget({ contactIds: ['4711'], identifiers: [] }, false), found }
      const erasedAt = Date.now()
      await env.DB.batch(await widenErasures(env.DB, [{ number, target, erasedAt, tries: 0 }]))
    })
    // Received before, as the text says.
    const early = texts.map((text) => text.replace(/"receivedAt":\d+/, '"receivedAt":5'))
    expect((await consume(early, db)).outcomes).toEqual(['stored'])
    expect((await list()).activity).toMatchObject([{ contactId: 4712 }])
  })

  it.each([
    '{"v":1,"accepted":1,"rejected":0,"receivedAt":5}',
    '{"v":1,"accepted":1,"rejected":0,"receivedAt":5,"rows":[null],"quarantine":[]}',
  ])('is quarantined if it is not a valid message, as without an erasure: %s', async (text) => {
    await erase('/contacts/4711')
    expect((await consume([text])).outcomes).toEqual(['quarantined'])
  })
})

describe('an erasure', () => {
  it('erases suppressions with a later date if their event is gone', async () => {
    const activityDateTime = '2099-01-01T00:00:00'
    await store(buildEvent({ ...anna, activityStatus: 'SPAM', activityDateTime }))
    await erase('/contacts/4711')
    expect([await count('activity'), await count('suppressions')]).toEqual([0, 0])
  })

  it('leaves no archive file of an interrupted move that has nothing left to move', async () => {
    await store(buildEvent({ ...anna, activityDateTime: '2024-01-01T12:00:00' }))
    let isDead = false
    const whileAlive = <Result>(call: () => Promise<Result>) =>
      isDead ? Promise.reject(new Error('gone')) : call()
    const dying = {
      head: (key: string) => whileAlive(() => ARCHIVE.head(key)),
      get: (key: string) => whileAlive(() => ARCHIVE.get(key)),
      put: async (key: string, value: ArrayBuffer) => {
        isDead = true
        return ARCHIVE.put(key, value)
      },
    }
    await runMaintenance({ ...env, ...KEEP, ARCHIVE: dying } as unknown as Env, LATER)
    expect((await ARCHIVE.list({ prefix: 'activity/data/' })).objects).toHaveLength(1)
    await runMaintenance({ ...env, ...KEEP, KEEP_DAYS: '4000' } as Env, LATER + DAY_MS)
    expect((await ARCHIVE.list({ prefix: 'activity/data/' })).objects).toHaveLength(0)
    expect(await count('archive')).toBe(0)
    expect(await count('activity')).toBe(1)
  })

  it('finds events without a contact by identifiers that only occur in the archive', async () => {
    const old = '2024-01-01T12:00:00'
    await store(
      buildEvent({ ...anna, activityDateTime: old }),
      buildEvent({ ...anna, contactId: null, activityDateTime: old, activityStatus: 'SPAM' }),
      buildEvent({ ...bert, activityDateTime: old }),
    )
    await runMaintenanceAll(LATER, KEEP)
    await store(buildEvent({ ...anna, contactId: null }))
    const { number } = await erase('/contacts/4711')
    await runMaintenanceAll(LATER, KEEP)
    expect([await count('activity'), await count('suppressions')]).toEqual([0, 0])
    const { erasure } = await (await read(`/erasures/${number}`)).json<{ erasure: object }>()
    expect(erasure).toMatchObject({ removed: { activity: 1, archived: 2, suppressions: 1 } })
  })

  it('includes a limited number of contacts, and still erases by identifier', async () => {
    const old = '2024-01-01T12:00:00'
    const office = (contactId: number) =>
      buildEvent({ contactId, email: 'office@example.com', activityDateTime: old })
    await store(...Array.from({ length: 600 }, (_, index) => office(1_000 + index)))
    await runMaintenanceAll(LATER, KEEP)
    await env.DB.prepare('DELETE FROM contact_identifiers').run() // only the archive knows them
    await store(buildEvent({ contactId: 1_500, email: 'private@example.com' }))
    await erase('/contacts?email=office@example.com')
    await runMaintenanceAll(LATER, KEEP)
    expect((await list()).activity).toMatchObject([{ email: 'private@example.com' }])
    expect(await count('archive')).toBe(0)
  })

  it('is not delayed by others that wait for a bucket', async () => {
    await store(buildEvent({ ...bert, activityDateTime: '2024-01-01T12:00:00' }))
    await runMaintenanceAll(LATER, KEEP)
    for (const contactId of [1, 2, 3]) await erase(`/contacts/${contactId}`)
    const events = Array.from({ length: 5_000 }, (_, index) =>
      buildEvent({ ...anna, activityDateTime: new Date(index * 1_000).toISOString().slice(0, 19) }),
    )
    for (let start = 0; start < events.length; start += 1_250)
      await store(...events.slice(start, start + 1_250))
    const { number } = await erase('/contacts/4711')
    for (let run = 0; run < 10; run++) {
      await runMaintenance(
        { ...env, ...KEEP, ARCHIVE: undefined } as unknown as Env,
        LATER + run * DAY_MS,
      )
    }
    expect(await count('activity')).toBe(0)
    const { erasure } = await (await read(`/erasures/${number}`)).json<{ erasure: object }>()
    expect(erasure).toMatchObject({ state: 'under way' })
  })

  it('keeps later suppressions if their event has been archived meanwhile', async () => {
    const spam = { ...anna, activityStatus: 'SPAM' }
    const erasedAt = Date.parse('2023-01-01')
    const target = { contactIds: ['4711'], identifiers: [] }
    await store(buildEvent({ ...spam, activityDateTime: '2022-12-01T00:00:00' }))
    const { number } = await startErasure(env.DB, target, false, erasedAt)
    const finish = 'UPDATE erasures SET finishedAt = ? WHERE number = ?'
    await env.DB.prepare(finish).bind(1, number).run() // so it waits
    await store(buildEvent({ ...spam, activityDateTime: '2024-01-01T12:00:00' }))
    await runMaintenanceAll(LATER, KEEP)
    await env.DB.prepare(finish).bind(null, number).run()
    await runMaintenanceAll(LATER, KEEP)
    const { results } = await env.DB.prepare('SELECT occurredAt FROM suppressions').all()
    expect(results).toEqual([{ occurredAt: Date.parse('2024-01-01T12:00:00Z') }])
  })
})

it('a rebuild brings back no event whose lookup is pending', async () => {
  const event = buildEvent({ ...anna, activityDateTime: '2024-01-01T12:00:00' })
  await store(event)
  await runMaintenanceAll(LATER, KEEP)
  await store(event)
  await rebuild(env.DB, undefined)
  await runMaintenanceAll(LATER + DAY_MS, KEEP)
  expect([await count('activity'), await count('contact_identifiers')]).toEqual([0, 1])
})
