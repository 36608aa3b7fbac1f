import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DAY_MS, MINUTE_MS } from '../../src/event/clock.ts'
import { buildEvent } from '../event.ts'
import { clearTables, count, list, read } from '../receiver.ts'
import { store } from '../store-events.ts'
import { ARCHIVE, clearBucket, KEEP, LATER, readArchive } from '../archive/bucket.ts'
import { Crashing } from '../archive/crashing.ts'
import { erased, takeIn } from './erasing.ts'
import { runMaintenanceAll } from '../run-maintenance.ts'
import { dropCopies, dump, eraseAgain, operate, remember, restore } from './restored.ts'

beforeEach(clearBucket)
afterEach(dropCopies)

const PAID = { ...KEEP, CLOUDFLARE_PLAN: 'paid' }
const FREE = { ...KEEP, CLOUDFLARE_PLAN: 'free' }
const ALONE = { ...PAID, ARCHIVE: undefined }

const anna = { contactId: 47114711, email: 'Anna@example.com', sms: '+380 00 000 47 11' }
const dora = { contactId: 47134713, email: 'dora@example.com' }
const bert = { contactId: 4712, email: 'bert@example.com' }
// None of it comes up in a time or an id by chance.
const THEIRS = /47114711|anna@|47134713|dora@|000 ?47 ?11/i

const at = (days: number) => new Date(Date.UTC(2024, 0, 1 + days)).toISOString().slice(0, 19)
const ago = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 19)

/** Of each of three people something of every kind, in the database and in the archive. */
async function fill(): Promise<void> {
  for (const person of [anna, dora, bert]) {
    await store(
      buildEvent({ ...person, activityDateTime: at(0), iid: `old-${person.contactId}` }),
      buildEvent({ ...person, activityDateTime: at(1), activityStatus: 'SPAM' }),
    )
  }
  await runMaintenanceAll(LATER, PAID)
  expect([await count('activity'), (await readArchive()).length]).toEqual([0, 6])
  for (const person of [anna, dora, bert]) {
    const { email } = person
    await store(
      buildEvent({ ...person, activityDateTime: ago(3), iid: `new-${person.contactId}` }),
      buildEvent({ ...person, activityDateTime: ago(2), activityStatus: 'UNSUBSCRIBED' }),
      buildEvent({ contactId: null, email: email.toUpperCase(), activityDateTime: ago(2) }),
    )
    await takeIn([
      { ...person, activityStatus: '' },
      { email: [email], activityStatus: '' },
    ])
  }
  await env.DB.prepare(
    `INSERT INTO quarantine VALUES ('several', 0, 0, 'body', 'too many', ?, 'webhook', NULL, ?)`,
  )
    .bind(Date.now(), JSON.stringify([{ ...anna, activityStatus: '' }, bert]))
    .run()
}

/** Anna by her address, and Dora by her contact, whose suppressions are kept. */
async function erase(bindings: object): Promise<number[]> {
  const first = await erased('/contacts?email=anna@example.com', bindings)
  const second = await erased('/contacts/47134713?suppressions=keep', bindings)
  await runMaintenanceAll(LATER + DAY_MS, bindings)
  return [first.erasure.number, second.erasure.number]
}

/** Nothing of those who were forgotten, and all of the other. */
async function expectErased(): Promise<void> {
  const kept = await env.DB.prepare('SELECT contactId, occurredAt FROM suppressions').all()
  expect(kept.results.map(({ contactId }) => contactId).toSorted()).toEqual([
    4712, 4712, 47134713, 47134713,
  ])
  await env.DB.prepare('DELETE FROM suppressions WHERE contactId = 47134713').run()
  expect(await dump()).not.toMatch(THEIRS)
  expect(JSON.stringify(await readArchive())).not.toMatch(THEIRS)
  const { activity } = await list()
  expect(activity.map(({ email }) => String(email).toLowerCase())).toEqual(
    Array(3).fill(bert.email),
  )
  expect((await read('/deliveries/new-4712')).status).toBe(200)
  const { results } = await env.DB.prepare('SELECT sent FROM quarantine').all<{ sent: string }>()
  const left = results.flatMap(({ sent }) => JSON.parse(sent) as object | object[])
  expect(left.flatMap((each) => ('email' in each ? each.email : ''))).toEqual(
    Array(3).fill(bert.email),
  )
}

describe('a database that was restored to a moment from before', () => {
  it('has everyone erased again who was erased since, from the record in the bucket', async () => {
    await fill()
    await remember()
    const numbers = await erase(PAID)
    const { objects } = await ARCHIVE.list({ prefix: 'erasures/' })
    expect(objects.length).toBeGreaterThan(0)
    for (const { key } of objects) {
      expect(await (await ARCHIVE.get(key))?.text()).not.toMatch(THEIRS)
    }
    await restore()
    expect(await dump()).toMatch(THEIRS)
    const found = await eraseAgain(FREE)
    expect(found).toMatchObject({ contacts: 2, quarantine: 5 })
    const { erasures } = await (await read('/erasures')).json<{ erasures: { number: number }[] }>()
    expect(erasures).toMatchObject(
      numbers.toReversed().map((number) => ({ number, state: 'finished' })),
    )
    // Once more, there is nobody.
    const again = await eraseAgain(PAID)
    expect(Object.values(again).every((some) => some === 0)).toBe(true)
    await expectErased()
    // And nothing from before comes back.
    await store(buildEvent({ ...anna, activityDateTime: ago(4) }))
    expect(await count('activity')).toBe(3)
  }, 600_000)

  it('has them erased from a saved record where there is no bucket', async () => {
    await fill()
    await remember()
    await erase(PAID)
    const { record, next } = await (
      await read('/erasures/record')
    ).json<{ record: object; next: null }>()
    expect(next).toBeNull()
    expect(JSON.stringify(record)).not.toMatch(THEIRS)
    await restore()
    const refused = await operate('POST', '/erasures/again', ALONE)
    expect([refused.status, await refused.text()]).toEqual([
      409,
      expect.stringContaining('POST /erasures/record'),
    ])
    const taken = await operate('POST', '/erasures/record', ALONE, JSON.stringify(record))
    expect(taken.status).toBe(200)
    await eraseAgain(PAID, 'contacts')
    await expectErased()
  }, 600_000)

  it('keeps what they did later, as a customer who has come back', async () => {
    await store(buildEvent({ ...anna, activityDateTime: ago(3), iid: 'before' }))
    await remember()
    await erased('/contacts/47114711', PAID)
    await restore()
    const erasing = Date.now()
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(erasing)) // in the same one would be before
    const tomorrow = new Date(Date.now() + DAY_MS).toISOString().slice(0, 19)
    await store(buildEvent({ ...anna, activityDateTime: tomorrow, iid: 'later' }))
    for (let time = 0; time < 2; time++) {
      expect(await eraseAgain(PAID)).toMatchObject({ contacts: time === 0 ? 1 : 0 })
      expect((await list()).activity).toMatchObject([{ iid: 'later' }])
      expect((await read('/deliveries/later')).status).toBe(200)
      expect((await read('/deliveries/before')).status).toBe(404)
      expect(await count('contact_identifiers')).toBe(2)
    }
  })

  it('takes someone out of the archive whose erasure was under way there', async () => {
    await store(
      buildEvent({ ...anna, activityDateTime: at(0) }),
      buildEvent({ ...bert, activityDateTime: at(0) }),
    )
    await runMaintenanceAll(LATER, PAID)
    await remember()
    await erased('/contacts/47114711', PAID)
    await restore()
    expect(await eraseAgain(PAID)).toMatchObject({ contacts: 0, archive: 1 })
    expect(await readArchive()).toMatchObject([bert])
  })

  it('gives an erasure another number where its own is taken', async () => {
    await store(buildEvent({ ...anna, activityDateTime: ago(3) }))
    await remember()
    const { erasure } = await erased('/contacts/47114711', PAID)
    await restore()
    await env.DB.prepare(
      "INSERT INTO erasures (number, erasedAt, finishedAt, removed) VALUES (?, 5, 6, '{}')",
    )
      .bind(erasure.number)
      .run()
    await eraseAgain(PAID)
    expect([await count('activity'), await count('erasures')]).toEqual([0, 2])
  })

  it.each(['before', 'after'] as const)(
    'may have it broken off %s any call, and begun anew',
    async (when) => {
      await fill()
      await remember()
      await erase(PAID)
      for (let [call, isOver] = [1, false]; !isOver; call += 5) {
        await restore()
        const crashing = new Crashing({ call, when, isKill: true })
        const bindings = { DB: crashing.database(env.DB), ARCHIVE: crashing.bucket(ARCHIVE) }
        const killed = eraseAgain({ ...PAID, ...bindings })
        isOver = await Promise.race([crashing.killed.then(() => false), killed.then(() => true)])
        await env.DB.prepare("DELETE FROM key_values WHERE name = 'maintenance.until'").run() // a minute later
        await eraseAgain(PAID)
        await expectErased()
      }
      await clearTables()
    },
    300_000,
  )

  it('waits where the schedule is at work', async () => {
    await env.DB.prepare("INSERT INTO key_values VALUES ('maintenance.until', ?)")
      .bind(String(Date.now() + MINUTE_MS))
      .run()
    const response = await operate('POST', '/erasures/again?next=contacts', PAID)
    expect(await response.json()).toMatchObject({ busy: true, next: 'contacts' })
  })
})

describe('a record', () => {
  it.each([
    ['[]', 400],
    ['{"key":"a","erased":[["short",1]],"erasures":[]}', 400],
    ['no JSON', 400],
    ['{"key":"other","erased":[],"erasures":[]}', 409],
  ])('is refused where it is none, or of another database: %s', async (body, status) => {
    const response = await operate('POST', '/erasures/record', {}, body)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ error: { message: expect.any(String) } })
  })

  it('is in pages', async () => {
    await env.DB.prepare(
      `WITH RECURSIVE n (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 1500)
       INSERT INTO tombstones (digest, erasedAt) SELECT printf('%022d', v), v FROM n`,
    ).run()
    type Page = { record: { erased: unknown[] }; next: string | null }
    const first = await (await read('/erasures/record')).json<Page>()
    const second = await (await read(`/erasures/record?cursor=${first.next}`)).json<Page>()
    expect([first.record.erased.length, second.record.erased.length, second.next]).toEqual([
      1_000,
      500,
      null,
    ])
    // The bucket takes as much at once.
    await runMaintenanceAll(LATER, PAID)
    await runMaintenanceAll(LATER + 5 * MINUTE_MS, PAID)
    expect((await ARCHIVE.list({ prefix: 'erasures/' })).objects).toHaveLength(2)
  })

  it.each(['nowhere', 'contacts {}', 'contacts [1,2,3]', 'contacts ['])(
    'is not gone on with at %j',
    async (next) => {
      const query = new URLSearchParams({ next })
      expect((await operate('POST', `/erasures/again?${query}`, PAID)).status).toBe(400)
    },
  )
})
