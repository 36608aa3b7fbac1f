import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { encodeParts } from '../../src/event/body-part.ts'
import { digest128 } from '../../src/event/identity.ts'
import { consume } from '../../src/ingest/consume.ts'
import { consumeBodies } from '../../src/ingest/consume-bodies.ts'
import { resumeBodies } from '../../src/ingest/resume-bodies.ts'
import { Budget } from '../../src/platform/budget.ts'
import { keepRaw, storeRaw, takeRaw } from '../../src/db/write/raw-messages.ts'
import { MAX_RETRIES } from '../../src/ingest/last-try.ts'
import { buildBatch, deliver, type Delivery } from '../deliver.ts'
import { buildEvent } from '../event.ts'
import { D1_ERRORS, faultyDatabase, faultyQueue } from '../faulty.ts'
import { erased } from '../erasure/erasing.ts'
import { messagesOf } from '../messages-of.ts'
import { clearTables, count, listQuarantine } from '../receiver.ts'
import { replay } from '../quarantine.ts'
import { ENVELOPE, ZONE } from './large-body.ts'

const DAY = 86_400_000
const OLD = { age: (20 / 24) * DAY }
const TRIED = { attempts: MAX_RETRIES - 10 }

const { ACTIVITY_QUEUE: small, LARGE_QUEUE: large } = env
const DEPS = { queues: { small, large }, plan: 'free' } as const

beforeEach(clearTables)
afterEach(() => void vi.useRealTimers())

/** A database that accepts raw messages and never finishes anything else, as if the consumer were killed. */
function killing(): { db: D1Database; isReached: Promise<void> } {
  let reach: () => void = () => {}
  const isReached = new Promise<void>((resolve) => (reach = resolve))
  const db = faultyDatabase(env.DB, (_call, text) => {
    if (!text.includes('"rows"')) return undefined
    reach()
    return 'hang'
  })
  return { db, isReached }
}

it.each([OLD, TRIED])(
  'loses nothing if the consumer is killed at the last attempt: %j',
  async (delivery) => {
    const bodies = await messagesOf([buildEvent(), buildEvent()])
    const { db, isReached } = killing()
    const { batch, settled } = buildBatch(bodies, delivery)
    void consume(batch, { db, ...DEPS })
    await isReached
    expect(settled).toEqual([undefined])
    expect((await listQuarantine()).map(({ kind, sent }) => ({ kind, sent }))).toEqual([
      { kind: 'message', sent: bodies[0] },
    ])
    expect(await replay('/replay')).toMatchObject({ replayed: 1, events: 2 })
    expect(await count('activity')).toBe(2)
    expect(await count('quarantine')).toBe(0)
  },
)

it('removes from quarantine a message that could be stored after all', async () => {
  const bodies = await messagesOf(buildEvent())
  expect(await deliver(bodies, OLD)).toEqual(['ack'])
  expect(await count('activity')).toBe(1)
  expect(await count('quarantine')).toBe(0)
})

it('does not write a message twice if it has enough attempts left', async () => {
  const bodies = await messagesOf(buildEvent())
  const { db, isReached } = killing()
  void consume(buildBatch(bodies).batch, { db, ...DEPS })
  await isReached
  expect(await count('quarantine')).toBe(0)
})

it('sends a message again, with all attempts, if the database does not store it in time', async () => {
  const bodies = await messagesOf(buildEvent())
  const db = faultyDatabase(env.DB, () => D1_ERRORS.lost())
  const sent: string[] = []
  expect(await deliver(bodies, { db, queue: faultyQueue(undefined, sent), ...OLD })).toEqual([
    'ack',
  ])
  expect(sent.map((text) => text.trimEnd())).toEqual(bodies)
  expect(await deliver(sent)).toEqual(['ack'])
  expect(await count('activity')).toBe(1)
})

it('removes from quarantine a message once it is stored, even if the database had failed', async () => {
  const bodies = await messagesOf([buildEvent()])
  // The first call writes the raw message: it succeeds, and only the response is lost.
  const batch = async (statements: D1PreparedStatement[]) => {
    await env.DB.batch(statements.filter((_, index) => index < 2)).catch(() => {})
    throw D1_ERRORS.lost()
  }
  const db = { prepare: (sql: string) => env.DB.prepare(sql), batch } as unknown as D1Database
  const sent: string[] = []
  expect(await deliver(bodies, { db, queue: faultyQueue(undefined, sent), ...OLD })).toEqual([
    'ack',
  ])
  expect(await count('quarantine')).toBe(1)
  expect(await deliver(sent)).toEqual(['ack'])
  expect(await count('activity')).toBe(1)
  expect(await count('quarantine')).toBe(0)
})

it('retries a message that neither database nor queue accepts', async () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 27, 1), toFake: ['Date'] })
  const bodies = await messagesOf(buildEvent())
  const db = faultyDatabase(env.DB, () => D1_ERRORS.lost())
  expect(await deliver(bodies, { db, ...TRIED })).toEqual([{ delaySeconds: 1_800 }])
})

it('acknowledges a raw message that could not be stored, which a task does later', async () => {
  const bodies = await messagesOf(buildEvent())
  const decide = (_call: number, text: string) =>
    text.includes('"rows"') ? D1_ERRORS.overloaded() : undefined
  const db = faultyDatabase(env.DB, decide)
  expect(await deliver(bodies, { db, ...TRIED })).toEqual(['ack'])
  expect(await count('quarantine')).toBe(1)
  await storeNext(env.DB)
  expect(await count('activity')).toBe(1)
  expect(await count('quarantine')).toBe(0)
})

it.each([
  { failures: 19, stored: 1 },
  { failures: 20, stored: 0 },
])('tries to store a raw message so often, and then leaves it to people: %j', async (tries) => {
  const decide = (_call: number, text: string) =>
    text.includes('"rows"') ? D1_ERRORS.unknown() : undefined
  const db = faultyDatabase(env.DB, decide)
  await keepRaw(env.DB, await messagesOf(buildEvent()), 'because')
  for (let failure = 0; failure < tries.failures; failure++) await storeNext(db)
  await storeNext(env.DB)
  expect([await count('activity'), await count('quarantine')]).toEqual([
    tries.stored,
    1 - tries.stored,
  ])
})

async function storeNext(db: D1Database): Promise<void> {
  const raw = await takeRaw(env.DB)
  if (raw) await storeRaw(db, raw)
}

it('only retries a message after its first try, however long it had to wait for that', async () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 27, 1), toFake: ['Date'] })
  const decide = (_call: number, text: string) =>
    text.includes('"rows"') ? D1_ERRORS.overloaded() : undefined
  const db = faultyDatabase(env.DB, decide)
  const bodies = await messagesOf(buildEvent())
  expect(await deliver(bodies, { db, age: DAY / 8 })).toEqual([{ delaySeconds: 2 }])
  expect(await count('quarantine')).toBe(0)
})

describe('a message that failed before', () => {
  const HOUR = 3_600_000
  const at = (hour: number) =>
    vi.useFakeTimers({ now: Date.UTC(2026, 10, 27, hour), toFake: ['Date'] })
  const fail = () => D1_ERRORS.lost()

  // If the operations of the day are used up now, it is not delivered before 00:00 UTC.
  it.each([
    { hour: 1, age: 3 * HOUR },
    { hour: 1, age: 1.1 * HOUR },
    { hour: 3, age: 1.5 * HOUR },
    { hour: 12, age: 13 * HOUR },
  ])('is stored raw if it may be too old at the end of the day: %j', async ({ hour, age }) => {
    at(hour)
    const bodies = await messagesOf(buildEvent())
    const decide = (_call: number, text: string) =>
      text.includes('"rows"') ? D1_ERRORS.overloaded() : undefined
    const db = faultyDatabase(env.DB, decide)
    expect(await deliver(bodies, { db, attempts: 2, age })).toEqual(['ack'])
    expect(await count('quarantine')).toBe(1)
  })

  it('is sent again, with a long delay, if it cannot be stored raw either', async () => {
    at(1)
    const bodies = await messagesOf(buildEvent())
    const sent: MessageSendRequest[] = []
    const queue = collecting(sent)
    const db = faultyDatabase(env.DB, fail)
    expect(await deliver(bodies, { db, queue, attempts: 2, age: 3 * HOUR })).toEqual(['ack'])
    expect(sent).toMatchObject([{ delaySeconds: 1_800 }])
  })

  it.each([
    { hour: 12, age: 7 * HOUR },
    { hour: 3, age: HOUR / 2 },
  ])('is only retried if it is young enough, or was sent lately: %j', async ({ hour, age }) => {
    at(hour)
    const db = faultyDatabase(env.DB, fail)
    const bodies = await messagesOf(buildEvent())
    expect(await deliver(bodies, { db, attempts: 2, age })).toEqual([{ delaySeconds: 4 }])
    expect(await count('quarantine')).toBe(0)
  })
})

it('leaves a body that is stored to a task if the queue fails at the last attempt', async () => {
  const events = Array.from({ length: 100 }, (_, contactId) => buildEvent({ contactId }))
  const body = Buffer.from(JSON.stringify(events))
  const parts = encodeParts(body, digest128(body), ENVELOPE, ZONE)
  const queue = faultyQueue(new Error('down'))
  const queues = { small: queue, large: queue }
  const settle = async (delivery: Delivery) => {
    const { batch, settled } = buildBatch(parts, delivery)
    await consumeBodies(batch.messages, { db: env.DB, queues })
    return settled
  }
  expect(await settle({})).toEqual([{ delaySeconds: 2 }])
  expect(await settle(OLD)).toEqual(['ack'])
  await resumeBodies(env.DB, queues, new Budget('paid', 'task', 60_000), Date.now())
  expect(await count('activity')).toBe(100)
})

/** A queue that collects what is sent, with its delay. */
function collecting(sent: MessageSendRequest[]): Queue {
  const send = async (body: unknown, options: QueueSendOptions) => sent.push({ body, ...options })
  return { send } as unknown as Queue
}

it('keeps no data of erased contacts', async () => {
  const [text = ''] = await messagesOf([
    buildEvent({ contactId: 7, email: 'gone@example.com' }),
    buildEvent({ contactId: 8, email: 'stays@example.com' }),
  ])
  await erased('/contacts/7')
  const { db, isReached } = killing()
  void consume(buildBatch([text], OLD).batch, { db, ...DEPS })
  await isReached
  await storeNext(env.DB)
  expect(await listQuarantine()).toEqual([])
  const { results } = await env.DB.prepare('SELECT contactId, email FROM activity').all()
  expect(results).toEqual([{ contactId: 8, email: 'stays@example.com' }])
})
