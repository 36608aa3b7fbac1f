import { env } from 'cloudflare:workers'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { digest128 } from '../../src/event/identity.ts'
import { app } from '../../src/routes.ts'
import { buildEvent } from '../event.ts'
import { D1_ERRORS, faultyDatabase, faultyQueue } from '../faulty.ts'
import {
  clearTables,
  count,
  CREDENTIALS,
  list,
  listQuarantine,
  post,
  postWith,
  take,
  untilStored,
  type Body,
  type Taken,
} from '../receiver.ts'
import { replay } from '../quarantine.ts'

const MINUTE = 60_000
const direct = { ACTIVITY_QUEUE: faultyQueue(new Error('down')) } // stores events without the queue
const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))

afterEach(() => vi.useRealTimers())

/** Posts a body several times. @param minutes after the first time, of each */
async function postAt(
  minutes: readonly number[],
  body: Body,
  changed: Partial<Env> = direct,
): Promise<Response[]> {
  const start = Date.now()
  vi.useFakeTimers({ toFake: ['Date'] })
  const responses: Response[] = []
  for (const minute of minutes) {
    vi.setSystemTime(start + minute * MINUTE)
    responses.push(await postWith(changed, body))
  }
  vi.useRealTimers()
  return responses
}

/** Posts bodies two minutes apart. */
async function postEach(bodies: readonly Uint8Array[], changed?: Partial<Env>): Promise<number[]> {
  const statuses: number[] = []
  const start = Date.now()
  vi.useFakeTimers({ toFake: ['Date'] })
  for (const [index, body] of bodies.entries()) {
    vi.setSystemTime(start + index * 2 * MINUTE)
    statuses.push((await postWith(changed ?? direct, body)).status)
  }
  vi.useRealTimers()
  return statuses
}

const statusesOf = (responses: Response[]) => responses.map(({ status }) => status)

describe('a truncated body', () => {
  const event = () => JSON.stringify(buildEvent())

  it('is rejected twice, and quarantined unchanged the third time', async () => {
    const body = `[${event()},{"iid":"1","activityStatus":READ}]`
    const column = body.indexOf('READ}') + 1
    const reason = `the body is not JSON: unexpected "R" in line 1, column ${column}`
    const responses = await postAt([0, 1, 3], body)
    expect(statusesOf(responses)).toEqual([400, 400, 200])
    expect(await responses[2]?.json()).toEqual({
      received: 1,
      accepted: 1,
      quarantined: [{ index: 0, reason }],
      deferred: 0,
    })
    expect(await listQuarantine()).toMatchObject([{ kind: 'body', part: 0, reason, sent: body }])
  })

  it('has its complete elements stored, each once', async () => {
    const [one, other] = [event(), event()]
    const body = `[${one},${one},${other},{"a":`
    const responses = await postAt([0, 1, 3, 7, 15], body)
    expect(statusesOf(responses)).toEqual([400, 400, 200, 200, 200])
    expect(await count('activity')).toBe(3)
    expect(await count('quarantine')).toBe(1)
    // The repaired body has the same events.
    await postWith(direct, `[${one},${one},${other}]`)
    expect(await count('activity')).toBe(3)
  })

  it.each([
    ['in two minutes, like a manual retry', [0, 0.2, 0.5, 1, 2], [400, 400, 400, 400, 400]],
    ['after that', [0, 0.2, 0.5, 1, 2, 2.1], [400, 400, 400, 400, 400, 200]],
    ['twice, however late', [0, 300], [400, 400]],
    ['at the pauses of Yespo', [0, 1, 3, 7], [400, 400, 200, 200]],
    ['again on another day', [0, 1, 24 * 60, 24 * 60 + 1], [400, 400, 400, 400]],
    ['an hour each', [0, 60, 120], [400, 400, 200]],
  ])('%s', async (_case, minutes, statuses) => {
    expect(statusesOf(await postAt(minutes, '[{"a":1}'))).toEqual(statuses)
  })

  it('is distinguished from others', async () => {
    await postAt([0, 1], '[{"a":1}')
    expect(statusesOf(await postAt([5], '[{"a":2}'))).toEqual([400])
  })

  it('keeps its bytes if it is not text', async () => {
    const body = latin1('\x80\xff[\0\n')
    expect(statusesOf(await postAt([0, 1, 3], body))).toEqual([400, 400, 200])
    expect(await listQuarantine()).toMatchObject([{ kind: 'bodyBytes', sent: '\x80\xff[\0\n' }])
  })

  it.each(['', '5', 'null', '"[]"', '<html></html>', 'a=b'])(
    'or one like %j is quarantined the third time, too',
    async (body) => {
      const responses = await postAt([0, 1, 3], body)
      expect(statusesOf(responses)).toEqual([400, 400, 200])
      const response = await responses[2]?.json<Taken>()
      expect(response).toMatchObject({ received: 0, accepted: 0, quarantined: [{ index: 0 }] })
      expect(await listQuarantine()).toMatchObject([{ sent: body }])
    },
  )

  it('is rejected while the database cannot count its repeats', async () => {
    for (const error of [D1_ERRORS.lost(), D1_ERRORS.writesSpent(), D1_ERRORS.unknown()]) {
      const DB = faultyDatabase(env.DB, () => error)
      expect(statusesOf(await postAt([0, 1, 3], '[{', { DB }))).toEqual([400, 400, 400])
    }
    expect(await count('quarantine')).toBe(0)
  })

  it('is recorded along with a hundred others at most', async () => {
    for (let index = 0; index < 130; index++) await postWith({}, `[${index}`)
    const notes = `SELECT count(*) FROM key_values WHERE name LIKE 'broken.%'`
    expect(await env.DB.prepare(notes).first('count(*)')).toBe(101)
    // The last one is recorded.
    expect(statusesOf(await postAt([1, 3], '[129'))).toEqual([400, 200])
  })

  it('costs nothing in the database if it is complete', async () => {
    await take([buildEvent()])
    await untilStored(1)
    const notes = `SELECT count(*) FROM key_values WHERE name LIKE 'broken.%'`
    expect(await env.DB.prepare(notes).first('count(*)')).toBe(0)
  })
})

describe('a control character in a text', () => {
  it('is stored unchanged, with the other events', async () => {
    const good = buildEvent()
    const text = '550-5.1.1 a\r\n550 5.1.1 b\t\0'
    const odd = JSON.stringify(buildEvent({ activityStatus: 'UNDELIVERED' }))
    const body = `[${JSON.stringify(good)},${odd.replace(/}$/, `,"statusDescription":"${text}"}`)}]`
    expect(await take(body)).toMatchObject({ received: 2, accepted: 2 })
    await untilStored(2)
    const { activity } = await list()
    expect(activity.map((each) => each['statusDescription'] ?? null)).toContain(text)
  })

  it('gives the same event as its escape sequence', async () => {
    const event = buildEvent({ messageName: 'a\nb', n: 1.5 })
    delete event['iid'] // without it, the ID depends on all parameters
    await take([event])
    await take(JSON.stringify([event]).replace('\\n', '\n'))
    await take([buildEvent()])
    await untilStored(2)
  })

  it('is kept if the element is quarantined', async () => {
    await take('[{"activityStatus":"\n"}]')
    await untilStored(1, 'quarantine')
    expect(await listQuarantine()).toMatchObject([
      { sent: '{"activityStatus":"\n"}', reason: 'activityStatus is empty' },
    ])
  })
})

/** Reads each quarantined body, its parts joined. */
async function listBodies(): Promise<string[]> {
  const parts = Map.groupBy(await listQuarantine(), ({ request }) => request)
  return [...parts.values()].map((its) => its.map(({ sent }) => sent).join('')).sort()
}

/** Gzip data as if created in another minute by another program. */
const madeAt = (minute: number, zipped: Uint8Array) =>
  zipped.map((byte, index) => (index >= 4 && index < 8 ? minute : byte))

async function zip(content: Body, format: 'gzip' | 'deflate' = 'gzip'): Promise<Uint8Array> {
  const text = typeof content === 'string' || content instanceof Uint8Array
  const plain = new Response(text ? new Uint8Array(Buffer.from(content)) : JSON.stringify(content))
  const packed = plain.body?.pipeThrough(new CompressionStream(format))
  return new Uint8Array(await new Response(packed).arrayBuffer())
}

describe('gzip', () => {
  it.each<Record<string, string>>([{ 'Content-Encoding': 'gzip' }, {}])(
    'is read, with and without the header: %j',
    async (headers) => {
      expect(await take(await zip([buildEvent(), 5]), headers)).toMatchObject({
        received: 2,
        accepted: 1,
      })
      await untilStored(1)
    },
  )

  it('may be declared for a body that is not compressed', async () => {
    expect(await take([buildEvent()], { 'Content-Encoding': 'gzip' })).toMatchObject({
      accepted: 1,
    })
    await untilStored(1)
  })

  it('gives the same events as the uncompressed body', async () => {
    const body = [buildEvent(), buildEvent()]
    await take(await zip(body))
    await take(body)
    await take([buildEvent()])
    await untilStored(3)
  })

  it('is rejected if it cannot be inflated, and quarantined the third time', async () => {
    const whole = await zip([buildEvent()])
    const flipped = whole.map((byte, index) => (index === whole.length - 6 ? byte ^ 1 : byte))
    for (const body of [whole.subarray(0, -9), flipped]) {
      const responses = await postAt([0, 1, 3], body)
      expect(statusesOf(responses)).toEqual([400, 400, 200])
      expect(await responses[0]?.text()).toContain('gzip that cannot be inflated')
    }
    const items = await listQuarantine()
    expect(items.map(({ sent }) => sent)).toContain(
      Buffer.from(whole.subarray(0, -9)).toString('latin1'),
    )
  })

  it('that inflates beyond the limit is rejected, and then quarantined unchanged', async () => {
    const bomb = await zip('['.repeat(30_000_000))
    expect(bomb.length).toBeLessThan(100_000)
    const responses = await postAt([0, 1, 3], bomb)
    expect(statusesOf(responses)).toEqual([413, 413, 200])
    const items = await listQuarantine()
    expect(items.map(({ sent }) => sent).join('')).toBe(Buffer.from(bomb).toString('latin1'))
  })

  it('may be inflated to two megabytes on the free plan', async () => {
    const zipped = (length: number) => zip(`[${' '.repeat(length - 2)}]`)
    const postOn = async (plan: 'free' | 'paid', length: number) =>
      (await postWith({ CLOUDFLARE_PLAN: plan }, await zipped(length))).status
    expect(await postOn('free', 2_000_000)).toBe(200)
    expect(await postOn('free', 2_000_001)).toBe(413)
    expect(await postOn('paid', 2_000_001)).toBe(200)
  })

  it('that inflates beyond the limit is recognized, whenever and however it was compressed', async () => {
    const content = '['.repeat(30_000_000)
    const zipped = await zip(content)
    const levels = [1, 6, 9].map((level) => new Uint8Array(gzipSync(content, { level })))
    for (const bodies of [levels, [1, 2, 3].map((minute) => madeAt(minute, zipped))]) {
      await clearTables()
      expect(await postEach(bodies)).toEqual([413, 413, 200])
      expect(await listBodies()).toEqual([Buffer.from(bodies[2] ?? []).toString('latin1')])
    }
    expect(statusesOf(await postAt([4], await zip(']'.repeat(30_000_000))))).toEqual([413])
  })

  it('that exceeds the limit compressed is recognized, whenever it was compressed', async () => {
    const noise = Array.from({ length: 20_000 }, (_, index) => digest128(`${index}`)).join()
    const bodies = [1, 2, 3].map((minute) => madeAt(minute, gzipSync(noise)))
    expect(bodies[0]?.length).toBeGreaterThan(100_000)
    const limited = { ...direct, MAX_BODY_BYTES: '5000' }
    expect(await postEach(bodies, limited)).toEqual([413, 413, 200])
  })

  it('that cannot be inflated is recognized, whenever it was compressed', async () => {
    const whole = await zip([buildEvent()])
    for (const broken of [whole.subarray(0, -9), whole.with(40, 255), whole.subarray(0, 12)]) {
      await clearTables()
      const bodies = [1, 2, 3].map((minute) => madeAt(minute, broken))
      expect(await postEach(bodies)).toEqual([400, 400, 200])
    }
  })

  it.each(['br', 'deflate', 'zstd'])('is suggested when %s is rejected', async (encoding) => {
    const response = await post(await zip('[]', 'deflate'), { 'Content-Encoding': encoding })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain(
      `Content-Encoding is ${encoding}: send it plain, or as gzip.`,
    )
  })
})

describe('a body over the limit', () => {
  const limited = { ...direct, MAX_BODY_BYTES: '5000' }
  const long = `[${'1,'.repeat(50_000)}"ї"]`

  /** Posts it without its length. */
  function postStream(bytes: Uint8Array): Promise<Response> {
    let sent = 0
    const body = new ReadableStream({
      pull(controller) {
        if (sent >= bytes.length) return controller.close()
        controller.enqueue(bytes.slice(sent, sent + 7_000))
        sent += 7_000
      },
    })
    const init = { method: 'POST', headers: { Authorization: CREDENTIALS }, body }
    return Promise.resolve(app.request('/webhooks/yespo', init, { ...env, ...limited }))
  }

  async function postStreamAt(minutes: readonly number[], bytes: Uint8Array): Promise<number[]> {
    const start = Date.now()
    vi.useFakeTimers({ toFake: ['Date'] })
    const statuses: number[] = []
    for (const minute of minutes) {
      vi.setSystemTime(start + minute * MINUTE)
      statuses.push((await postStream(bytes)).status)
    }
    vi.useRealTimers()
    return statuses
  }

  it('is rejected at first, and then quarantined with all its bytes', async () => {
    const responses = await postAt([0, 1, 3, 7], long, limited)
    expect(statusesOf(responses)).toEqual([413, 413, 200, 200])
    const response = await responses[2]?.json<Taken>()
    expect(response).toMatchObject({ received: 0, accepted: 0, quarantined: [{ index: 0 }] })
    expect(response?.quarantined[0]?.reason).toMatch(
      /^the body is larger than 5000 bytes \(MAX_BODY_BYTES\)/,
    )
    const items = await listQuarantine()
    expect(items.map(({ kind, part }) => [kind, part])).toEqual(
      items.map((_, index) => ['bodyBytes', index]),
    )
    const bytes = Buffer.from(items.map(({ sent }) => sent).join(''), 'latin1')
    expect(bytes.toString()).toBe(long)
  })

  it('is recognized even without its length', async () => {
    const statuses = await postStreamAt([0, 1, 3], new TextEncoder().encode(long))
    expect(statuses).toEqual([413, 413, 200])
    const items = await listQuarantine()
    expect(Buffer.from(items.map(({ sent }) => sent).join(''), 'latin1').toString()).toBe(long)
  })

  it('is truncated if it is too large to store, and the reason says so', async () => {
    const huge = '[1]'.repeat(4_000_000)
    const responses = await postAt([0, 1, 3], huge)
    expect(statusesOf(responses)).toEqual([413, 413, 200])
    const { quarantined } = (await responses[2]?.json<Taken>()) ?? {}
    expect(quarantined?.[0]?.reason).toContain('10000000 are kept')
    const sql = `SELECT count(*) AS parts, max(part) AS last, sum(length(sent)) AS length FROM quarantine`
    expect(await env.DB.prepare(sql).first()).toEqual({ parts: 334, last: 333, length: 10_000_000 })
  }, 600_000)

  it('is distinguished from another of the same length that begins alike', async () => {
    const blanks = `[${' '.repeat(200_000)}]`
    const event = JSON.stringify(buildEvent({ activityStatus: 'SPAM' }))
    const other = `[${' '.repeat(100_000)}${event.padEnd(100_000)}]`
    expect(other).toHaveLength(blanks.length)
    expect(statusesOf(await postAt([0, 1, 3], blanks, limited))).toEqual([413, 413, 200])
    expect(statusesOf(await postAt([0, 1, 3], other, limited))).toEqual([413, 413, 200])
    expect(await listBodies()).toEqual([blanks, other].sort())
  })

  it('is distinguished from another without a length that begins alike', async () => {
    const [short, long] = [10_500, 10_600].map((count) => `[${'1234567890,'.repeat(count)}1]`)
    for (const body of [short, long]) {
      const statuses = await postStreamAt([0, 1, 3], new TextEncoder().encode(body))
      expect(statuses).toEqual([413, 413, 200])
    }
    expect(await listBodies()).toEqual([short, long].sort())
  })

  it('may arrive again after it was quarantined, and is stored once', async () => {
    expect(statusesOf(await postAt([0, 1, 3, 4, 5], long, limited))).toEqual([
      413, 413, 200, 200, 200,
    ])
    expect(await listBodies()).toEqual([Buffer.from(long).toString('latin1')])
  })

  it('can be replayed once the limit is raised', async () => {
    const events = Array.from({ length: 40 }, () => buildEvent())
    await postAt([0, 1, 3], events, limited)
    expect(await replay('/replay')).toMatchObject({ replayed: 1, events: 40, still: 0 })
    expect(await count('activity')).toBe(40)
    expect(await count('quarantine')).toBe(0)
  })

  it('is quarantined in another form if the database rejects it for an unknown reason', async () => {
    const DB = faultyDatabase(env.DB, (_call, text) =>
      text.includes('"bodyBytes"') ? D1_ERRORS.unknown() : undefined,
    )
    const responses = await postAt([0, 1, 3], long, { ...limited, DB })
    expect(statusesOf(responses)).toEqual([413, 413, 200])
    expect(await count("quarantine WHERE kind = 'message'")).toBeGreaterThan(0)
  })

  it('is rejected with 503 if the database is down, and nothing is lost', async () => {
    let calls = 0
    const DB = faultyDatabase(env.DB, () => (++calls > 3 ? D1_ERRORS.lost() : undefined))
    expect(statusesOf(await postAt([0, 1, 3], long, { ...limited, DB }))).toEqual([413, 413, 503])
    expect(statusesOf(await postAt([7], long, limited))).toEqual([200])
  })
})
