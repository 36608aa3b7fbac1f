import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { fillHours } from '../../src/db/derived/hours.ts'
import { keepRaw, storeRaw, takeRaw } from '../../src/db/write/raw-messages.ts'
import { rebuild } from '../../src/db/derived/rebuild.ts'
import { listNotable } from '../../src/db/events/contact-events.ts'
import { buildEvent } from '../event.ts'
import { D1_ERRORS, faultyDatabase } from '../faulty.ts'
import { consume, erased } from '../erasure/erasing.ts'
import { messagesOf } from '../messages-of.ts'
import { runMaintenanceAll } from '../run-maintenance.ts'
import { clearTables, count, listQuarantine, read } from '../receiver.ts'
import { countReads } from '../rows-read.ts'
import { store } from '../store-events.ts'

const [HOUR, DAY] = [3_600_000, 86_400_000]
const START = Date.parse('2026-03-01T00:00Z')

const at = (second: number, changes: Record<string, unknown> = {}) =>
  buildEvent({
    activityDateTime: new Date(START + second * 1000).toISOString().slice(0, 19),
    ...changes,
  })
const contactsOf = async (messageId: number) =>
  env.DB.prepare(
    `SELECT sum(contacts0 + contacts1 + contacts2 + contacts3) AS contacts
     FROM totals JOIN campaigns USING (campaign) WHERE messageId = ? AND hardBounce = -1`,
  )
    .bind(messageId)
    .first('contacts')

beforeEach(clearTables)

describe('a delivery without an iid', () => {
  const own = { iid: null, contactId: 7, messageId: 1 }

  it('is one delivery, even with many events of other messages in between', async () => {
    await store(at(0, own), at(1_000, own))
    await store(
      ...Array.from({ length: 60 }, (_, n) => at(100 + n, { ...own, messageId: 100 + n })),
    )
    expect(await contactsOf(1)).toBe(1)
    await rebuild(env.DB, undefined)
    expect(await contactsOf(1)).toBe(1)
  })

  it('is one delivery even if the iid is empty', async () => {
    await store(at(0, own), at(1, { ...own, iid: '' }))
    expect(await contactsOf(1)).toBe(1)
  })
})

it('an event with thousands of addresses is one event, with some of them as identifiers', async () => {
  const email = Array.from({ length: 4_900 }, (_, n) => `${'x'.repeat(60)}${n}@example.com`)
  await store(at(0, { contactId: 7, email }))
  expect([await count('activity'), await count('quarantine')]).toEqual([1, 0])
  expect(await count('contact_identifiers')).toBe(100)
})

it('a contact with many soft bounces keeps its older blocks, and a limited number of its events is read', async () => {
  const own = { contactId: 7, mediaType: 'email' }
  await store(at(0, { ...own, activityStatus: 'UNSUBSCRIBED' }))
  for (let page = 0; page < 3; page++) {
    const soft = { ...own, activityStatus: 'UNDELIVERED', hardBounce: false }
    await store(...Array.from({ length: 500 }, (_, n) => at(1 + page * 500 + n, soft)))
  }
  expect((await listNotable(env.DB, '7'))[0]).toMatchObject({ activityStatus: 'UNSUBSCRIBED' })
  const many = 'WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 15000)'
  await env.DB.prepare(
    `${many} INSERT INTO activity (occurredAt, id, writeId, receivedAt, origin, campaign, contactId, activityStatus)
     SELECT v, randomblob(16), 1, 0, 'webhook', 1, 8, 'DELIVERED' FROM n`,
  ).run()
  const { db, rowsRead } = countReads(env.DB)
  expect(await listNotable(db, '8')).toHaveLength(21)
  expect(rowsRead()).toBeLessThan(95_000)
})

it('identifiers that appeared after an erasure stay, even those outside the columns', async () => {
  await store(at(0, { contactId: 7, email: 'before@example.com' }))
  const later = new Date(Date.now() + DAY).toISOString().slice(0, 19)
  await store(
    buildEvent({
      activityDateTime: later,
      contactId: 7,
      webPushToken: 'token-7',
      email: ['one@example.com', 'two@example.com'],
    }),
  )
  const receivedAt = Date.now() + DAY
  await env.DB.prepare('UPDATE activity SET receivedAt = ? WHERE occurredAt > ?')
    .bind(receivedAt, Date.now())
    .run()
  await erased('/contacts/7')
  const { results } = await env.DB.prepare('SELECT key FROM contact_identifiers ORDER BY key').all()
  expect(results.map(({ key }) => key)).toEqual(['one@example.com', 'token-7', 'two@example.com'])
})

it('a delivery is found if many contacts have its iid', async () => {
  const events = Array.from({ length: 25 }, (_, n) => at(n, { iid: 'shared', contactId: 1 + n }))
  await store(...events)
  const response = await read('/deliveries/shared')
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({ complete: false })
})

describe('past hours', () => {
  const now = START + 5 * HOUR

  it('are filled in again once an hour, not each time', async () => {
    await store(at(10))
    for (let run = 0; run < 80; run++) await fillHours(env.DB, now + HOUR / 2)
    await store(at(20))
    const events = () =>
      env.DB.prepare('SELECT events FROM hours WHERE hour = ?').bind(START).first('events')
    expect(await events()).toBeNull()
    await fillHours(env.DB, now + HOUR / 2 + 95_000)
    expect(await events()).toBeNull()
    await fillHours(env.DB, now + 2 * HOUR)
    expect(await events()).toContain('DELIVERED')
  })

  it('with too many statuses are not filled in, and do not delay others', async () => {
    await store(...Array.from({ length: 201 }, (_, n) => at(10, { activityStatus: `S${n}` })))
    for (let run = 0; run < 80; run++) await fillHours(env.DB, now + HOUR / 2)
    const { results } = await env.DB.prepare(
      'SELECT events IS NULL AS isLeft FROM hours WHERE hour >= ? ORDER BY hour',
    )
      .bind(START)
      .all()
    expect(results.map(({ isLeft }) => isLeft)).toEqual([1, 0, 0, 0, 0])
  })
})

it('fills in an hour of two hundred statuses', async () => {
  await store(...Array.from({ length: 200 }, (_, n) => at(10, { activityStatus: `S${n}` })))
  for (let run = 0; run < 80; run++) await fillHours(env.DB, START + 2 * HOUR)
  const sql = 'SELECT json_array_length(events) AS statuses FROM hours WHERE hour = ?'
  expect(await env.DB.prepare(sql).bind(START).first('statuses')).toBe(200)
})

it('counts a long status by its first hundred bytes', async () => {
  await store(at(0, { activityStatus: 'S'.repeat(150) }))
  const sql = 'SELECT activityStatus AS status FROM totals'
  expect(await env.DB.prepare(sql).first('status')).toBe('S'.repeat(100))
})

it('keeps the first 2,000 characters of a text in the feed of suppressions', async () => {
  const spam = { activityStatus: 'SPAM', statusDescription: 'd'.repeat(3_000) }
  await store(at(0, { ...spam, externalCustomerId: 'c'.repeat(3_000) }))
  const sql = 'SELECT statusDescription, externalCustomerId FROM suppressions'
  expect(await env.DB.prepare(sql).first()).toEqual({
    statusDescription: 'd'.repeat(2_000),
    externalCustomerId: 'c'.repeat(2_000),
  })
})

it('records identifiers of at most 8,000 characters', async () => {
  const lengths = [8_000, 8_001]
  await store(
    ...lengths.map((length, index) => at(index, { externalCustomerId: 'c'.repeat(length) })),
  )
  const sql =
    "SELECT length(key) AS length FROM contact_identifiers WHERE name = 'externalCustomerId'"
  expect((await env.DB.prepare(sql).all()).results).toEqual([{ length: 8_000 }])
})

describe('a raw message', () => {
  it('is stored by the schedule, and deleted', async () => {
    await keepRaw(env.DB, await messagesOf([at(0), at(1)]), 'because')
    await runMaintenanceAll()
    expect(await count('quarantine')).toBe(0)
    expect(await count('activity')).toBe(2)
  })

  it('is deleted even if it was stored before', async () => {
    const texts = await messagesOf([at(0), at(1)])
    expect((await consume(texts)).outcomes).toEqual(['stored'])
    await keepRaw(env.DB, texts, 'because')
    await runMaintenanceAll()
    expect(await count('quarantine')).toBe(0)
    expect(await count('activity')).toBe(2)
  })

  it('waits while the database is down, which does not count as an attempt', async () => {
    await keepRaw(env.DB, await messagesOf([at(0)]), 'because')
    const away = faultyDatabase(env.DB, (_call, text) =>
      text.includes('"rows"') ? new Error('D1_ERROR: Network connection lost.') : undefined,
    )
    for (let run = 0; run < 10; run++) {
      const raw = await takeRaw(env.DB)
      await expect(raw && storeRaw(away, raw)).rejects.toThrow('Network connection lost')
    }
    await runMaintenanceAll()
    expect([await count('quarantine'), await count('activity')]).toEqual([0, 1])
  })

  it('that kills each invocation or cannot be stored is left in quarantine after twenty attempts', async () => {
    await keepRaw(env.DB, await messagesOf([at(0)]), 'because')
    let tries = 0
    const failing = faultyDatabase(env.DB, (_call, text) => {
      if (!text.includes('"rows"')) return undefined
      tries++
      return new Error('D1_ERROR: an error never seen before')
    })
    for (let run = 0; run < 25; run++) {
      const raw = await takeRaw(env.DB)
      if (raw) await storeRaw(failing, raw)
    }
    expect(tries).toBe(20)
    expect([await count('quarantine'), await count('activity')]).toEqual([1, 0])
    expect(await takeRaw(env.DB)).toBeNull()
  })

  it('is kept with the time when its content came in', async () => {
    const [text = ''] = await messagesOf([at(0)])
    const old = text.replace(/"receivedAt":\d+/, '"receivedAt":1700000000000')
    await keepRaw(env.DB, [old, 'not a message'], 'because')
    const [one = {}, other = {}] = (await listQuarantine()).sort((a) =>
      a['sent'] === old ? -1 : 1,
    )
    expect(one['receivedAt']).toBe(1_700_000_000_000)
    expect(other['receivedAt']).toBeGreaterThan(1_700_000_000_000)
  })

  it('that cannot be stored yet loses what is about an erased subject', async () => {
    const anna = { contactId: 4711, email: 'anna@example.com' }
    const texts = await messagesOf([at(0, anna), at(1, { email: 'bert@example.com' })])
    await store(at(2, anna))
    await erased('/contacts?email=anna@example.com')
    await keepRaw(env.DB, texts, 'because')
    let tries = 0
    const failing = faultyDatabase(env.DB, (_call, text) =>
      text.includes('"rows"') && tries++ === 0 ? D1_ERRORS.unknown() : undefined,
    )
    const raw = await takeRaw(env.DB)
    if (raw) await storeRaw(failing, raw)
    const kept = JSON.stringify(await listQuarantine())
    expect(kept).toContain('bert@example.com')
    expect(kept).not.toContain('anna@example.com')
  })
})
