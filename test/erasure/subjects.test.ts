import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { DAY_MS } from '../../src/event/clock.ts'
import { readRows } from '../../src/archive/decode.ts'
import { openObject } from '../../src/archive/object.ts'
import { archiveBucket } from '../../src/settings/settings.ts'
import { storeMessages } from '../../src/db/write/batch-writer.ts'
import { findContactIds } from '../../src/db/events/identifiers.ts'
import { buildEvent } from '../event.ts'
import { count, list, listQuarantine } from '../receiver.ts'
import { PATIENCE_MS } from '../patience.ts'
import { countReads } from '../rows-read.ts'
import { store } from '../store-events.ts'
import { consume, erase, erased, messagesOf, takeIn } from './erasing.ts'
import { runMaintenanceAll } from '../run-maintenance.ts'

const ask = (name: string, value: string) => `/contacts?${name}=${encodeURIComponent(value)}`
const contactsLeft = async () => (await list()).activity.map(({ contactId }) => contactId)
const quarantined = async () => (await listQuarantine()).map(({ sent }) => sent)

/** Of nobody that is known: it names no contact. */
const nameless = (changes: object) => buildEvent({ contactId: null, email: null, ...changes })

describe('whom an erasure takes for someone', () => {
  it.each([
    ['sms', 'none'],
    ['sms', '-'],
    ['email', 'n/a'],
  ])('is nobody who only has the same filler as %s: %s', async (name, filler) => {
    await store(
      buildEvent({ contactId: 4711, [name]: filler }),
      nameless({ [name]: filler, iid: 'others' }),
      nameless({ [name]: name === 'sms' ? 'unknown' : filler, iid: 'others-too' }),
    )
    const { erasure } = await erased('/contacts/4711')
    expect(erasure).toMatchObject({ state: 'finished', removed: { activity: 1 } })
    expect(await contactsLeft()).toHaveLength(2)
    const [text = ''] = await messagesOf([nameless({ [name]: filler, iid: 'late' })])
    await consume([text])
    expect(await count('activity')).toBe(3)
  })

  it.each(['none', '1234', ' '])('cannot be asked for by a filler: %s', async (filler) => {
    await store(buildEvent({ contactId: 4711, email: filler, sms: filler }))
    expect((await erase(ask('email', filler))).status).toBe(400)
    expect((await erase(ask('sms', filler))).status).toBe(400)
    expect(await count('erasures')).toBe(0)
  })

  it.each([
    ['sms', '+38 (000) 000-00-01', '380000000001'],
    ['sms', '380\u00a000.0000\u2013001', '+380000000001'],
    ['email', '\u00c4NNA@example.com', '\u00e4nna@EXAMPLE.com'],
    ['email', 'anna@ex\u00c4mple.com ', 'ANNA@ex\u00e4mple.com'],
    ['email', ' Anna@example.com', 'anna@example.com'],
    ['externalCustomerId', '7', '7'],
  ])('is who has the %s %s, asked for as %s', async (name, stored, asked) => {
    await store(
      buildEvent({ contactId: 4711, [name]: stored }),
      buildEvent({ contactId: 4712, [name]: `1${stored}` }),
      buildEvent({ contactId: 4713, [name]: `${stored.trim()}1` }),
    )
    const { contacts, erasure } = await erased(ask(name, asked))
    expect([contacts, erasure.state]).toEqual([1, 'finished'])
    expect((await contactsLeft()).toSorted()).toEqual([4712, 4713])
  })

  it('is found among very many by reading a few rows', async () => {
    await env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
       INSERT INTO contact_identifiers SELECT i, 'sms', '38' || i || '0000001', '+38 (' || i || ') 000-00-01' FROM n
       UNION ALL SELECT i, 'email', '\u00fc' || i || '@example.com', '\u00dc' || i || '@example.com' FROM n`,
    ).run()
    const { db, rowsRead } = countReads(env.DB)
    expect(await findContactIds(db, 'sms', ['38777770000001'], 500)).toEqual(['77777'])
    expect(await findContactIds(db, 'email', ['\u00dc77777@EXAMPLE.com'], 500)).toEqual(['77777'])
    expect(rowsRead()).toBeLessThan(20)
  })
})

describe('what tells of someone in values of another type', () => {
  const events = [
    nameless({ contactId: '4711', iid: 'text-id' }),
    nameless({ contactId: 4711, externalCustomerId: 'anna-1', iid: 'known' }),
    nameless({ webPushToken: 'push-token-1', iid: 'token' }),
    nameless({ contactId: 4711, webpush: 'push-token-1', iid: 'token-known' }),
    nameless({ sms: 380000000001, iid: 'number' }),
    nameless({ externalCustomerId: 777123, iid: 'id-number' }),
    nameless({ email: ['x@example.com'], iid: 'others' }),
  ]
  const iids = async () => (await list()).activity.map(({ iid }) => iid).toSorted()

  it('is theirs', async () => {
    await store(...events)
    await erased('/contacts/4711')
    expect(await iids()).toEqual(['id-number', 'number', 'others'])
    await erased(ask('sms', '+380000000001'))
    expect(await iids()).toEqual(['id-number', 'others'])
    await erased(ask('externalCustomerId', '777123'))
    expect(await iids()).toEqual(['others'])
  })

  it('is theirs where it was on its way', async () => {
    await store(buildEvent({ contactId: 4711, webpush: 'push-token-1' }))
    const texts = await messagesOf(events)
    await erased('/contacts/4711')
    await erased(ask('sms', '+380000000001'))
    await consume(texts)
    expect(await iids()).toEqual(['id-number', 'others'])
  })

  it('is theirs in the archive', async () => {
    const ARCHIVE = archiveBucket(env)
    if (!ARCHIVE) throw new Error('the tests have a bucket')
    const keep = { KEEP_DAYS: '10', ARCHIVE }
    const later = Date.now() + 11 * DAY_MS
    await store(...events)
    await runMaintenanceAll(later, keep)
    await erased('/contacts/4711', keep)
    await erased(ask('externalCustomerId', '777123'), keep)
    await runMaintenanceAll(later, keep)
    const { objects } = await ARCHIVE.list({ prefix: 'activity/' })
    const files = objects.map(({ key, size }) => readRows(openObject(ARCHIVE, key, size)))
    const left = (await Promise.all(files)).flat().map(({ iid }) => iid)
    expect(left).not.toContain('text-id')
    expect(left).not.toContain('id-number')
    expect(left).toEqual(expect.arrayContaining(['number', 'others']))
  })
})

describe('what was set aside', () => {
  it('goes however it tells of someone, and stays where it tells of others', async () => {
    const others = '{"contactId":4,"activityStatus":""}'
    await takeIn(
      `[{"contact\\u0049d":4711,"activityStatus":""},{"contactId":4.711e3,"activityStatus":""},
        {"contactId":" 4711","activityStatus":""},{"email":["anna@example.com"],"activityStatus":""},
        {"Email":"anna@example.com","activityStatus":""},${others}]`,
    )
    await erased('/contacts/4711')
    await erased(ask('email', 'anna@example.com'))
    expect(await quarantined()).toEqual([others])
    await erased('/contacts/4')
    expect(await quarantined()).toEqual([])
  })

  it('does not hold anyone up, however long it is', async () => {
    const long = 'a'.repeat(9_000_000)
    const body = [{ activityStatus: '', email: long }]
    await consume(await messagesOf(body))
    await store(buildEvent({ contactId: 4711 }))
    const { erasure } = await erased('/contacts/4711')
    await runMaintenanceAll()
    expect(await count('activity')).toBe(0)
    const finished = 'SELECT finishedAt FROM erasures WHERE number = ?'
    expect(await env.DB.prepare(finished).bind(erasure.number).first('finishedAt')).not.toBeNull()
  })

  it('goes where it is a message of another version that holds someone', async () => {
    const write = async (changes: Record<string, unknown>) => {
      const [text = ''] = await messagesOf([buildEvent(changes)])
      return text.replace('"v":1', '"v":2')
    }
    const theirs = await write({ contactId: 4711, email: 'anna@example.com' })
    const others = await write({ contactId: 4712, email: 'bert@example.com' })
    await consume([theirs, others], true)
    expect(await count('quarantine')).toBe(2)
    await erased('/contacts/4711')
    expect(await quarantined()).toEqual([others])
    await erased(ask('email', 'Bert@example.com'))
    expect(await quarantined()).toEqual([])
  })

  it('costs what it is worth, where it tells of thousands', async () => {
    await erased('/contacts/5')
    const many = Array.from({ length: 4_000 }, (_, place) => ({
      contactId: 10_000 + place,
      sms: 100_000 + place,
    }))
    const texts = await messagesOf([{ activityStatus: '', many }])
    const { db, rowsRead } = countReads(env.DB)
    await storeMessages(
      db,
      texts.map((text) => ({ text, quarantineOnFailure: false })),
      PATIENCE_MS,
    )
    expect(await count('quarantine')).toBeGreaterThan(0)
    expect(rowsRead()).toBeLessThan(100)
  })
})
