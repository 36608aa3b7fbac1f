import { env } from 'cloudflare:workers'
import { beforeEach, expect, it } from 'vitest'
import { consume } from '../../src/ingest/consume.ts'
import { storeRaw, takeRaw } from '../../src/db/write/raw-messages.ts'
import { MAX_RETRIES } from '../../src/ingest/last-try.ts'
import { buildBatch, deliver } from '../deliver.ts'
import { buildEvent } from '../event.ts'
import { D1_ERRORS, faultyDatabase, faultyQueue } from '../faulty.ts'
import { erased } from '../erasure/erasing.ts'
import { messagesOf } from '../messages-of.ts'
import { clearTables, count, listQuarantine } from '../receiver.ts'
import { replay } from '../quarantine.ts'

const DAY = 86_400_000
const OLD = { age: (20 / 24) * DAY }
const TRIED = { attempts: MAX_RETRIES - 10 }

const { ACTIVITY_QUEUE: small, LARGE_QUEUE: large } = env
const DEPS = { queues: { small, large }, plan: 'free' } as const

beforeEach(clearTables)

/** A database that takes what is written raw, and for ever works on the rest, as where a consumer is killed. */
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
  'a consumer that is killed at its last try loses nothing: %j',
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

it('what could be stored after all is in quarantine no more', async () => {
  const bodies = await messagesOf(buildEvent())
  expect(await deliver(bodies, OLD)).toEqual(['ack'])
  expect(await count('activity')).toBe(1)
  expect(await count('quarantine')).toBe(0)
})

it('what is not near its end is not written twice', async () => {
  const bodies = await messagesOf(buildEvent())
  const { db, isReached } = killing()
  void consume(buildBatch(bodies).batch, { db, ...DEPS })
  await isReached
  expect(await count('quarantine')).toBe(0)
})

it('what no database takes in time is sent anew, with all its time before it', async () => {
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

it('what was kept though the database failed is in quarantine no more once it is stored', async () => {
  const bodies = await messagesOf([buildEvent()])
  // The first call is what is kept raw: it is done, and only the answer gets lost.
  const batch = async (statements: D1PreparedStatement[]) => {
    await env.DB.batch(statements.filter((_, place) => place < 2)).catch(() => {})
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

it('what neither database nor queue takes comes again', async () => {
  const bodies = await messagesOf(buildEvent())
  const db = faultyDatabase(env.DB, () => D1_ERRORS.lost())
  expect(await deliver(bodies, { db, ...TRIED })).toEqual([{ delaySeconds: 1_800 }])
})

it('what is kept is tried as long as there are tries', async () => {
  const bodies = await messagesOf(buildEvent())
  const decide = (_call: number, text: string) =>
    text.includes('"rows"') ? D1_ERRORS.overloaded() : undefined
  const db = faultyDatabase(env.DB, decide)
  expect(await deliver(bodies, { db, ...TRIED })).toEqual([{ delaySeconds: 1_800 }])
  expect(await deliver(bodies, { db, attempts: MAX_RETRIES })).toEqual(['ack'])
  expect(await count('quarantine')).toBe(1)
})

it('keeps nothing of someone who was erased', async () => {
  const [text = ''] = await messagesOf([
    buildEvent({ contactId: 7, email: 'gone@example.com' }),
    buildEvent({ contactId: 8, email: 'stays@example.com' }),
  ])
  await erased('/contacts/7')
  const { db, isReached } = killing()
  void consume(buildBatch([text], OLD).batch, { db, ...DEPS })
  await isReached
  const raw = await takeRaw(env.DB)
  if (raw) await storeRaw(env.DB, raw)
  expect(await listQuarantine()).toEqual([])
  const { results } = await env.DB.prepare('SELECT contactId, email FROM activity').all()
  expect(results).toEqual([{ contactId: 8, email: 'stays@example.com' }])
})
