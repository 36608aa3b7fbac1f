import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { digest128 } from '../../src/event/identity.ts'
import { decodePart, encodeParts } from '../../src/event/body-part.ts'
import { addParts } from '../../src/db/write/large-bodies.ts'
import { advanceBody } from '../../src/ingest/advance-body.ts'
import { consumeBodies } from '../../src/ingest/consume-bodies.ts'
import { sliceElements } from '../../src/event/slice-elements.ts'
import { joinBody, makeTraffic } from '../../src/simulator/traffic.ts'
import { buildBatch } from '../deliver.ts'
import { buildEvent } from '../event.ts'
import { D1_ERRORS, faultyQueue } from '../faulty.ts'
import { clearTables, count, listQuarantine } from '../receiver.ts'
import { Broker } from './broker.ts'
import { BROKEN, checkWhole, contentOf, ENVELOPE, OTHERS, SLICEABLE, ZONE } from './large-body.ts'

beforeEach(clearTables)

/** The messages of a body as the edge makes them, but with smaller parts. */
function partsOf(body: Uint8Array, size = Math.ceil(body.length / 25) + 1): Uint8Array[] {
  const [first = new Uint8Array()] = encodeParts(body, digest128(body), ENVELOPE, ZONE)
  const { content: _, ...header } = decodePart(first)
  const bytes = Buffer.from(body)
  const starts = [0]
  for (let end = size; end < bytes.length; end += size) {
    while (header.encoding === 'utf8' && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
    starts.push(end)
  }
  return starts.map((start, part) => {
    const line = `${JSON.stringify({ ...header, part, parts: starts.length, start })}\n`
    return Buffer.concat([Buffer.from(line), bytes.subarray(start, starts[part + 1])])
  })
}

/** Expects that everything of a body is done, and nothing is left of its parts. */
async function expectFinished(): Promise<void> {
  expect(await count('body_parts')).toBe(0)
  expect(await count('large_bodies')).toBe(1)
  expect(await count('large_bodies WHERE finishedAt IS NULL')).toBe(0)
}

type Item = readonly [reason: string, sent: string]

/** Each quarantined element with its reason, whether it is in a group or not. */
function ungroup(quarantined: readonly string[]): Item[] {
  const rows = quarantined.map((row) => JSON.parse(row) as (string | number)[])
  const items = Map.groupBy(rows, ([, , , request, index]) => `${request}.${index}`)
  return [...items.values()]
    .flatMap((pieces) => {
      pieces.sort((one, other) => Number(one[5]) - Number(other[5]))
      const [, , , , , , kind, reason] = pieces[0]?.map(String) ?? []
      const sent = pieces.map((piece) => piece[8]).join('')
      const group = / \(\d+ elements\)$/.exec(reason ?? '')
      if (!group || !kind?.startsWith('body')) return [[reason ?? '', sent] as const]
      return sliceElements(sent).map((each) => [reason?.slice(0, group.index) ?? '', each] as const)
    })
    .sort(([, one], [, other]) => (one < other ? -1 : 1))
}

const bodies = { ...SLICEABLE, ...OTHERS }
const GROUPED = [
  'numbers and words',
  'scalars between two objects',
  'a character cut off at the end of each text',
]

describe('a body in parts', () => {
  it.each(Object.keys(bodies))('becomes what it would become at the edge: %s', async (name) => {
    const body = bodies[name]?.() ?? new Uint8Array()
    const broker = new Broker(partsOf(body))
    await broker.run()
    const { rows, quarantined } = contentOf(broker.events)
    const whole = checkWhole(body)
    expect(rows).toEqual(whole.rows)
    if (GROUPED.includes(name)) expect(ungroup(quarantined)).toEqual(ungroup(whole.quarantined))
    else expect(quarantined).toEqual(whole.quarantined)
    await expectFinished()
    expect(await count('quarantine')).toBe(0)
  })

  it.each(Object.keys(BROKEN))(
    'gives its events up to where it breaks, and is quarantined as a whole: %s',
    async (name) => {
      const body = BROKEN[name]?.() ?? new Uint8Array()
      const broker = new Broker(partsOf(body))
      await broker.run()
      const whole = checkWhole(body)
      expect(contentOf(broker.events)).toEqual({ rows: whole.rows, quarantined: [] })
      expect(whole.rows).not.toEqual([])
      const items = await listQuarantine()
      expect(items.map(({ sent }) => sent).join('')).toBe(Buffer.from(body).toString())
      const { receivedAt, origin, labels } = ENVELOPE
      for (const item of items) {
        expect(item).toMatchObject({ kind: 'body', elementIndex: 0, receivedAt, origin, labels })
        expect(item['request']).toBe(digest128(digest128(body)))
        expect(item['reason']).toMatch(/^the body is not JSON from byte \d+ on$/)
      }
      await expectFinished()
    },
  )

  it('of the simulated Yespo becomes what it would become at the edge', async () => {
    let compared = 0
    for (const elements of makeTraffic({ seed: 5, events: 3_000, poison: 0.05 })) {
      if (elements.length < 150 || compared === 3) continue
      await clearTables()
      const body = joinBody(elements)
      const broker = new Broker(partsOf(body))
      await broker.run()
      const whole = checkWhole(body)
      expect(contentOf(broker.events)).toEqual({ rows: whole.rows, quarantined: whole.quarantined })
      await expectFinished()
      compared++
    }
    expect(compared).toBeGreaterThan(0)
  })

  it('may be cut anywhere', async () => {
    const events = Array.from({ length: 6 }, (_, n) => buildEvent({ iid: 'ї', n: n >> 1 }))
    const body = Buffer.from(
      `[ 12 , ${events.map((event) => JSON.stringify(event))}, true,-3.5e10 , 345, 1.25E-7,0.5 ] \n`,
    )
    const { rows, quarantined } = checkWhole(body)
    for (let size = 60; size < 130; size += 7) {
      await clearTables()
      const broker = new Broker(partsOf(body, size))
      await broker.run()
      expect(contentOf(broker.events), `parts of ${size} bytes`).toEqual({ rows, quarantined })
    }
  })

  it('of more than 30,000 elements is quarantined as a whole', async () => {
    const body = Buffer.from(`[${'{},'.repeat(30_400)}${JSON.stringify(buildEvent())}]`)
    const broker = new Broker(partsOf(body, 50_000))
    await broker.run()
    const items = await listQuarantine()
    expect(items.map(({ sent }) => sent).join('') === body.toString()).toBe(true)
    expect(items[0]).toMatchObject({ reason: 'the body has more than 30000 elements' })
    await expectFinished()
  })
})

/** A body of few steps: equal events, an invalid element, four-byte characters. */
function smallBody(): Uint8Array {
  const click = buildEvent({ activityStatus: 'CLICKED', iid: 'one', messageName: '😀},{' })
  const others = Array.from({ length: 60 }, () => buildEvent({ messageName: 'ї' }))
  return Buffer.from(JSON.stringify([click, ...others, 5, click, ...others, click]))
}

describe('the parts of a body', () => {
  it.each<[string, (parts: Uint8Array[]) => Uint8Array[]]>([
    ['in reverse', (parts) => parts.toReversed()],
    [
      'in another order',
      (parts) => parts.toSorted((one, other) => (digest128(one) < digest128(other) ? -1 : 1)),
    ],
    ['twice each', (parts) => parts.flatMap((part) => [part, part])],
    ['twice, one after the other', (parts) => [...parts, ...parts]],
    [
      'with the last one three times',
      (parts) => [...parts, ...parts.slice(-1), ...parts.slice(-1)],
    ],
  ])('may come %s', async (_how, order) => {
    const body = smallBody()
    const { rows, quarantined } = checkWhole(body)
    const broker = new Broker(order(partsOf(body, 4_000)))
    await broker.run()
    expect(contentOf(broker.events)).toEqual({ rows, quarantined })
    await expectFinished()
  })

  it('that come again after it was finished change nothing', async () => {
    const parts = partsOf(smallBody(), 4_000)
    await new Broker(parts).run()
    const again = new Broker([...parts, ...parts.toReversed()])
    await again.run()
    expect(again.events).toEqual([])
    await expectFinished()
  })

  it('wait for one that is missing', async () => {
    const body = smallBody()
    const { rows, quarantined } = checkWhole(body)
    const [first = new Uint8Array(), ...others] = partsOf(body, 4_000)
    const broker = new Broker(others)
    await broker.run()
    expect(broker.events).toEqual([])
    expect(await count('body_parts')).toBe(others.length)
    const last = new Broker([first])
    await last.run()
    expect(contentOf(last.events)).toEqual({ rows, quarantined })
    await expectFinished()
  })

  it('of two bodies do not mix', async () => {
    const all = [smallBody(), smallBody()]
    const [one = [], other = []] = all.map((body) => partsOf(body, 3_000))
    const broker = new Broker(
      one.flatMap((part, index) => [part, ...other.slice(index, index + 1)]),
    )
    await broker.run()
    const expected = all.map(checkWhole)
    const content = contentOf(broker.events)
    expect(content.rows).toEqual([...new Set(expected.flatMap(({ rows }) => rows))].sort())
    expect(await count('body_parts')).toBe(0)
  })

  it('each fit into a message, and hold the body byte for byte', () => {
    const texts = [
      `[${JSON.stringify('ї😀'.repeat(100_000))}]`,
      `\ufeff[${'"x",'.repeat(100_000)}1]`,
    ]
    const bodies = [
      ...texts.map((text) => Buffer.from(text)),
      Buffer.from('\xd0\0'.repeat(200_000), 'latin1'),
    ]
    for (const body of bodies) {
      const messages = encodeParts(body, digest128(body), ENVELOPE, ZONE)
      expect(Math.max(...messages.map(({ length }) => length))).toBeLessThan(128_000 - 200)
      const parts = messages.map(decodePart)
      const bytes = parts.map(({ content, encoding }) => Buffer.from(content, encoding))
      expect(Buffer.concat(bytes).equals(body)).toBe(true)
      expect(parts.map(({ start }) => start)).toEqual(
        bytes.map((_, index) => bytes.slice(0, index).reduce((sum, { length }) => sum + length, 0)),
      )
    }
  })
})

describe('a part that the database does not take', () => {
  const failing = {
    prepare: () => {
      throw D1_ERRORS.overloaded()
    },
  } as unknown as D1Database
  const consume = async (body: unknown, attempts: number) => {
    const sent: [body: unknown, options: unknown][] = []
    const send = async (...call: [body: unknown, options: unknown]) => void sent.push(call)
    const queue = { send } as unknown as Queue
    const { batch, settled } = buildBatch([body], { attempts })
    await consumeBodies(batch.messages, { db: failing, queues: { small: queue, large: queue } })
    return { sent, settled }
  }
  // As the platform hands over bytes.
  const asBuffer = (part: Uint8Array | undefined) => new Uint8Array(part ?? []).buffer

  it('comes again', async () => {
    const { sent, settled } = await consume(asBuffer(partsOf(smallBody())[0]), 1)
    expect(sent).toEqual([])
    expect(settled).toEqual([{ delaySeconds: 2 }])
  })

  it('is sent again as it is on its last try', async () => {
    const body = smallBody()
    const resent: Uint8Array[] = []
    for (const part of partsOf(body)) {
      const { sent, settled } = await consume(asBuffer(part), 100)
      expect(settled).toEqual(['ack'])
      expect(sent.map(([, options]) => options)).toMatchObject([{ contentType: 'bytes' }])
      resent.push(sent[0]?.[0] as Uint8Array)
    }
    const broker = new Broker(resent)
    await broker.run()
    const { rows, quarantined } = checkWhole(body)
    expect(contentOf(broker.events)).toEqual({ rows, quarantined })
  })
})

it('does not count a try that the database prevents', async () => {
  const body = smallBody()
  const parts = encodeParts(body, digest128(body), ENVELOPE, ZONE).map(decodePart)
  expect(await addParts(env.DB, parts)).toBe(true)
  const sent: string[] = []
  const queue = faultyQueue(undefined, sent)
  const queues = { small: queue, large: queue }
  const prepare = (sql: string) => {
    if (sql.includes('FROM body_parts')) throw D1_ERRORS.overloaded()
    return env.DB.prepare(sql)
  }
  const failing = { prepare } as unknown as D1Database
  for (let n = 0; n < 9; n++) {
    await expect(advanceBody(failing, queues, digest128(body))).rejects.toThrow('overloaded')
  }
  while (await advanceBody(env.DB, queues, digest128(body)));
  const { rows, quarantined } = checkWhole(body)
  expect(contentOf(sent)).toEqual({ rows, quarantined })
  expect(await count('quarantine')).toBe(0)
})

it('is given up after 43 tries that were killed, with the events before it stored', async () => {
  const body = smallBody()
  const parts = encodeParts(body, digest128(body), ENVELOPE, ZONE).map(decodePart)
  await addParts(env.DB, parts)
  const sent: string[] = []
  const working = faultyQueue(undefined, sent)
  await advanceBody(env.DB, { small: working, large: working }, digest128(body))
  const before = contentOf(sent).rows.length
  expect(before).toBeGreaterThan(0)
  await env.DB.prepare('UPDATE large_bodies SET tries = 43').run()
  expect(await advanceBody(env.DB, { small: working, large: working }, digest128(body))).toBe(false)
  expect(contentOf(sent).rows).toHaveLength(before)
  const items = await listQuarantine()
  expect(items.map(({ sent: text }) => text).join('')).toBe(Buffer.from(body).toString())
  expect(items[0]).toMatchObject({
    reason: 'checking an element takes more processor time than the plan allows',
  })
  await expectFinished()
})

describe('an invocation that is killed', () => {
  it.each([
    ['before', smallBody, false],
    ['after', smallBody, true],
    ['before', () => Buffer.from(`${Buffer.from(smallBody())},`), false],
    ['after', () => Buffer.from(`${Buffer.from(smallBody())},`), true],
  ])('%s any of its calls loses and doubles nothing', async (_when, make, isDone) => {
    const body = make()
    const { rows, error } = { ...checkWhole(body), error: body.at(-1) === 0x2c }
    const parts = partsOf(body, 10_000)
    for (let call = 1; ; call++) {
      await clearTables()
      const broker = new Broker(parts, { call, isDone })
      const kills = await broker.run()
      const content = contentOf(broker.events)
      expect(content.rows, `killed at call ${call}`).toEqual(rows)
      expect(content.quarantined, `killed at call ${call}`).toHaveLength(1)
      const kept = (await listQuarantine()).map(({ sent }) => sent).join('')
      expect(kept).toBe(error ? Buffer.from(body).toString() : '')
      await expectFinished()
      if (kills === 0) {
        expect(call).toBeGreaterThan(15)
        return
      }
    }
  })
})
