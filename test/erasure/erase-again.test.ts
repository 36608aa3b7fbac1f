import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DAY_MS, MINUTE_MS } from '../../src/event/clock.ts'
import { buildEvent } from '../event.ts'
import { clearBucket, clearTables, count, list, read } from '../receiver.ts'
import { store } from '../store-events.ts'
import { ARCHIVE, KEEP, LATER, readArchive } from '../archive/bucket.ts'
import { Crashing } from '../archive/crashing.ts'
import { erased, receive } from './erasing.ts'
import { runMaintenanceAll } from '../run-maintenance.ts'
import { dropCopies, dump, eraseAgain, operate, copyTables, restoreTables } from './restored.ts'

beforeEach(clearBucket)
afterEach(dropCopies)

const PAID = { ...KEEP, CLOUDFLARE_PLAN: 'paid' }
const FREE = { ...KEEP, CLOUDFLARE_PLAN: 'free' }
const ALONE = { ...PAID, ARCHIVE: undefined }

const anna = { contactId: 47114711, email: 'Anna@example.com', sms: '+380 00 000 47 11' }
const dora = { contactId: 47134713, email: 'dora@example.com' }
const bert = { contactId: 4712, email: 'bert@example.com' }
// Long enough not to occur in a time or an ID by chance.
const PERSONAL_DATA = /47114711|anna@|47134713|dora@|000 ?47 ?11/i

const at = (days: number) => new Date(Date.UTC(2024, 0, 1 + days)).toISOString().slice(0, 19)
const ago = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 19)

/** Stores data of every kind about three people, in the database and in the archive. */
async function fill(): Promise<void> {
  for (const contact of [anna, dora, bert]) {
    await store(
      buildEvent({ ...contact, activityDateTime: at(0), iid: `old-${contact.contactId}` }),
      buildEvent({ ...contact, activityDateTime: at(1), activityStatus: 'SPAM' }),
    )
  }
  await runMaintenanceAll(LATER, PAID)
  expect([await count('activity'), (await readArchive()).length]).toEqual([0, 6])
  for (const contact of [anna, dora, bert]) {
    const { email } = contact
    await store(
      buildEvent({ ...contact, activityDateTime: ago(3), iid: `new-${contact.contactId}` }),
      buildEvent({ ...contact, activityDateTime: ago(2), activityStatus: 'UNSUBSCRIBED' }),
      buildEvent({ contactId: null, email: email.toUpperCase(), activityDateTime: ago(2) }),
    )
    await receive([
      { ...contact, activityStatus: '' },
      { email: [email], activityStatus: '' },
    ])
  }
  await env.DB.prepare(
    `INSERT INTO quarantine VALUES ('several', 0, 0, 'body', 'too many', ?, 'webhook', NULL, ?)`,
  )
    .bind(Date.now(), JSON.stringify([{ ...anna, activityStatus: '' }, bert]))
    .run()
}

/** Erases Anna by her address, and Dora by her contact, whose suppressions are kept. */
async function erase(bindings: object): Promise<number[]> {
  const first = await erased('/contacts?email=anna@example.com', bindings)
  const second = await erased('/contacts/47134713?suppressions=keep', bindings)
  await runMaintenanceAll(LATER + DAY_MS, bindings)
  return [first.erasure.number, second.erasure.number]
}

/** Expects no data of the erased contacts, and all of the other's. */
async function expectErased(): Promise<void> {
  const kept = await env.DB.prepare('SELECT contactId, occurredAt FROM suppressions').all()
  expect(kept.results.map(({ contactId }) => contactId).toSorted()).toEqual([
    4712, 4712, 47134713, 47134713,
  ])
  await env.DB.prepare('DELETE FROM suppressions WHERE contactId = 47134713').run()
  expect(await dump()).not.toMatch(PERSONAL_DATA)
  expect(JSON.stringify(await readArchive())).not.toMatch(PERSONAL_DATA)
  const { activity } = await list()
  expect(activity.map(({ email }) => String(email).toLowerCase())).toEqual(
    Array(5).fill(bert.email), // two of them in the archive
  )
  expect((await read('/deliveries/new-4712')).status).toBe(200)
  const { results } = await env.DB.prepare('SELECT sent FROM quarantine').all<{ sent: string }>()
  const left = results.flatMap(({ sent }) => JSON.parse(sent) as object | object[])
  expect(left.flatMap((each) => ('email' in each ? each.email : ''))).toEqual(
    Array(3).fill(bert.email),
  )
}

describe('erasing again after a restore', () => {
  it('erases everyone who had been erased, from the record in the bucket', async () => {
    await fill()
    await copyTables()
    const numbers = await erase(PAID)
    const { objects } = await ARCHIVE.list({ prefix: 'erasures/' })
    expect(objects.length).toBeGreaterThan(0)
    for (const { key } of objects) {
      expect(await (await ARCHIVE.get(key))?.text()).not.toMatch(PERSONAL_DATA)
    }
    await restoreTables()
    expect(await dump()).toMatch(PERSONAL_DATA)
    const found = await eraseAgain(FREE)
    expect(found).toMatchObject({ contacts: 2, quarantine: 5 })
    const { erasures } = await (await read('/erasures')).json<{ erasures: { number: number }[] }>()
    expect(erasures).toMatchObject(
      numbers.toReversed().map((number) => ({ number, state: 'finished' })),
    )
    // The second time, nobody is left to erase.
    const again = await eraseAgain(PAID)
    expect(Object.values(again).every((some) => some === 0)).toBe(true)
    await expectErased()
    // Older events do not come back.
    await store(buildEvent({ ...anna, activityDateTime: ago(4) }))
    expect(await count('activity')).toBe(3)
  }, 600_000)

  it('uses a saved record if there is no bucket', async () => {
    await fill()
    await copyTables()
    await erase(PAID)
    const { record, next } = await (
      await read('/erasures/record')
    ).json<{ record: object; next: null }>()
    expect(next).toBeNull()
    expect(JSON.stringify(record)).not.toMatch(PERSONAL_DATA)
    await restoreTables()
    const rejected = await operate('POST', '/erasures/again', ALONE)
    expect([rejected.status, await rejected.text()]).toEqual([
      409,
      expect.stringContaining('POST /erasures/record'),
    ])
    const taken = await operate('POST', '/erasures/record', ALONE, JSON.stringify(record))
    expect(taken.status).toBe(200)
    await eraseAgain(PAID, 'contacts')
    await expectErased()
  }, 600_000)

  it('keeps later events of a customer who has come back', async () => {
    await store(buildEvent({ ...anna, activityDateTime: ago(3), iid: 'before' }))
    await copyTables()
    await erased('/contacts/47114711', PAID)
    await restoreTables()
    const erasing = Date.now()
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(erasing)) // the same millisecond would count as before
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

  it('finds contacts that only their engagement is left of', async () => {
    await store(buildEvent({ contactId: 47114711, email: null, activityDateTime: ago(400) }))
    const old = Math.floor(Date.now() / DAY_MS) - 400
    for (const [mediaType, first, contactId] of [
      ['email', '-9223372036854775808', 4712],
      ['email', '4713', 47114711],
      ['sms', '-9223372036854775808', 47114711],
      ['sms', '47114712', 47134713],
    ]) {
      await env.DB.prepare('INSERT INTO engagement VALUES (?, CAST(? AS INTEGER), ?)')
        .bind(mediaType, first, JSON.stringify([[contactId, old, null]]))
        .run()
    }
    await copyTables()
    await erased('/contacts/47114711', PAID)
    await erased('/contacts/47134713', PAID)
    await restoreTables()
    await env.DB.prepare('DELETE FROM activity').run()
    expect(await eraseAgain(FREE)).toMatchObject({ contacts: 0, engagement: 2 })
    expect(await dump()).not.toMatch(PERSONAL_DATA)
    expect(await eraseAgain(FREE)).toMatchObject({ contacts: 0, engagement: 0 })
    expect(await count('engagement')).toBe(2) // the first page of each channel
  })

  it('finishes an erasure that was under way in the archive', async () => {
    await store(
      buildEvent({ ...anna, activityDateTime: at(0) }),
      buildEvent({ ...bert, activityDateTime: at(0) }),
    )
    await runMaintenanceAll(LATER, PAID)
    await copyTables()
    await erased('/contacts/47114711', PAID)
    await restoreTables()
    expect(await eraseAgain(PAID)).toMatchObject({ contacts: 1 })
    expect(await readArchive()).toMatchObject([bert])
  })

  it('gives an erasure another number if its own is taken', async () => {
    await store(buildEvent({ ...anna, activityDateTime: ago(3) }))
    await copyTables()
    const { erasure } = await erased('/contacts/47114711', PAID)
    await restoreTables()
    await env.DB.prepare(
      "INSERT INTO erasures (number, erasedAt, finishedAt, removed) VALUES (?, 5, 6, '{}')",
    )
      .bind(erasure.number)
      .run()
    await eraseAgain(PAID)
    expect([await count('activity'), await count('erasures')]).toEqual([0, 2])
  })

  it.each(['before', 'after'] as const)(
    'can be interrupted %s any call and restarted',
    async (when) => {
      await fill()
      await copyTables()
      await erase(PAID)
      for (let [call, isOver] = [1, false]; !isOver; call += 5) {
        await restoreTables()
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

  it('waits while the schedule is running', async () => {
    await env.DB.prepare("INSERT INTO key_values VALUES ('maintenance.until', ?)")
      .bind(String(Date.now() + MINUTE_MS))
      .run()
    const response = await operate('POST', '/erasures/again?next=contacts', PAID)
    expect(await response.json()).toMatchObject({ busy: true, next: 'contacts' })
  })
})

describe('the record of erasures', () => {
  it.each([
    ['[]', 400],
    ['{"key":"a","erased":[["short",1]],"erasures":[]}', 400],
    ['not JSON', 400],
    ['{"key":"other","erased":[],"erasures":[]}', 409],
  ])('is rejected if it is invalid or of another database: %s', async (body, status) => {
    const response = await operate('POST', '/erasures/record', {}, body)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ error: { message: expect.any(String) } })
  })

  it('is paginated', async () => {
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
    // The bucket accepts the whole record in one piece.
    await runMaintenanceAll(LATER, PAID)
    await runMaintenanceAll(LATER + 5 * MINUTE_MS, PAID)
    expect((await ARCHIVE.list({ prefix: 'erasures/' })).objects).toHaveLength(2)
  })

  it.each(['nowhere', 'contacts {}', 'contacts [1,2,3]', 'contacts ['])(
    'rejects the cursor %j',
    async (next) => {
      const query = new URLSearchParams({ next })
      expect((await operate('POST', `/erasures/again?${query}`, PAID)).status).toBe(400)
    },
  )
})
