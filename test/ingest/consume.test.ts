import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createIdentifier } from '../../src/event/identity.ts'
import { normalize } from '../../src/event/normalize.ts'
import { toRow } from '../../src/db/columns.ts'
import { packMessages } from '../../src/event/message.ts'
import { retryDelay } from '../../src/platform/retry-delay.ts'
import { deliver as deliverTo, type Delivery } from '../deliver.ts'
import { buildEvent } from '../event.ts'
import { D1_ERRORS, faultyDatabase, type ErrorKind } from '../faulty.ts'
import { count, listQuarantine } from '../receiver.ts'

const arrival = { receivedAt: 1, origin: 'webhook', labels: null } as const

/** A message of one POST. */
function pack(events: number, changes: Record<string, unknown> = {}): string {
  const rows = Array.from({ length: events }, () => {
    const result = normalize(buildEvent(changes), createIdentifier(), 'UTC')
    return JSON.stringify('activity' in result ? toRow(result.activity) : null)
  })
  return packMessages(arrival, rows, [])[0] ?? ''
}

/** Delivers a batch, with a database that fails in the given way. */
async function deliver(
  bodies: unknown[],
  decide: (call: number, text: string) => ErrorKind,
  delivery: Delivery = {},
) {
  let calls = 0
  const db = faultyDatabase(env.DB, (call, text) => decide((calls = call), text))
  const settled = await deliverTo(bodies, { db, ...delivery })
  return { settled, calls }
}

/** Until midnight (UTC), when quotas are renewed, it is longer than any delay. */
const MORNING = Date.UTC(2026, 10, 27, 5)

afterEach(() => void vi.useRealTimers())

const poison = 'POISON'
const rejectPoison = (error: Error) => (_call: number, text: string) =>
  text.includes(`"${poison}"`) ? error : undefined

describe('a working database', () => {
  it('gets all messages of a batch in one statement', async () => {
    const { settled, calls } = await deliver([pack(3), pack(4)], () => undefined)
    expect(settled).toEqual(['ack', 'ack'])
    expect(calls).toBe(1)
    expect(await count('activity')).toBe(7)
  })

  it('gets statements of at most a megabyte', async () => {
    const bodies = Array.from({ length: 40 }, (_, index) => pack(150, { contactId: index }))
    const sizes: number[] = []
    await deliver(bodies, (_call, text) => {
      sizes.push(...text.split('\n').map((parameter) => Buffer.byteLength(parameter)))
    })
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000_000)
    expect(sizes.filter((bytes) => bytes > 500_000).length).toBeLessThan(5)
    expect(await count('activity')).toBe(6_000)
  })

  it.each([
    [2, 500_000],
    [5, 62_500],
    [9, 62_500],
  ])(
    'gets smaller statements the more tries failed (try %i: %i bytes)',
    async (attempts, bytes) => {
      const bodies = Array.from({ length: 150 }, () => pack(20))
      let largest = 0
      const note = (_call: number, text: string) => {
        largest = Math.max(largest, ...text.split('\n').map((each) => Buffer.byteLength(each)))
        return undefined
      }
      await deliver(bodies, note, { attempts })
      expect(largest).toBeLessThanOrEqual(bytes)
      expect(largest).toBeGreaterThan(bytes / 2)
      expect(await count('activity')).toBe(3_000)
    },
  )

  it('stores a message once if it is delivered twice, in any order', async () => {
    const [first, second] = [pack(2), pack(2)]
    await deliver([second, first], () => undefined)
    await deliver([first, second, first], () => undefined)
    expect(await count('activity')).toBe(4)
  })
})

describe('a failing database', () => {
  it.each([
    D1_ERRORS.lost,
    D1_ERRORS.reset,
    D1_ERRORS.overloaded,
    D1_ERRORS.export,
    D1_ERRORS.memory,
    D1_ERRORS.stream,
    D1_ERRORS.subrequests,
    D1_ERRORS.sqliteMemory,
  ])('that recovers gets the whole batch again: %s', async (error) => {
    const bodies = [pack(1), pack(1)]
    const { settled, calls } = await deliver(bodies, () => error())
    expect(settled).toEqual([{ delaySeconds: 2 }, { delaySeconds: 2 }])
    expect(calls).toBe(1)
    expect((await deliver(bodies, () => undefined)).settled).toEqual(['ack', 'ack'])
    expect(await count('activity')).toBe(2)
  })

  it('is not called for the rest of a batch', async () => {
    const bodies = Array.from({ length: 40 }, () => pack(150))
    const { settled, calls } = await deliver(bodies, () => D1_ERRORS.overloaded())
    expect(calls).toBe(1)
    expect(new Set(settled.map((each) => JSON.stringify(each)))).toEqual(
      new Set(['{"delaySeconds":2}']),
    )
  })

  it('stores nothing twice if it fails after the commit', async () => {
    const bodies = [pack(2)]
    await deliver(bodies, () => undefined)
    await deliver(bodies, () => D1_ERRORS.lost())
    await deliver(bodies, () => undefined)
    expect(await count('activity')).toBe(2)
  })

  it('is retried for longer than a day', () => {
    const delays = Array.from({ length: 100 }, (_, index) => retryDelay(index + 1))
    expect(delays.slice(0, 3)).toEqual([2, 4, 8])
    expect(Math.max(...delays)).toBeLessThanOrEqual(86_400)
    expect(delays.reduce((sum, delay) => sum + delay)).toBeGreaterThan(24 * 3_600)
  })
})

describe('a used-up daily quota', () => {
  const HOUR = 3_600_000
  const evening = Date.UTC(2026, 10, 27, 18)

  it.each([D1_ERRORS.writesSpent, D1_ERRORS.readsSpent])(
    'delays the retry until the quota is reset: %s',
    async (error) => {
      vi.useFakeTimers({ now: evening, toFake: ['Date'] })
      const { settled } = await deliver([pack(1)], () => error(), { attempts: 3 })
      expect(settled).toEqual([{ delaySeconds: 6 * 3_600 + 90 }])
    },
  )

  const fail = () => D1_ERRORS.writesSpent()

  it('delays a message no longer than a queue can', async () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 10, 27, 5), toFake: ['Date'] })
    expect((await deliver([pack(1)], fail)).settled).toEqual([{ delaySeconds: 43_200 }])
  })

  it('delays a message until it has to be sent again, to be young enough after the reset', async () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 10, 27, 3), toFake: ['Date'] })
    const { settled } = await deliver([pack(1)], fail, { age: HOUR / 2 })
    expect(settled).toEqual([{ delaySeconds: 1_800 }])
    const late = await deliver([pack(1)], fail, { age: 7 * HOUR })
    expect(late.settled).toEqual([{ delaySeconds: 2 }])
  })
})

describe('a backlog', () => {
  const fail = () => D1_ERRORS.lost()
  const morning = Date.UTC(2026, 10, 27, 9)

  it('delays retries on the free plan, whose operations it would use up', async () => {
    vi.useFakeTimers({ now: morning, toFake: ['Date'] })
    const delayOf = async (delivery: Delivery) =>
      (await deliver([pack(1)], fail, { plan: 'free', attempts: 12, ...delivery })).settled
    expect(await delayOf({ backlog: 5 })).toEqual([{ delaySeconds: 1_800 }])
    expect(await delayOf({ backlog: 400 })).toEqual([{ delaySeconds: 14_000 }])
    expect(await delayOf({ backlog: 400, plan: 'paid' })).toEqual([{ delaySeconds: 1_800 }])
  })

  it('delays no retry until after the end of the day', async () => {
    vi.useFakeTimers({ now: morning + 14 * 3_600_000, toFake: ['Date'] })
    const { settled } = await deliver([pack(1)], fail, { plan: 'free', backlog: 400 })
    expect(settled).toEqual([{ delaySeconds: 3_690 }])
  })
})

describe('an unknown error', () => {
  const fail = () => D1_ERRORS.unknown()

  it('is blamed on the database if both halves of a batch fail alike', async () => {
    const { settled, calls } = await deliver([pack(1), pack(1), pack(1), pack(1)], fail)
    expect(new Set(settled.map((each) => JSON.stringify(each)))).toEqual(
      new Set(['{"delaySeconds":2}']),
    )
    expect(calls).toBe(3)
  })

  it('is traced in both halves in the end', async () => {
    const bodies = [pack(1, { email: poison }), pack(1), pack(1, { email: poison }), pack(1)]
    const decide = rejectPoison(D1_ERRORS.unknown())
    expect((await deliver(bodies, decide)).settled).not.toContain('ack')
    expect((await deliver(bodies, decide, { attempts: 12 })).settled).toEqual(
      bodies.map(() => 'ack'),
    )
    expect(await count('activity')).toBe(2)
    expect(await count('quarantine')).toBe(2)
  })

  it('in one half does not prevent the rest from being stored', async () => {
    const bodies = [pack(1), pack(1), pack(1, { email: poison }), pack(1)]
    const { settled } = await deliver(bodies, rejectPoison(D1_ERRORS.unknown()))
    expect(settled).toEqual(['ack', 'ack', { delaySeconds: 2 }, 'ack'])
  })
})

describe('a message that fails', () => {
  it('is quarantined, and all others are stored', async () => {
    const bodies = [
      ...Array.from({ length: 20 }, () => pack(1)),
      pack(1, { email: poison }),
      pack(1),
    ]
    const { settled } = await deliver(bodies, rejectPoison(D1_ERRORS.constraint()))
    expect(new Set(settled)).toEqual(new Set(['ack']))
    expect(await count('activity')).toBe(21)
    const [row, ...others] = await listQuarantine()
    expect(others).toEqual([])
    expect(row).toMatchObject({ kind: 'message', sent: bodies[20] })
    expect(row?.['reason']).toContain('NOT NULL constraint failed')
  })

  it('is retried if the error is unknown, and quarantined in the end', async () => {
    vi.useFakeTimers({ now: MORNING, toFake: ['Date'] })
    const bodies = [pack(1), pack(1, { email: poison })]
    const decide = rejectPoison(D1_ERRORS.unknown())
    expect((await deliver(bodies, decide)).settled).toEqual(['ack', { delaySeconds: 2 }])
    const poisoned = bodies.slice(1)
    const { settled } = await deliver(poisoned, decide, { attempts: 11 }) // about an hour
    expect(settled).toEqual([{ delaySeconds: 1_800 }])
    expect(await count('quarantine')).toBe(0)
    expect((await deliver(poisoned, decide, { attempts: 12 })).settled).toEqual(['ack'])
    expect(await count('activity')).toBe(1)
    expect(await count('quarantine')).toBe(1)
  })

  it.each([
    { failures: 3, stored: 1 },
    { failures: 4, stored: 0 },
  ])('is tried three times more before it is quarantined: %j', async ({ failures, stored }) => {
    const decide = (call: number) => (call <= failures ? D1_ERRORS.unknown() : undefined)
    expect((await deliver([pack(1)], decide, { attempts: 12 })).settled).toEqual(['ack'])
    expect([await count('activity'), await count('quarantine')]).toEqual([stored, 1 - stored])
  })

  it('is not quarantined if it was stored and only the response was lost', async () => {
    const bodies = [pack(3), pack(2, { email: poison })]
    await deliver(bodies, () => undefined)
    const { settled } = await deliver(bodies, rejectPoison(D1_ERRORS.unknown()), { attempts: 12 })
    expect(settled).toEqual(['ack', 'ack'])
    expect(await count('activity')).toBe(5)
    expect(await count('quarantine')).toBe(0)
  })

  it('is quarantined if a part of it was not stored', async () => {
    const whole = pack(3, { email: poison })
    const { rows, ...rest } = JSON.parse(whole) as { rows: unknown[] }
    await deliver([JSON.stringify({ ...rest, rows: rows.slice(1) })], () => undefined)
    const fail = rejectPoison(D1_ERRORS.unknown())
    expect((await deliver([whole], fail, { attempts: 12 })).settled).toEqual(['ack'])
    expect(await count('quarantine')).toBe(1)
  })

  it('is not acknowledged while it cannot be quarantined either', async () => {
    const { settled } = await deliver([pack(1, { email: poison })], (call) =>
      call === 1 ? D1_ERRORS.constraint() : D1_ERRORS.lost(),
    )
    expect(settled).toEqual([{ delaySeconds: 2 }])
  })

  it.each(['{"v":2,"rows":[]}', 'no message', '', { an: 'object' }, null])(
    'is quarantined if this version cannot read it: %j',
    async (body) => {
      expect((await deliver([body, pack(1)], () => undefined)).settled).toEqual(['ack', 'ack'])
      expect(await count('activity')).toBe(1)
      const [row] = await listQuarantine()
      expect(row?.['sent']).toBe(typeof body === 'string' ? body : JSON.stringify(body))
    },
  )

  it('does not appear in the log or the reason if it is malformed', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const broken = pack(1, { email: 'secret@example.com' }).replace('secret@', '"secret@')
    await deliver([broken], () => undefined)
    expect(log.mock.calls.flat().join()).not.toContain('secret')
    expect((await listQuarantine())[0]?.['reason']).not.toContain('secret')
    log.mockRestore()
  })

  it('is quarantined if it only looks like a message', async () => {
    const broken = '{"v":1,"accepted":1,"rejected":0,"rows":[['
    expect((await deliver([broken, pack(1)], () => undefined)).settled).toEqual(['ack', 'ack'])
    expect(await count('activity')).toBe(1)
    expect(await count('quarantine')).toBe(1)
  })
})

it('stores dead letters in the database, too', async () => {
  await env.DEAD_LETTERS.send(pack(1), { contentType: 'text' })
  await env.DEAD_LETTERS.send('broken', { contentType: 'text' })
  const { untilStored } = await import('../receiver.ts')
  await untilStored(1)
  await untilStored(1, 'quarantine')
})

it('reads a message in the format of this release', async () => {
  const { default: text } = await import('../samples/message-v1.json?raw')
  expect((await deliver([text.trim()], () => undefined)).settled).toEqual(['ack'])
  expect(await env.DB.prepare('SELECT * FROM events').first()).toMatchObject({
    id: '00112233445566778899aabbccddeeff',
    activityStatus: 'CLICKED',
    contactId: 889891911,
    hardBounce: 0,
    subscriptions: '["news"]',
    workflowInstanceId: 'da33697d-52d8-11ee-9d24-7ec2059b5114',
    extra: '{"statusData":{}}',
    labels: '{"X-Shop":"one"}',
  })
  expect((await listQuarantine())[0]).toMatchObject({ elementIndex: 1, sent: '5' })
})
