import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { findContactIds } from '../../src/db/events/identifiers.ts'
import { buildEvent } from '../event.ts'
import { count, list, listQuarantine } from '../receiver.ts'
import { countReads } from '../rows-read.ts'
import { store } from '../store-events.ts'
import { consume, erase, erased, receive } from './erasing.ts'
import { messagesOf } from '../messages-of.ts'
import { runMaintenanceAll } from '../run-maintenance.ts'
import { KEEP, LATER, readArchive } from '../archive/bucket.ts'

const pathOf = (name: string, value: string) => `/contacts?${name}=${encodeURIComponent(value)}`
const contactsLeft = async () => (await list()).activity.map(({ contactId }) => contactId)
const quarantined = async () => (await listQuarantine()).map(({ sent }) => sent)

/** An event without a contact. */
const nameless = (changes: object) => buildEvent({ contactId: null, email: null, ...changes })

describe('the subject of an erasure', () => {
  it.each([
    ['sms', 'none'],
    ['sms', '-'],
    ['email', 'n/a'],
  ])('does not include others with the same placeholder as %s: %s', async (name, placeholder) => {
    await store(
      buildEvent({ contactId: 4711, [name]: placeholder }),
      nameless({ [name]: placeholder, iid: 'others' }),
      nameless({ [name]: name === 'sms' ? 'unknown' : placeholder, iid: 'others-too' }),
    )
    const { erasure } = await erased('/contacts/4711')
    expect(erasure).toMatchObject({ state: 'finished', removed: { activity: 1 } })
    expect(await contactsLeft()).toHaveLength(2)
    const [text = ''] = await messagesOf([nameless({ [name]: placeholder, iid: 'late' })])
    await consume([text])
    expect(await count('activity')).toBe(3)
  })

  it.each(['none', '1234', ' '])(
    'cannot be identified by a placeholder: %s',
    async (placeholder) => {
      await store(buildEvent({ contactId: 4711, email: placeholder, sms: placeholder }))
      expect((await erase(pathOf('email', placeholder))).status).toBe(400)
      expect((await erase(pathOf('sms', placeholder))).status).toBe(400)
      expect(await count('erasures')).toBe(0)
    },
  )

  it.each([
    ['sms', '+38 (000) 000-00-01', '380000000001'],
    ['sms', '380\u00a000.0000\u2013001', '+380000000001'],
    ['email', '\u00c4NNA@example.com', '\u00e4nna@EXAMPLE.com'],
    ['email', 'anna@ex\u00c4mple.com ', 'ANNA@ex\u00e4mple.com'],
    ['email', ' Anna@example.com', 'anna@example.com'],
    ['externalCustomerId', '7', '7'],
  ])('with the %s %s is found by %s', async (name, stored, query) => {
    await store(
      buildEvent({ contactId: 4711, [name]: stored }),
      buildEvent({ contactId: 4712, [name]: `1${stored}` }),
      buildEvent({ contactId: 4713, [name]: `${stored.trim()}1` }),
    )
    const { contacts, erasure } = await erased(pathOf(name, query))
    expect([contacts, erasure.state]).toEqual([1, 'finished'])
    expect((await contactsLeft()).toSorted()).toEqual([4712, 4713])
  })

  it('is found among very many contacts by reading few rows', async () => {
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

describe('events that identify a subject by values of another type', () => {
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

  it('are erased', async () => {
    await store(...events)
    await erased('/contacts/4711')
    expect(await iids()).toEqual(['id-number', 'number', 'others'])
    await erased(pathOf('sms', '+380000000001'))
    expect(await iids()).toEqual(['id-number', 'others'])
    await erased(pathOf('externalCustomerId', '777123'))
    expect(await iids()).toEqual(['others'])
  })

  it('are erased if they were in the queue', async () => {
    await store(buildEvent({ contactId: 4711, webpush: 'push-token-1' }))
    const texts = await messagesOf(events)
    await erased('/contacts/4711')
    await erased(pathOf('sms', '+380000000001'))
    await consume(texts)
    expect(await iids()).toEqual(['id-number', 'others'])
  })

  it('are erased in the archive', async () => {
    await store(...events)
    await runMaintenanceAll(LATER, KEEP)
    await erased('/contacts/4711', KEEP)
    await erased(pathOf('externalCustomerId', '777123'), KEEP)
    await runMaintenanceAll(LATER, KEEP)
    const left = (await readArchive()).map(({ iid }) => iid)
    expect(left).not.toContain('text-id')
    expect(left).not.toContain('id-number')
    expect(left).toEqual(expect.arrayContaining(['number', 'others']))
  })
})

describe('quarantined items', () => {
  it('are erased however they identify the subject, and kept if they identify others', async () => {
    const others = '{"contactId":4,"activityStatus":""}'
    await receive(
      `[{"contact\\u0049d":4711,"activityStatus":""},{"contactId":4.711e3,"activityStatus":""},
        {"contactId":" 4711","activityStatus":""},{"email":["anna@example.com"],"activityStatus":""},
        {"Email":"anna@example.com","activityStatus":""},${others}]`,
    )
    await erased('/contacts/4711')
    await erased(pathOf('email', 'anna@example.com'))
    expect(await quarantined()).toEqual([others])
    await erased('/contacts/4')
    expect(await quarantined()).toEqual([])
  })

  it('cause no delay, however long they are', async () => {
    const long = 'a'.repeat(6_900_000)
    const body = [{ activityStatus: '', email: long }]
    await consume(await messagesOf(body))
    expect(await count('quarantine')).toBeGreaterThan(200)
    await store(buildEvent({ contactId: 4711 }))
    const { erasure } = await erased('/contacts/4711')
    await runMaintenanceAll()
    expect(await count('activity')).toBe(0)
    const finished = 'SELECT finishedAt FROM erasures WHERE number = ?'
    expect(await env.DB.prepare(finished).bind(erasure.number).first('finishedAt')).not.toBeNull()
  })

  it('are erased if they are messages of another version that identify the subject', async () => {
    const write = async (changes: Record<string, unknown>) => {
      const [text = ''] = await messagesOf([buildEvent(changes)])
      return text.replace('"v":1', '"v":2')
    }
    const matching = await write({ contactId: 4711, email: 'anna@example.com' })
    const others = await write({ contactId: 4712, email: 'bert@example.com' })
    await consume([matching, others], { quarantineOnFailure: true })
    expect(await count('quarantine')).toBe(2)
    await erased('/contacts/4711')
    expect(await quarantined()).toEqual([others])
    await erased(pathOf('email', 'Bert@example.com'))
    expect(await quarantined()).toEqual([])
  })

  it('cost little, even if they identify thousands', async () => {
    await erased('/contacts/5')
    const many = Array.from({ length: 4_000 }, (_, index) => ({
      contactId: 10_000 + index,
      sms: 100_000 + index,
    }))
    const texts = await messagesOf([{ activityStatus: '', many }])
    const { db, rowsRead } = countReads(env.DB)
    await consume(texts, { db })
    expect(await count('quarantine')).toBeGreaterThan(0)
    expect(rowsRead()).toBeLessThan(100)
  })
})
