import { env, exports } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { rebuild } from '../../src/db/derived/rebuild.ts'
import { buildEvent } from '../event.ts'
import { messagesOf } from '../messages-of.ts'
import { count, list, listQuarantine, post, read, take, untilStored } from '../receiver.ts'
import { store } from '../store-events.ts'
import { runMaintenanceAll } from '../run-maintenance.ts'
import { PATIENT } from '../patience.ts'
import { consume, erase, erased, withIncident, type ErasureResponse } from './erasing.ts'
import { dump } from './restored.ts'

const totals = async () => (await env.DB.prepare('SELECT * FROM totals').all()).results

const anna = { contactId: 4711, email: 'Anna@example.com', externalCustomerId: 'customer-anna' }
const bert = { contactId: 4712, email: 'bert@example.com' }

describe('erasing a contact', () => {
  it('leaves no trace of the contact, and keeps all other contacts and the totals', async () => {
    await store(
      buildEvent({ ...anna, iid: 'aaaaaaaa-1', sms: '380000000001', webpush: 'push-token-anna' }),
      buildEvent({ ...anna, iid: 'aaaaaaaa-1', activityStatus: 'SPAM' }),
      buildEvent({ ...bert, iid: 'bbbbbbbb-1' }),
      buildEvent({ contactId: null, email: 'anna@EXAMPLE.com', iid: 'cccccccc-1' }),
      buildEvent({ contactId: null, email: 'carl@example.com', iid: 'dddddddd-1' }),
    )
    await take([
      { ...anna, activityStatus: '' },
      { ...bert, activityStatus: '' },
    ])
    await untilStored(2, 'quarantine')
    const before = await totals()
    const { contacts, erasure } = await erased('/contacts/4711')
    expect(contacts).toBe(1)
    expect(erasure).toMatchObject({
      state: 'finished',
      removed: { activity: 3, identifiers: 4, suppressions: 1, quarantineParts: 1 },
    })
    expect(await dump()).not.toMatch(/4711|anna|380000000001|aaaaaaaa/i)
    expect(await totals()).toEqual(before)
    const emails = (await list()).activity.map(({ email }) => email)
    expect(emails.toSorted()).toEqual(['bert@example.com', 'carl@example.com'])
    expect(await listQuarantine()).toEqual([expect.objectContaining({ elementIndex: 1 })])
    expect((await read('/deliveries/bbbbbbbb-1')).status).toBe(200)
    expect((await read('/contacts/4711')).status).toBe(404)
  })

  it.each([
    ['email', 'ANNA@example.com'],
    ['externalCustomerId', 'customer-anna'],
    ['sms', '+38 (000) 000-00-01'],
  ])('finds all contacts with the same %s', async (name, value) => {
    const known = { ...anna, sms: '380000000001' }
    await store(
      buildEvent(known),
      buildEvent({ ...known, contactId: 4713 }),
      buildEvent({ contactId: 4713, email: 'other@example.com' }),
      buildEvent(bert),
    )
    const response = await erased(`/contacts?${name}=${encodeURIComponent(value)}`)
    expect(response.contacts).toBe(2)
    expect(await dump()).not.toMatch(/471[13]|anna|other@/i)
    expect(await count('activity')).toBe(1)
  })

  it('spares other contacts that share one of its identifiers', async () => {
    await store(
      buildEvent({ ...anna, sms: '380000000001' }),
      buildEvent({ ...bert, sms: '380000000001' }),
    )
    await erased('/contacts/4711')
    expect((await list()).activity).toMatchObject([{ contactId: 4712, sms: '380000000001' }])
  })

  it('keeps suppressions if that is requested', async () => {
    await store(buildEvent({ ...anna, activityStatus: 'UNSUBSCRIBED' }))
    await erased('/contacts/4711?suppressions=keep')
    expect(await count('activity')).toBe(0)
    expect(await (await read('/suppressions')).json()).toMatchObject({
      suppressions: [{ reason: 'UNSUBSCRIBED', address: 'Anna@example.com' }],
    })
  })

  it('erases any number of events, in steps that the schedule continues', async () => {
    const events = Array.from({ length: 5_200 }, (_, index) =>
      buildEvent({
        ...anna,
        activityDateTime: new Date(index * 60_000).toISOString().slice(0, 19),
      }),
    )
    for (let start = 0; start < events.length; start += 1_300)
      await store(...events.slice(start, start + 1_300))
    const { erasure } = await erased('/contacts/4711')
    expect(erasure.state).toBe('under way')
    await runMaintenanceAll()
    const { erasure: later } = await (
      await read(`/erasures/${erasure.number}`)
    ).json<ErasureResponse>()
    expect(later).toMatchObject({ state: 'finished', removed: { activity: 5_200 } })
    expect(await dump()).not.toMatch(/:4711|anna/i)
  })

  it('continues after the database failed halfway', async () => {
    await store(buildEvent(anna))
    let calls = 0
    const failing = {
      prepare: (sql: string) => env.DB.prepare(sql),
      batch: (statements: D1PreparedStatement[]) =>
        ++calls === 3 ? Promise.reject(new Error('D1_ERROR: lost')) : env.DB.batch(statements),
    } as unknown as D1Database
    const response = await erased('/contacts/4711', { DB: failing })
    expect(response.erasure.state).toBe('under way')
    await runMaintenanceAll()
    expect(await dump()).not.toMatch(/4711|anna/i)
  })

  it('is recorded anonymously', async () => {
    await store(buildEvent(anna))
    const log = vi.spyOn(console, 'info')
    await erased('/contacts?email=anna@example.com')
    const text = await (await read('/erasures')).text()
    expect(JSON.parse(text).erasures).toMatchObject([{ state: 'finished' }])
    expect(text + log.mock.calls.join()).not.toMatch(/anna|4711/i)
    expect(await env.DB.prepare('SELECT target FROM erasures').first('target')).toBeNull()
    log.mockRestore()
  })

  it('is rejected if the request is ambiguous or unauthorized', async () => {
    const statusOf = async (...request: Parameters<typeof erase>) =>
      (await erase(...request)).status
    expect(await statusOf('/contacts/anna')).toBe(404)
    expect(await statusOf('/contacts')).toBe(400)
    expect(await statusOf('/contacts?email=a@example.com&sms=1')).toBe(400)
    expect(await statusOf('/contacts/1?suppressions=maybe')).toBe(400)
    expect(await statusOf('/contacts/1', {}, 'wrong')).toBe(401)
    const changed = { OPERATE_TOKEN: 'operate-token-for-tests' }
    expect(await statusOf('/contacts/1', changed)).toBe(401)
    expect(await statusOf('/contacts/1', changed, 'operate-token-for-tests')).toBe(200)
  })
})

describe('an event that arrives after the erasure', () => {
  it('is not stored if it was in the queue, but the rest of its request is', async () => {
    const texts = await messagesOf([buildEvent(anna), buildEvent(bert), buildEvent(anna)])
    await erased('/contacts/4711')
    expect((await consume(texts)).outcomes).toEqual(['stored'])
    expect((await list()).activity).toMatchObject([{ contactId: 4712 }])
    expect(await dump()).not.toMatch(/4711|anna/i)
  })

  it('is not stored if Yespo sends it again, not even as an invalid item', async () => {
    const body = [buildEvent(anna), { ...anna, activityStatus: '' }, buildEvent(bert)]
    await take(body)
    await untilStored(2)
    await untilStored(1, 'quarantine')
    await erased('/contacts/4711')
    const before = await totals()
    await take(body)
    await take([buildEvent({ ...anna, activityStatus: 'READ' })])
    await take([buildEvent({ contactId: null, email: 'anna@example.com' })])
    await take([buildEvent({ ...bert, iid: 'last' })])
    await untilStored(2)
    expect(await totals()).not.toEqual(before) // the last event counted
    expect((await list()).activity.map(({ contactId }) => contactId)).toEqual([4712, 4712])
    expect(await count('quarantine')).toBe(0)
    expect(await dump()).not.toMatch(/4711|anna/i)
  })

  it('is kept if it is invalid, and its subject and time are unknown', async () => {
    await erased('/contacts/4711')
    const body = [{ activityStatus: '' }, 5, { ...bert, activityStatus: '' }]
    expect((await consume(await messagesOf(body))).outcomes).toEqual(['stored'])
    expect(await listQuarantine()).toHaveLength(3)
  })

  it('is stored if it happened later, as the customer may have come back', async () => {
    await erased('/contacts/4711')
    const later = new Date(Date.now() + 3_600_000).toISOString().slice(0, 19)
    await vi.waitFor(async () => {
      // The same millisecond would count as before.
      await store(buildEvent({ ...anna, activityDateTime: later }))
      expect(await count('activity')).toBe(1)
    }, PATIENT)
    expect(await count('contact_identifiers')).toBe(2)
  })

  it('is checked again if someone is erased during the transaction', async () => {
    const texts = await messagesOf([buildEvent(anna), buildEvent(bert)])
    await consume([]) // now knows that nobody was erased
    const db = withIncident(() => erased('/contacts/4711'))
    const { outcomes } = await consume(texts, { db })
    expect(outcomes).toEqual(['stored'])
    expect((await list()).activity).toMatchObject([{ contactId: 4712 }])
  })

  it('erases a contact whose first event is stored as it begins', async () => {
    const db = withIncident(() => store(buildEvent(anna)))
    const { contacts } = await erased('/contacts?email=anna@example.com', { DB: db })
    expect(contacts).toBe(1)
    expect((await list()).activity).toEqual([])
    expect(await count('contact_identifiers')).toBe(0)
  })

  it('does not change the totals, however often they are rebuilt', async () => {
    await store(buildEvent(anna), buildEvent(bert), buildEvent({ ...bert, messageId: 5 }))
    const before = await totals()
    await erased('/contacts/4711')
    expect((await rebuild(env.DB, undefined)).next).toBeNull()
    expect(await totals()).toEqual(before)
  })
})

describe('quarantined messages', () => {
  it('lose the events of the subject, and keep those of others to the digit', async () => {
    const [text = ''] = await messagesOf([
      buildEvent(anna),
      buildEvent({ ...bert, sourceEventId: 42 }),
    ])
    const exact = text.replace(',42]', ',9007199254740993]')
    const insert = `INSERT INTO quarantine VALUES ('r', 0, 0, 'message', 'because', 5, 'webhook', NULL, ?)`
    await env.DB.prepare(insert).bind(exact).run()
    await erased('/contacts/4711')
    const [row, ...others] = await listQuarantine()
    expect(others).toEqual([])
    expect(row).toMatchObject({ kind: 'message', reason: 'because', receivedAt: 5 })
    expect(row?.['sent']).toContain('9007199254740993')
    expect(await dump()).not.toMatch(/4711|anna/i)
    expect((await consume([String(row?.['sent'])])).outcomes).toEqual(['stored'])
    expect(await count('activity')).toBe(1)
  })

  it("are quarantined without the subject's events", async () => {
    const texts = await messagesOf([buildEvent(anna), buildEvent({ ...bert, email: 'POISON' })])
    await erased('/contacts/4711')
    const db = {
      prepare: (sql: string) => env.DB.prepare(sql),
      batch: (statements: D1PreparedStatement[]) =>
        statements.length > 3
          ? Promise.reject(new Error('D1_ERROR: malformed JSON'))
          : env.DB.batch(statements),
    } as unknown as D1Database
    const { outcomes } = await consume(texts, { db })
    expect(outcomes).toEqual(['quarantined'])
    expect(await dump()).not.toMatch(/4711|anna/i)
    expect(await dump()).toContain('POISON')
  })
})

it('responds with the allowed methods', async () => {
  const response = await exports.default.fetch('https://receiver.example.com/contacts/1', {
    method: 'PUT',
  })
  expect([response.status, response.headers.get('Allow')]).toEqual([405, 'GET, HEAD, DELETE'])
  expect((await post([])).status).toBe(200)
})
