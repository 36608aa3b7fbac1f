import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { encodeParts } from '../../src/event/body-part.ts'
import { countDeferred, decodeDeferred } from '../../src/event/deferred.ts'
import { digest128 } from '../../src/event/identity.ts'
import { countMessage } from '../../src/event/message.ts'
import { listStalled } from '../../src/db/write/large-bodies.ts'
import { consume } from '../../src/ingest/consume.ts'
import { Elements } from '../../src/ingest/parse-elements.ts'
import { prepare } from '../../src/ingest/to-messages.ts'
import { consumeBatch } from '../../src/consume-batch.ts'
import { resumeBodies } from '../../src/ingest/resume-bodies.ts'
import { storeRawMessages } from '../../src/ingest/store-raw.ts'
import { Budget } from '../../src/platform/budget.ts'
import { buildBatch } from '../deliver.ts'
import { erased } from '../erasure/erasing.ts'
import { buildEvent } from '../event.ts'
import { D1_ERRORS, faultyDatabase, faultyQueue } from '../faulty.ts'
import {
  clearTables,
  count,
  listQuarantine,
  postWith,
  untilStored,
  type Body,
  type Taken,
} from '../receiver.ts'
import { runMaintenanceAll } from '../run-maintenance.ts'
import { ENVELOPE } from './large-body.ts'

beforeEach(clearTables)

const FREE = { CLOUDFLARE_PLAN: 'free' } as const
const down = () => faultyQueue(new Error('down'))
const events = (length: number, changes: object = {}) =>
  Array.from({ length }, () => buildEvent({ ...changes }))

/** What the edge sends of a body on the free plan. */
async function sentOf(body: Body): Promise<string[]> {
  const sent: string[] = []
  const response = await postWith({ ...FREE, ACTIVITY_QUEUE: faultyQueue(undefined, sent) }, body)
  expect(response.status).toBe(200)
  return sent
}

/** A queue that keeps what it is sent, with its delay. */
function keepingQueue() {
  const sent: { body: string; delaySeconds?: number }[] = []
  const keep = (body: string, { delaySeconds }: QueueSendOptions = {}) => {
    sent.push({ body, ...(delaySeconds !== undefined && { delaySeconds }) })
    return Promise.resolve()
  }
  const sendBatch = async (messages: Iterable<MessageSendRequest<string>>) => {
    for (const { body, ...options } of messages) await keep(body, options)
  }
  return { sent, queue: { send: keep, sendBatch } as unknown as Queue }
}

/** The message of a body's only part, which says that the body has two. */
async function incompletePart(body: string): Promise<Buffer> {
  const [part = ''] = await sentOf(body)
  const text = Buffer.from(part).toString()
  return Buffer.from(text.replace('"parts":1,', '"parts":2,'))
}

type Given = { text: string; attempts?: number }

/** Consumes a batch on the free plan; what became of each message. */
async function deliver(given: readonly Given[], queue: Queue = down(), db = env.DB) {
  const { batch, settled } = buildBatch(given.map(({ text }) => text))
  const messages = batch.messages.map((message, index) =>
    Object.assign(message, { attempts: given[index]?.attempts ?? 1 }),
  )
  await consume(
    { queue: 'any', messages },
    { db, queues: { small: queue, large: queue }, plan: 'free' },
  )
  return settled
}

/** A message of so many events, checked. */
function checked(length: number): string {
  const elements = new Elements(Buffer.from(JSON.stringify(events(length))))
  const { messages } = prepare(elements, ENVELOPE, 'UTC')
  expect(messages.map((text) => countMessage(text)?.accepted)).toEqual([length])
  return messages[0] ?? ''
}

describe('the webhook on the free plan', () => {
  it('defers more than 50 events, which the queue brings in', async () => {
    const body = [...events(150), 5, ...events(50)]
    const response = await postWith(FREE, body)
    expect(await response.json<Taken>()).toEqual({
      received: 201,
      accepted: 0,
      quarantined: [],
      deferred: 201,
    })
    await untilStored(200)
    expect(await listQuarantine()).toMatchObject([
      { elementIndex: 150, reason: 'the element is a number; an event is an object', sent: '5' },
    ])
  })

  it('takes a body of more than 100 KB in parts, which the queue brings in', async () => {
    const body = [5, ...events(200, { note: 'ї'.repeat(800) })]
    const response = await postWith(FREE, body)
    expect(await response.json<Taken>()).toEqual({
      received: null,
      accepted: 0,
      quarantined: [],
      deferred: null,
    })
    await untilStored(200)
    await vi.waitFor(async () => expect(await listStalled(env.DB, SOON)).toEqual([]), 100_000)
    expect(await listQuarantine()).toMatchObject([{ elementIndex: 0, sent: '5' }])
    expect(await count('body_parts')).toBe(0)
  })

  it('rejects a large body at first if it breaks off, and later stores the events before that', async () => {
    const text = JSON.stringify(events(300)).slice(0, -1)
    expect((await postWith(FREE, text)).status).toBe(400)
    expect(await count('activity')).toBe(0)
  })

  it('stores the same large body once', async () => {
    const body = events(120)
    const sent = [...(await sentOf(body)), ...(await sentOf(body))]
    expect(await deliver(sent.map((text) => ({ text })))).toContain('ack')
    for (const text of sent) await deliver([{ text }])
    await postWith({ ...FREE, ACTIVITY_QUEUE: down() }, `\ufeff${JSON.stringify(body)}`)
    await resumeBodies(env.DB, noQueues, schedule(), SOON)
    expect(await count('activity')).toBe(120)
  })
})

describe('one batch', () => {
  it('takes 200 events, and returns the other messages at once', async () => {
    const texts = Array.from({ length: 8 }, () => checked(90))
    const settled = await deliver(texts.map((text) => ({ text })))
    const returned = { delaySeconds: 0 }
    expect(settled).toEqual([...Array(2).fill('ack'), ...Array(6).fill(returned)])
    expect(await count('activity')).toBe(180)
    expect(await deliver(texts.slice(5).map((text) => ({ text, attempts: 2 })))).toEqual([
      'ack',
      returned,
      returned,
    ])
  })

  it('takes the messages with the most tries first, and fewer of them', async () => {
    const texts = Array.from({ length: 4 }, () => checked(90))
    const given = texts.map((text, index) => ({ text, attempts: [1, 3, 1, 4][index] ?? 1 }))
    const returned = { delaySeconds: 0 }
    expect(await deliver(given)).toEqual([returned, returned, returned, 'ack'])
    expect(await count('activity')).toBe(90)
  })

  it('moves the other messages to the queue of large ones, and sends small ones again in time', async () => {
    const many = Array.from({ length: 8 }, () => checked(90))
    const few = checked(10)
    const [small, large] = [keepingQueue(), keepingQueue()]
    const { batch, settled } = buildBatch([...many, few, few, few])
    const messages = batch.messages.map((message, index) =>
      Object.assign(message, { attempts: [2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1][index] }),
    )
    const queues = { small: small.queue, large: large.queue }
    await consume({ queue: 'any', messages }, { db: env.DB, queues, plan: 'free' })
    expect(large.sent.map(({ body }) => body)).toEqual(many.slice(1))
    expect(small.sent).toEqual([])
    expect(settled).toEqual([...Array(10).fill('ack'), { delaySeconds: 0 }])
    expect(await count('activity')).toBe(100)
    const { batch: last, settled: lastSettled } = buildBatch([many[2], few, few], { attempts: 100 })
    await consume(last, { db: env.DB, queues, plan: 'free' })
    expect(small.sent.map(({ body }) => body)).toEqual([few])
    expect(lastSettled).toEqual(['ack', 'ack', 'ack'])
  })

  it('on its last try without the database, is sent again to the queue for its size', async () => {
    const [many, few] = [checked(90), checked(1)]
    const [small, large] = [keepingQueue(), keepingQueue()]
    const db = faultyDatabase(env.DB, () => D1_ERRORS.lost())
    const { batch, settled } = buildBatch([many, few], { age: 21 * 3_600_000 })
    const queues = { small: small.queue, large: large.queue }
    await consume(batch, { db, queues, plan: 'free' })
    expect(large.sent.map(({ body }) => body.trimEnd())).toEqual([many])
    expect(small.sent.map(({ body }) => body.trimEnd())).toEqual([few])
    expect(settled).toEqual(['ack', 'ack'])
  })

  it('takes at least one message, however many events it has', async () => {
    const text = checked(100)
    const many = text.replace(/"accepted":100,/, '"accepted":100000,')
    expect((await deliver([{ text: many }, { text }]))[0]).not.toEqual({ delaySeconds: 0 })
  })

  it('counts a deferred event twice', async () => {
    const texts = (await sentOf(events(400))).map((text) => ({ text }))
    const settled = await deliver(texts)
    let taken = 0
    for (const [index, { text }] of texts.entries()) {
      if (settled[index] === 'ack') taken += countDeferred(text) ?? 0
      else expect(settled[index]).toEqual({ delaySeconds: 0 })
    }
    expect(taken).toBeGreaterThan(50)
    expect(taken).toBeLessThanOrEqual(100)
    expect(await count('activity')).toBe(taken)
  })
})

describe('a deferred message', () => {
  it('that was killed is sent again in halves, which store its events', async () => {
    const [text = ''] = await sentOf([...events(1), 5, ...events(119)])
    const size = countDeferred(text) ?? 0
    const { sent, queue } = keepingQueue()
    expect(await deliver([{ text, attempts: 2 }], queue)).toEqual(['ack'])
    expect(sent.map(({ body }) => countDeferred(body))).toEqual([size >> 1, size - (size >> 1)])
    expect([await count('activity'), await count('quarantine')]).toEqual([0, 0])
    for (const { body } of sent) expect(await deliver([{ text: body }])).toEqual(['ack'])
    expect([await count('activity'), await count('quarantine')]).toEqual([size - 1, 1])
    // The whole of it changes nothing afterwards.
    expect(await deliver([{ text }])).toEqual(['ack'])
    expect([await count('activity'), await count('quarantine')]).toEqual([size - 1, 1])
  })

  it('is tried again later if its halves cannot be sent', async () => {
    const [text = ''] = await sentOf(events(120))
    expect(await deliver([{ text, attempts: 2 }])).toEqual([{ delaySeconds: 4 }])
    expect(await count('activity')).toBe(0)
  })

  it('is stored raw if its halves cannot be sent on its last try', async () => {
    const [text = ''] = await sentOf(events(120))
    expect(await deliver([{ text, attempts: 100 }])).toEqual(['ack'])
    await storeRawMessages(env.DB, schedule())
    expect(await count('activity')).toBe(countDeferred(text))
  })

  it('of one event is stored even if an invocation was killed, or a version that does not start had it', async () => {
    const [text = ''] = await sentOf(events(3, { note: 'x'.repeat(25_000) }))
    expect(countDeferred(text)).toBe(1)
    const { sent, queue } = keepingQueue()
    expect(await deliver([{ text, attempts: 11 }], queue)).toEqual(['ack'])
    const again = sent[0]?.body ?? ''
    const { slice, envelope } = decodeDeferred(text) ?? {}
    expect(decodeDeferred(again)).toEqual({ slice: { ...slice, wasTried: true }, envelope })
    expect(await deliver([{ text: again, attempts: 10 }])).toEqual(['ack'])
    expect([await count('activity'), await count('quarantine')]).toEqual([1, 0])
  })

  it('of one event is quarantined if its tries fail once more', async () => {
    const [text = ''] = await sentOf(events(3, { note: 'x'.repeat(25_000) }))
    const { sent, queue } = keepingQueue()
    await deliver([{ text, attempts: 11 }], queue)
    expect(await deliver([{ text: sent[0]?.body ?? '', attempts: 11 }], queue)).toEqual(['ack'])
    expect(countMessage(sent[1]?.body ?? '')).toEqual({ accepted: 0, rejected: 1 })
  })

  it('is sent again as it was checked if the database fails', async () => {
    const [text = ''] = await sentOf([...events(1), 5, ...events(119)])
    const size = countDeferred(text) ?? 0
    const { sent, queue } = keepingQueue()
    const failing = faultyDatabase(env.DB, () => D1_ERRORS.overloaded())
    expect(await deliver([{ text }], queue, failing)).toEqual(['ack'])
    expect(sent.map(({ body }) => countMessage(body))).toEqual([
      { accepted: size - 1, rejected: 1 },
    ])
    expect(sent.map(({ delaySeconds }) => delaySeconds)).toEqual([2])
    expect(await deliver([{ text: sent[0]?.body ?? '', attempts: 2 }])).toEqual(['ack'])
    expect([await count('activity'), await count('quarantine')]).toEqual([size - 1, 1])
  })

  it('is tried again later if neither the database nor the queue takes it', async () => {
    const [text = ''] = await sentOf(events(120))
    const failing = faultyDatabase(env.DB, () => D1_ERRORS.overloaded())
    expect(await deliver([{ text }], down(), failing)).toEqual([{ delaySeconds: 2 }])
  })

  it('that comes as a dead letter is stored', async () => {
    const [text = ''] = await sentOf(events(120))
    await env.DEAD_LETTERS.send(text, { contentType: 'text' })
    await untilStored(countDeferred(text) ?? 0)
  })
})

/** A body that has not advanced by then is stalled. */
const SOON = Date.now() + 3_600_000

const schedule = (ms = 60_000) => new Budget('paid', 'task', ms)
const noQueues = { small: down(), large: down() }

describe('without the queue', () => {
  it('deferred messages are stored raw, and the schedule brings them in', async () => {
    const body = [...events(1), 5, ...events(299)]
    const response = await postWith({ ...FREE, ACTIVITY_QUEUE: down() }, body)
    expect(await response.json<Taken>()).toMatchObject({ received: 301, deferred: 301 })
    expect(await count('activity')).toBe(0)
    expect(new Set((await listQuarantine()).map(({ kind }) => kind))).toEqual(new Set(['message']))
    await storeRawMessages(env.DB, schedule())
    expect(await count('activity')).toBe(300)
    expect(await listQuarantine()).toMatchObject([{ kind: 'element', elementIndex: 1, sent: '5' }])
    expect(await count(`key_values WHERE name GLOB 'raw.*'`)).toBe(0)
  })

  it('parts are stored, and the schedule brings their events in', async () => {
    const body = `\ufeff${JSON.stringify([5, ...events(300)])}`
    const response = await postWith({ ...FREE, ACTIVITY_QUEUE: down() }, body)
    expect(await response.json<Taken>()).toMatchObject({ received: 301, deferred: 301 })
    expect(await count('body_parts')).toBeGreaterThan(0)
    await resumeBodies(env.DB, noQueues, schedule(), SOON)
    expect(await count('activity')).toBe(300)
    expect(await listQuarantine()).toMatchObject([{ kind: 'element', elementIndex: 0, sent: '5' }])
    expect([await count('body_parts'), await listStalled(env.DB, SOON)]).toEqual([0, []])
  })

  it('and without the database, a large body is rejected with 503, and stored once it comes again', async () => {
    for (const body of [JSON.stringify(events(150)), `\ufeff${JSON.stringify(events(150))}`]) {
      const DB = faultyDatabase(env.DB, () => D1_ERRORS.lost())
      expect((await postWith({ ...FREE, ACTIVITY_QUEUE: down(), DB }, body)).status).toBe(503)
      expect((await postWith(FREE, body)).status).toBe(200)
    }
    await untilStored(300)
  })

  it('and without the database, parts are tried again however often that fails', async () => {
    const body = `\ufeff${JSON.stringify(events(120))}`
    await postWith({ ...FREE, ACTIVITY_QUEUE: down() }, body)
    const failing = faultyDatabase(env.DB, () => D1_ERRORS.overloaded())
    for (let n = 0; n < 8; n++) {
      const failed = resumeBodies(failing, noQueues, schedule(), SOON)
      await expect(failed).rejects.toThrow('Neither the queue nor the database')
    }
    await resumeBodies(env.DB, noQueues, schedule(), SOON)
    expect([await count('activity'), await count('quarantine')]).toEqual([120, 0])
  })

  it('parts that wait for others do not hold up a complete body', async () => {
    for (let n = 0; n < 12; n++) {
      const { batch } = buildBatch([await incompletePart(`\ufeff${JSON.stringify(events(101))}`)])
      await consumeBatch(batch, { ...env, ...FREE })
    }
    await postWith({ ...FREE, ACTIVITY_QUEUE: down() }, `\ufeff${JSON.stringify(events(120))}`)
    await resumeBodies(env.DB, noQueues, schedule(), SOON)
    expect(await count('activity')).toBe(120)
  })

  it('parts whose others never came are quarantined after days, and can be received again', async () => {
    const body = `\ufeff${JSON.stringify(events(101))}`
    await consumeBatch(buildBatch([await incompletePart(body)]).batch, { ...env, ...FREE })
    const day = 86_400_000
    await resumeBodies(env.DB, noQueues, schedule(), Date.now() + 4 * day)
    expect(await count('body_parts')).toBe(1)
    await resumeBodies(env.DB, noQueues, schedule(), Date.now() + 6 * day)
    expect(await count('body_parts')).toBe(0)
    expect(await listQuarantine()).toMatchObject([{ reason: 'parts of the body are missing' }])
    await resumeBodies(env.DB, noQueues, schedule(), Date.now() + 6 * day)
    expect(await count('large_bodies')).toBe(0)
    // Sent again, it is stored.
    await postWith({ ...FREE, ACTIVITY_QUEUE: down() }, body)
    await resumeBodies(env.DB, noQueues, schedule(), SOON)
    expect(await count('activity')).toBe(101)
    expect(await count('large_bodies')).toBe(1)
    await resumeBodies(env.DB, noQueues, schedule(), Date.now() + 6 * day)
    expect(await count('large_bodies')).toBe(0)
  })
})

describe('an erasure while a body is on its way', () => {
  const anna = { contactId: 4711, email: 'anna@example.com' }
  const bodyOf = () => {
    const invalid = [
      { ...anna, activityStatus: '' },
      { email: 'anna@example.com', n: 1 },
    ]
    return [...events(60), ...events(30, anna), ...invalid, ...events(60)]
  }

  /** Tables that have something of the erased subject. */
  async function tablesOfAnna(): Promise<string[]> {
    const found: string[] = []
    const tables = `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '*_cf_*' AND name NOT GLOB 'sqlite*'`
    for (const { name } of (await env.DB.prepare(tables).all<{ name: string }>()).results) {
      const { results } = await env.DB.prepare(`SELECT * FROM ${name}`).all()
      if (/anna@example|\b4711\b/.test(JSON.stringify(results))) found.push(name)
    }
    return found
  }

  async function eraseAnna(): Promise<void> {
    await erased('/contacts/4711')
    await erased('/contacts?email=anna@example.com')
  }

  /** Has the parts of a body consumed, as they come from the queue. */
  async function consumeParts(text: string): Promise<void> {
    const bytes = Buffer.from(text)
    const envelope = { receivedAt: Date.now(), origin: 'webhook', labels: null } as const
    const parts = encodeParts(bytes, digest128(bytes), envelope, 'UTC')
    const { queue } = keepingQueue()
    await consumeBatch(buildBatch(parts).batch, { ...env, ...FREE, LARGE_QUEUE: queue })
  }

  it('removes the subject from deferred messages', async () => {
    const sent = await sentOf(bodyOf())
    expect(sent.map(countDeferred)).not.toContain(undefined)
    await eraseAnna()
    for (const text of sent) expect(await deliver([{ text }])).toEqual(['ack'])
    await runMaintenanceAll()
    expect(await count('activity')).toBe(120)
    expect(await tablesOfAnna()).toEqual([])
  })

  it('removes the subject from deferred messages that are stored raw', async () => {
    await postWith({ ...FREE, ACTIVITY_QUEUE: down() }, bodyOf())
    expect(await tablesOfAnna()).toEqual(['quarantine'])
    await eraseAnna()
    await storeRawMessages(env.DB, schedule())
    await runMaintenanceAll()
    expect(await tablesOfAnna()).toEqual([])
    expect(await count('activity')).toBe(120)
    expect(await count('quarantine')).toBe(0)
    expect(await tablesOfAnna()).toEqual([])
  })

  it.each([
    ['a whole body', (text: string) => `\ufeff${text}`, 120],
    ['a body that breaks off', (text: string) => `\ufeff${text.slice(0, -1)},`, 120],
    ['a body that breaks off before its events', (text: string) => `\ufeff[,${text.slice(1)}`, 0],
  ])('removes the subject from parts: of %s', async (_what, change, stored) => {
    const text = change(JSON.stringify(bodyOf()))
    const broken = text.endsWith(']') && stored > 0 ? '' : text
    if (broken) for (let n = 0; n < 2; n++) await postWith(FREE, text)
    await consumeParts(text)
    expect(await tablesOfAnna()).toEqual(['body_parts'])
    await eraseAnna()
    await resumeBodies(env.DB, noQueues, schedule(), SOON)
    await runMaintenanceAll()
    expect(await count('activity')).toBe(stored)
    expect(await tablesOfAnna()).toEqual([])
  })

  it('removes a quarantined body that comes again much later', async () => {
    const text = `\ufeff[,${JSON.stringify(bodyOf()).slice(1)}`
    await consumeParts(text)
    await resumeBodies(env.DB, noQueues, schedule(), SOON)
    expect(await tablesOfAnna()).toEqual(['quarantine'])
    await eraseAnna()
    await resumeBodies(env.DB, noQueues, schedule(), Date.now() + 6 * 86_400_000)
    expect([await count('large_bodies'), await tablesOfAnna()]).toEqual([0, []])
    await consumeParts(text)
    await resumeBodies(env.DB, noQueues, schedule(), SOON)
    await runMaintenanceAll()
    expect(await tablesOfAnna()).toEqual([])
  })
})
