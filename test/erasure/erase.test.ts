import { env, exports } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { app } from '../../src/routes.ts'
import { storeMessages } from '../../src/db/write/batch-writer.ts'
import { rebuild } from '../../src/db/derived/rebuild.ts'
import { buildEvent } from '../event.ts'
import { faultyQueue } from '../faulty.ts'
import {
  count,
  list,
  listQuarantine,
  post,
  postWith,
  read,
  take,
  untilStored,
} from '../receiver.ts'
import { store } from '../store-events.ts'
import { runMaintenanceAll } from '../run-maintenance.ts'
import { PATIENT } from '../patience.ts'

type Answer = {
  contacts: number
  erasure: { number: number; state: string; finishedAt: number | null; removed: object }
}

async function erase(path: string, token = 'read-token-for-tests', changed: Partial<Env> = {}) {
  const init = { method: 'DELETE', headers: { Authorization: `Bearer ${token}` } }
  return app.request(path, init, { ...env, ...changed })
}

async function erased(path: string): Promise<Answer> {
  const response = await erase(path)
  expect([response.status, await response.clone().text()]).toEqual([200, expect.anything()])
  return response.json()
}

/** Everything that the database holds, as text. */
async function dump(): Promise<string> {
  const { results } = await env.DB.prepare(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf*'`,
  ).all<{ name: string }>()
  const tables = results.map(({ name }) => name).filter((name) => !name.startsWith('sqlite'))
  const rows = await Promise.all(
    tables.map(async (name) => [
      name,
      (await env.DB.prepare(`SELECT * FROM "${name}"`).all()).results,
    ]),
  )
  return JSON.stringify(rows)
}

/** The messages that a POST hands to the queue. */
async function messagesOf(body: object): Promise<string[]> {
  const sent: string[] = []
  await postWith({ ACTIVITY_QUEUE: faultyQueue(undefined, sent) }, body)
  return sent
}

async function consume(texts: string[]) {
  return storeMessages(
    env.DB,
    texts.map((text) => ({ text, quarantineOnFailure: false })),
    5_000,
  )
}

const totals = async () => (await env.DB.prepare('SELECT * FROM totals').all()).results

const anna = { contactId: 4711, email: 'Anna@example.com', externalCustomerId: 'customer-anna' }
const bert = { contactId: 4712, email: 'bert@example.com' }

describe('forgetting a contact', () => {
  it('leaves no trace of it anywhere, and all of the others and the totals', async () => {
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
  ])('finds it by %s, with all contacts that have the name', async (name, value) => {
    const known = { ...anna, sms: '380000000001' }
    await store(
      buildEvent(known),
      buildEvent({ ...known, contactId: 4713 }),
      buildEvent({ contactId: 4713, email: 'other@example.com' }),
      buildEvent(bert),
    )
    const answer = await erased(`/contacts?${name}=${encodeURIComponent(value)}`)
    expect(answer.contacts).toBe(2)
    expect(await dump()).not.toMatch(/471[13]|anna|other@/i)
    expect(await count('activity')).toBe(1)
  })

  it('spares other contacts that share one of its names', async () => {
    await store(
      buildEvent({ ...anna, sms: '380000000001' }),
      buildEvent({ ...bert, sms: '380000000001' }),
    )
    await erased('/contacts/4711')
    expect((await list()).activity).toMatchObject([{ contactId: 4712, sms: '380000000001' }])
  })

  it('keeps whom not to write to where that is asked for', async () => {
    await store(buildEvent({ ...anna, activityStatus: 'UNSUBSCRIBED' }))
    await erased('/contacts/4711?suppressions=keep')
    expect(await count('activity')).toBe(0)
    expect(await (await read('/suppressions')).json()).toMatchObject({
      suppressions: [{ reason: 'UNSUBSCRIBED', address: 'Anna@example.com' }],
    })
  })

  it('takes any number of events, in steps that the schedule goes on with', async () => {
    const events = Array.from({ length: 5_200 }, (_, place) =>
      buildEvent({
        ...anna,
        activityDateTime: new Date(place * 60_000).toISOString().slice(0, 19),
      }),
    )
    for (let start = 0; start < events.length; start += 1_300)
      await store(...events.slice(start, start + 1_300))
    const { erasure } = await erased('/contacts/4711')
    expect(erasure.state).toBe('under way')
    await runMaintenanceAll()
    const { erasure: later } = await (await read(`/erasures/${erasure.number}`)).json<Answer>()
    expect(later).toMatchObject({ state: 'finished', removed: { activity: 5_200 } })
    expect(await dump()).not.toMatch(/:4711|anna/i)
  })

  it('goes on where the database failed in the middle', async () => {
    await store(buildEvent(anna))
    let calls = 0
    const failing = {
      prepare: (sql: string) => env.DB.prepare(sql),
      batch: (statements: D1PreparedStatement[]) =>
        ++calls === 3 ? Promise.reject(new Error('D1_ERROR: lost')) : env.DB.batch(statements),
    } as unknown as D1Database
    const answer: Answer = await (
      await erase('/contacts/4711', 'read-token-for-tests', { DB: failing })
    ).json()
    expect(answer.erasure.state).toBe('under way')
    await runMaintenanceAll()
    expect(await dump()).not.toMatch(/4711|anna/i)
  })

  it('is noted without a word of whom', async () => {
    await store(buildEvent(anna))
    const log = vi.spyOn(console, 'info')
    await erased('/contacts?email=anna@example.com')
    const answer = await (await read('/erasures')).text()
    expect(JSON.parse(answer).erasures).toMatchObject([{ state: 'finished' }])
    expect(answer + log.mock.calls.join()).not.toMatch(/anna|4711/i)
    expect(await env.DB.prepare('SELECT target FROM erasures').first('target')).toBeNull()
    log.mockRestore()
  })

  it('is refused where it cannot be meant, or may not be done', async () => {
    const statusOf = async (...asked: Parameters<typeof erase>) => (await erase(...asked)).status
    expect(await statusOf('/contacts/anna')).toBe(404)
    expect(await statusOf('/contacts')).toBe(400)
    expect(await statusOf('/contacts?email=a@example.com&sms=1')).toBe(400)
    expect(await statusOf('/contacts/1?suppressions=maybe')).toBe(400)
    expect(await statusOf('/contacts/1', 'wrong')).toBe(401)
    const changed = { OPERATE_TOKEN: 'operate-token-for-tests' }
    expect(await statusOf('/contacts/1', 'read-token-for-tests', changed)).toBe(401)
    expect(await statusOf('/contacts/1', 'operate-token-for-tests', changed)).toBe(200)
  })
})

describe('what comes in afterwards', () => {
  it('is not kept where it was on its way, and all else of its request is', async () => {
    const texts = await messagesOf([buildEvent(anna), buildEvent(bert), buildEvent(anna)])
    await erased('/contacts/4711')
    expect((await consume(texts)).outcomes).toEqual(['stored'])
    expect((await list()).activity).toMatchObject([{ contactId: 4712 }])
    expect(await dump()).not.toMatch(/4711|anna/i)
  })

  it('is not kept where Yespo sends it again, also as what is no event', async () => {
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
    expect(await totals()).not.toEqual(before) // of the last one
    expect((await list()).activity.map(({ contactId }) => contactId)).toEqual([4712, 4712])
    expect(await count('quarantine')).toBe(0)
    expect(await dump()).not.toMatch(/4711|anna/i)
  })

  it('is kept where it is no event, and nothing says of whom or when', async () => {
    await erased('/contacts/4711')
    const body = [{ activityStatus: '' }, 5, { ...bert, activityStatus: '' }]
    expect((await consume(await messagesOf(body))).outcomes).toEqual(['stored'])
    expect(await listQuarantine()).toHaveLength(3)
  })

  it('is kept where it happened after that: they may have come back', async () => {
    await erased('/contacts/4711')
    const later = new Date(Date.now() + 3_600_000).toISOString().slice(0, 19)
    await vi.waitFor(async () => {
      // Received in the same millisecond would be before.
      await store(buildEvent({ ...anna, activityDateTime: later }))
      expect(await count('activity')).toBe(1)
    }, PATIENT)
    expect(await count('contact_identifiers')).toBe(2)
  })

  it('is looked at anew where someone is forgotten in the middle of a transaction', async () => {
    const texts = await messagesOf([buildEvent(anna), buildEvent(bert)])
    await consume([]) // knows now that nobody is forgotten
    let isFirst = true
    const db = {
      prepare: (sql: string) => env.DB.prepare(sql),
      batch: async (statements: D1PreparedStatement[]) => {
        if (isFirst) {
          isFirst = false
          await erased('/contacts/4711')
        }
        return env.DB.batch(statements)
      },
    } as unknown as D1Database
    const { outcomes } = await storeMessages(
      db,
      texts.map((text) => ({ text, quarantineOnFailure: false })),
      5_000,
    )
    expect(outcomes).toEqual(['stored'])
    expect((await list()).activity).toMatchObject([{ contactId: 4712 }])
  })

  it('leaves the totals as they are, however often they are counted anew', async () => {
    await store(buildEvent(anna), buildEvent(bert), buildEvent({ ...bert, messageId: 5 }))
    const before = await totals()
    await erased('/contacts/4711')
    expect((await rebuild(env.DB, undefined)).next).toBeNull()
    expect(await totals()).toEqual(before)
  })
})

describe('messages that were set aside', () => {
  it('lose their events, to the digit, and keep those of others', async () => {
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

  it('are set aside without them', async () => {
    const texts = await messagesOf([buildEvent(anna), buildEvent({ ...bert, email: 'POISON' })])
    await erased('/contacts/4711')
    const db = {
      prepare: (sql: string) => env.DB.prepare(sql),
      batch: (statements: D1PreparedStatement[]) =>
        statements.length > 3
          ? Promise.reject(new Error('D1_ERROR: malformed JSON'))
          : env.DB.batch(statements),
    } as unknown as D1Database
    const { outcomes } = await storeMessages(
      db,
      texts.map((text) => ({ text, quarantineOnFailure: false })),
      5_000,
    )
    expect(outcomes).toEqual(['quarantined'])
    expect(await dump()).not.toMatch(/4711|anna/i)
    expect(await dump()).toContain('POISON')
  })
})

it('answers with the method that an address takes', async () => {
  const response = await exports.default.fetch('https://receiver.example.com/contacts/1', {
    method: 'PUT',
  })
  expect([response.status, response.headers.get('Allow')]).toEqual([405, 'GET, HEAD, DELETE'])
  expect((await post([])).status).toBe(200)
})
