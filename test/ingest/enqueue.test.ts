import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { countMessage } from '../../src/event/message.ts'
import { replaceMessage } from '../../src/ingest/enqueue.ts'
import { buildEvent } from '../event.ts'
import { D1_ERRORS, faultyDatabase, faultyQueue } from '../faulty.ts'
import { count, postWith, untilStored } from '../receiver.ts'

const down = () => faultyDatabase(env.DB, () => D1_ERRORS.lost())
// On the paid plan, a body with a byte order mark is checked at once, whatever its size.
const PAID = { CLOUDFLARE_PLAN: 'paid' } as const
const marked = (body: object) => `\ufeff${JSON.stringify(body)}`
const bodyOf = (events: number) => Array.from({ length: events }, () => buildEvent())

afterEach(() => vi.useRealTimers())

const realSetTimeout = globalThis.setTimeout

/**
 * Lets the timeouts of hanging calls expire at once.
 *
 * @param max how many; slow calls that do not hang keep their time
 */
async function withoutWaiting<T>(act: () => Promise<T>, max = Infinity): Promise<T> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  let settled = false
  const done = act().finally(() => (settled = true))
  for (let left = max; left > 0 && !settled;) {
    await new Promise((resolve) => realSetTimeout(resolve, 1))
    if (vi.getTimerCount() === 0) continue
    await vi.advanceTimersToNextTimerAsync()
    left--
  }
  return done
}

describe('the queue', () => {
  it('gets one message for a POST of up to 64 KB, and the database nothing', async () => {
    const sent: string[] = []
    const changed = { ACTIVITY_QUEUE: faultyQueue(undefined, sent), DB: down() }
    const body = [...bodyOf(98), 5, 'text']
    expect(JSON.stringify(body).length).toBeGreaterThan(20_000)
    expect((await postWith(changed, body)).status).toBe(200)
    expect(sent).toHaveLength(1)
  })

  it.each([
    ['tiny events', () => ({ activityStatus: 'READ', activityDateTime: '2023-09-14T08:30:03' })],
    ['unknown parameters', () => ({ ...buildEvent(), a: '"', b: '"', c: '"' })],
    ['events that use the last column', () => buildEvent({ workflowInstanceId: 'x' })],
  ])('gets one message for 64 KB of %s', async (_case, build) => {
    const sent: string[] = []
    const body: object[] = []
    for (let bytes = 2; bytes < 63_000; bytes += JSON.stringify(body.at(-1)).length + 1)
      body.push(build())
    const changed = { ...PAID, ACTIVITY_QUEUE: faultyQueue(undefined, sent), DB: down() }
    await postWith(changed, marked(body))
    expect(sent).toHaveLength(1)
    expect(countMessage(sent[0] ?? '')).toEqual({ accepted: body.length, rejected: 0 })
  })

  it('gets 10,000 events in messages of at most 64,000 bytes', async () => {
    const sent: string[] = []
    const changed = { ...PAID, ACTIVITY_QUEUE: faultyQueue(undefined, sent), DB: down() }
    const response = await postWith(changed, marked(bodyOf(10_000)))
    expect(await response.json()).toMatchObject({ received: 10_000, accepted: 10_000 })
    expect(Math.max(...sent.map((text) => Buffer.byteLength(text)))).toBeLessThanOrEqual(64_000)
    const rows = sent.map((text) => JSON.parse(text).rows.length)
    expect(rows.reduce((a, b) => a + b)).toBe(10_000)
    // Every message but the last is full.
    const full = sent.slice(0, -1).every((text) => Buffer.byteLength(text) > 63_000)
    expect(full).toBe(true)
  })

  it('accepts 10,000 events with the real queue', async () => {
    expect((await postWith({}, bodyOf(10_000))).status).toBe(200)
    await untilStored(10_000)
  })
})

describe('without the queue', () => {
  it.each([new Error('Queue send failed: Too Many Requests'), 'hang' as const])(
    'stores in the database directly: %s',
    async (error) => {
      const changed = { ACTIVITY_QUEUE: faultyQueue(error) }
      const act = () => postWith(changed, [buildEvent(), 5])
      const response = await withoutWaiting(act, error === 'hang' ? 1 : 0)
      expect(response.status).toBe(200)
      expect(await count('activity')).toBe(1)
      expect(await count('quarantine')).toBe(1)
    },
  )

  it('stores a large event in the database if it does not fit into a message', async () => {
    const changed = { ...PAID, ACTIVITY_QUEUE: faultyQueue(undefined) }
    const note = 'é'.repeat(600_000)
    expect((await postWith(changed, [buildEvent({ note })])).status).toBe(200)
    const row = await env.DB.prepare('SELECT extra FROM activity').first<{ extra: string }>()
    expect(row?.extra).toBe(JSON.stringify({ note }))
  })

  it('quarantines a message that the database always rejects, so that it blocks nothing', async () => {
    const rejecting = faultyDatabase(env.DB, (_call, text) =>
      text.includes('"rows":[[') ? D1_ERRORS.constraint() : undefined,
    )
    const changed = { ACTIVITY_QUEUE: faultyQueue(new Error('down')), DB: rejecting }
    expect((await postWith(changed, [buildEvent()])).status).toBe(200)
    expect(await count('quarantine')).toBe(1)
  })
})

describe('a message that the database rejects for an unknown reason', () => {
  const rejecting = () =>
    faultyDatabase(env.DB, (_call, text) =>
      text.includes('"rows":[[') ? D1_ERRORS.unknown() : undefined,
    )
  const send = (note: string) => {
    const changed = { ...PAID, ACTIVITY_QUEUE: faultyQueue(new Error('down')), DB: rejecting() }
    return postWith(changed, [buildEvent({ note })])
  }

  it('comes again if a queue can accept it', async () => {
    expect((await send('short')).status).toBe(503)
    expect(await count('quarantine')).toBe(0)
  })

  it('is quarantined if it is too large for any queue, as it would block the stream', async () => {
    expect((await send('x'.repeat(200_000))).status).toBe(200)
    expect(await count('quarantine')).toBeGreaterThan(0)
  })
})

describe('a queue in which many messages wait', () => {
  /** A queue with a backlog, which collects what is sent. */
  function waiting(backlog: { count: number }, sent: string[] = []): Queue {
    const metrics = async () => ({ backlogCount: backlog.count, backlogBytes: 0 })
    const send = async (body: string) => {
      sent.push(body)
      return { metadata: { metrics: await metrics() } }
    }
    return { send, metrics } as unknown as Queue
  }

  it('gets no more until they are fewer: the database does', async () => {
    const sent: string[] = []
    const backlog = { count: 301 }
    const changed = { ACTIVITY_QUEUE: waiting(backlog, sent) }
    for (const stored of [0, 1, 2]) {
      expect((await postWith(changed, [buildEvent()])).status).toBe(200)
      expect(await count('activity')).toBe(stored)
    }
    backlog.count = 200
    await postWith(changed, [buildEvent()])
    expect(sent).toHaveLength(2)
  })

  it('gets more on the paid plan, which keeps them for days', async () => {
    const sent: string[] = []
    const changed = { ...PAID, ACTIVITY_QUEUE: waiting({ count: 5_000 }, sent) }
    for (const body of [[buildEvent()], [buildEvent()]]) await postWith(changed, body)
    expect(sent).toHaveLength(2)
  })

  it('gets no more even if the database fails: Yespo repeats the request', async () => {
    const sent: string[] = []
    const changed = { ACTIVITY_QUEUE: waiting({ count: 301 }, sent), DB: down() }
    expect((await postWith(changed, [buildEvent()])).status).toBe(200)
    expect((await postWith(changed, [buildEvent()])).status).toBe(503)
    expect(sent).toHaveLength(1)
  })
})

it('lets a message come again if the queue hangs when others are sent in its place', async () => {
  const [ack, retry] = [vi.fn(), vi.fn()]
  const message = { attempts: 1, ack, retry } as unknown as Message
  await withoutWaiting(() => replaceMessage(message, 30, () => new Promise(() => {})), 1)
  expect(ack).not.toHaveBeenCalled()
  expect(retry).toHaveBeenCalledWith({ delaySeconds: 30 })
})

describe('without both', () => {
  it('responds within ten seconds, however large the body', async () => {
    const changed = {
      ACTIVITY_QUEUE: faultyQueue('hang'),
      DB: faultyDatabase(env.DB, () => 'hang' as const),
    }
    let start = Infinity
    const response = await withoutWaiting(() => {
      start = Date.now() // from now on, only waiting takes time
      return postWith(changed, bodyOf(15_000))
    })
    expect(response.status).toBe(503)
    expect(Date.now() - start).toBeLessThanOrEqual(10_000)
  })

  it.each([
    [new Error('down'), D1_ERRORS.lost()],
    ['hang' as const, D1_ERRORS.overloaded()],
    [new Error('down'), 'hang' as const],
    [new Error('down'), D1_ERRORS.unknown()],
  ])('responds 503 with Retry-After: queue %s, database %s', async (queueError, databaseError) => {
    const changed = {
      ACTIVITY_QUEUE: faultyQueue(queueError),
      DB: faultyDatabase(env.DB, () => databaseError),
    }
    const body = [buildEvent(), 5]
    const response = await withoutWaiting(() => postWith(changed, body))
    expect(response.status).toBe(503)
    expect(response.headers.get('Retry-After')).toMatch(/^\d+$/)
    expect(await response.json()).toMatchObject({ error: { code: 'unavailable' } })
    vi.useRealTimers()
    // Yespo repeats it, and it is stored once.
    await postWith({ ACTIVITY_QUEUE: faultyQueue(new Error('down')) }, body)
    expect(await count('activity')).toBe(1)
    expect(await count('quarantine')).toBe(1)
  })
})
