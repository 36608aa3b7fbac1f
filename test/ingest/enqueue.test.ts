import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { countMessage } from '../../src/event/message.ts'
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
 * Lets the time limits of what hangs run out at once.
 *
 * @param most how many: what does not hang, but takes its time, is to have it
 */
async function withoutWaiting<T>(ask: () => Promise<T>, most = Infinity): Promise<T> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  let settled = false
  const done = ask().finally(() => (settled = true))
  for (let left = most; left > 0 && !settled;) {
    await new Promise((resolve) => realSetTimeout(resolve, 1))
    if (vi.getTimerCount() === 0) continue
    await vi.advanceTimersToNextTimerAsync()
    left--
  }
  return done
}

describe('the queue', () => {
  it('gets one message for a POST of up to 64 KB, and leaves the database alone', async () => {
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
  ])('gets one message for 64 KB of %s', async (_name, build) => {
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
    // No message but the last has room for another of its rows.
    const full = sent.slice(0, -1).every((text) => Buffer.byteLength(text) > 63_000)
    expect(full).toBe(true)
  })

  it('takes 10,000 events for real', async () => {
    expect((await postWith({}, bodyOf(10_000))).status).toBe(200)
    await untilStored(10_000)
  })
})

describe('without the queue', () => {
  it.each([new Error('Queue send failed: Too Many Requests'), 'hang' as const])(
    'stores in the database directly: %s',
    async (fault) => {
      const changed = { ACTIVITY_QUEUE: faultyQueue(fault) }
      const ask = () => postWith(changed, [buildEvent(), 5])
      const response = await withoutWaiting(ask, fault === 'hang' ? 1 : 0)
      expect(response.status).toBe(200)
      expect(await count('activity')).toBe(1)
      expect(await count('quarantine')).toBe(1)
    },
  )

  it('stores a large event in the database, as it fits no message', async () => {
    const changed = { ...PAID, ACTIVITY_QUEUE: faultyQueue(undefined) }
    const note = 'é'.repeat(600_000)
    expect((await postWith(changed, [buildEvent({ note })])).status).toBe(200)
    const row = await env.DB.prepare('SELECT extra FROM activity').first<{ extra: string }>()
    expect(row?.extra).toBe(JSON.stringify({ note }))
  })

  it('sets a message aside that the database never takes, rather than be blocked by it', async () => {
    const refusing = faultyDatabase(env.DB, (_call, text) =>
      text.includes('"rows":[[') ? D1_ERRORS.constraint() : undefined,
    )
    const changed = { ACTIVITY_QUEUE: faultyQueue(new Error('down')), DB: refusing }
    expect((await postWith(changed, [buildEvent()])).status).toBe(200)
    expect(await count('quarantine')).toBe(1)
  })
})

describe('without both', () => {
  it('answers within ten seconds, however large the body', async () => {
    const changed = {
      ACTIVITY_QUEUE: faultyQueue('hang'),
      DB: faultyDatabase(env.DB, () => 'hang' as const),
    }
    let begun = Infinity
    const response = await withoutWaiting(() => {
      begun = Date.now() // from now on time passes by what is waited for alone
      return postWith(changed, bodyOf(15_000))
    })
    expect(response.status).toBe(503)
    expect(Date.now() - begun).toBeLessThanOrEqual(10_000)
  })

  it.each([
    [new Error('down'), D1_ERRORS.lost()],
    ['hang' as const, D1_ERRORS.overloaded()],
    [new Error('down'), 'hang' as const],
    [new Error('down'), D1_ERRORS.unknown()],
  ])('answers 503 with Retry-After: queue %s, database %s', async (queueFault, databaseFault) => {
    const changed = {
      ACTIVITY_QUEUE: faultyQueue(queueFault),
      DB: faultyDatabase(env.DB, () => databaseFault),
    }
    const body = [buildEvent(), 5]
    const response = await withoutWaiting(() => postWith(changed, body))
    expect(response.status).toBe(503)
    expect(response.headers.get('Retry-After')).toMatch(/^\d+$/)
    expect(await response.json()).toMatchObject({ error: { code: 'unavailable' } })
    vi.useRealTimers()
    // The sender repeats it, and it is stored once.
    await postWith({ ACTIVITY_QUEUE: faultyQueue(new Error('down')) }, body)
    expect(await count('activity')).toBe(1)
    expect(await count('quarantine')).toBe(1)
  })
})
