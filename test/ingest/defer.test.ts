import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkDeferred, splitDeferred } from '../../src/ingest/check-deferred.ts'
import { defer } from '../../src/ingest/defer.ts'
import { digest128 } from '../../src/event/identity.ts'
import { MAX_QUEUED_BYTES } from '../../src/event/message.ts'
import { joinBody, makeTraffic } from '../../src/simulator/traffic.ts'
import { buildEvent } from '../event.ts'
import { BROKEN, checkWhole, contentOf, ENVELOPE, OTHERS, SLICEABLE, ZONE } from './large-body.ts'

const PLANS = ['free', 'paid'] as const

/** Compares a body's deferred messages, once they are checked, with checking it at once. Returns them. */
function expectSame(body: Uint8Array, plan: 'free' | 'paid'): string[] {
  const deferred = defer(body, ENVELOPE, ZONE, plan)
  if (!deferred) throw new Error('the body is not deferred')
  const { received, accepted, ...content } = checkWhole(body)
  expect(deferred.count).toBe(received)
  expect(content.rows).toHaveLength(accepted)
  expect(contentOf(deferred.messages.map(checkDeferred))).toEqual(content)
  return deferred.messages
}

describe('a deferred body', () => {
  it.each(Object.keys(SLICEABLE))('becomes what it would become at the edge: %s', (name) => {
    const body = SLICEABLE[name]?.() ?? new Uint8Array()
    for (const plan of PLANS) {
      const messages = expectSame(body, plan)
      const sizes = messages.map((text) => Buffer.byteLength(text))
      expect(Math.max(...sizes)).toBeLessThan(MAX_QUEUED_BYTES)
    }
  })

  it('of the simulated Yespo becomes what it would become at the edge', () => {
    let compared = 0
    for (const seed of [1, 2, 3]) {
      for (const elements of makeTraffic({ seed, events: 6_000, poison: 0.01 })) {
        if (elements.length <= 100) continue
        const body = joinBody(elements)
        if (!defer(body, ENVELOPE, ZONE, 'free')) continue
        expectSame(body, 'free')
        compared++
      }
    }
    expect(compared).toBeGreaterThan(10)
  })

  it('has messages of at most 128 events, whatever their length', () => {
    for (const note of ['', 'x'.repeat(300), 'ї'.repeat(3_000)]) {
      const events = Array.from({ length: 500 }, () => buildEvent({ note }))
      const body = Buffer.from(JSON.stringify(events))
      const messages = expectSame(body, 'paid')
      const counts = messages.map((text) => Number(/"deferred":(\d+)/.exec(text)?.[1]))
      expect(Math.max(...counts)).toBeLessThanOrEqual(128)
    }
  })

  it('with random spellings of few events gives each of them the ID it has at the edge', () => {
    const spelling = fc.record(
      {
        activityStatus: fc.constantFrom('READ', ' read ', 'Read'),
        activityDateTime: fc.constantFrom('2023-09-14T08:30:03', '2023-09-14 08:30:03'),
        contactId: fc.constantFrom(1, '1', ' 1', '1.0', [1], null, ''),
        iid: fc.constantFrom('a', ' a', ['a'], 5, '5', null, '', [], 'é', 'e\u0301'),
        clickEventLink: fc.constantFrom('https://a', ['https://a'], undefined),
        osName: fc.constantFrom('', null, 'iOS', ' iOS '),
      },
      { requiredKeys: ['activityStatus', 'activityDateTime'] },
    )
    const elements = fc.array(fc.oneof(spelling, fc.constant({})), {
      minLength: 1,
      maxLength: 150,
    })
    fc.assert(
      fc.property(elements, fc.nat(3), (list, indent) => {
        const filler = Array.from({ length: 100 }, () => buildEvent())
        const all = [...list, ...filler, ...list]
        const invalid = all.filter((each) => !('activityStatus' in each)).length
        fc.pre(invalid <= 100) // more are grouped by reason
        expectSame(Buffer.from(JSON.stringify(all, null, indent)), 'paid')
      }),
      { numRuns: 60 },
    )
  }, 300_000)

  it('is split into halves without a change', () => {
    for (const name of Object.keys(SLICEABLE)) {
      if (name === 'scalars between two objects') continue // they are grouped by reason
      const body = SLICEABLE[name]?.() ?? new Uint8Array()
      const { messages = [] } = defer(body, ENVELOPE, ZONE, 'paid') ?? {}
      const halve = (text: string) => (/"deferred":1,/.test(text) ? [text] : splitDeferred(text))
      const quarters = messages
        .flatMap((text) => halve(text) ?? [])
        .flatMap((text) => halve(text) ?? [])
      expect(contentOf(quarters.map(checkDeferred)), name).toEqual(
        contentOf(messages.map(checkDeferred)),
      )
    }
  })

  it('is split down to single elements, and one of those is quarantined as sent', () => {
    const events = Array.from({ length: 9 }, () => buildEvent())
    const sources = events.map((event) => JSON.stringify(event, null, 1))
    const body = Buffer.from(`[${sources.join(' , ')}]`)
    let texts = defer(body, ENVELOPE, ZONE, 'free')?.messages ?? []
    for (let round = 0; round < 6; round++)
      texts = texts.flatMap((text) => splitDeferred(text) ?? [text])
    const request = digest128(body)
    const items = texts.flatMap((text) => JSON.parse(text).quarantine as unknown[])
    const reason = 'checking the event takes more processor time than the plan allows'
    expect(items).toEqual(
      sources.map((source, index) => [request, index, 0, 'element', reason, source]),
    )
    for (const text of texts) expect(JSON.parse(text)).toMatchObject({ ...ENVELOPE, rows: [] })
  })
})

describe('a body that is not deferred', () => {
  const others = Object.keys(OTHERS).filter((name) => name !== 'a value nested deep')
  it.each([...others, ...Object.keys(BROKEN)])('is one with %s', (name) => {
    const body = (OTHERS[name] ?? BROKEN[name])?.() ?? new Uint8Array()
    for (const plan of PLANS) expect(defer(body, ENVELOPE, ZONE, plan)).toBeUndefined()
  })

  it('has more than 30,000 elements, and one of 30,000 is deferred', () => {
    const of = (count: number) =>
      Buffer.from(`[{"activityStatus":"READ"}${',{"n":1}'.repeat(count - 1)}]`)
    expect(defer(of(30_001), ENVELOPE, ZONE, 'paid')).toBeUndefined()
    expect(defer(of(30_000), ENVELOPE, ZONE, 'paid')).toMatchObject({ count: 30_000 })
  })

  it('has many events that only a whole comparison tells apart, on the free plan', () => {
    const body = Buffer.from(
      JSON.stringify(Array.from({ length: 400 }, (_, n) => ({ ...buildEvent({ iid: 'x', n }) }))),
    )
    expect(defer(body, ENVELOPE, ZONE, 'free')).toBeUndefined()
    expectSame(body, 'paid')
  })

  it('is found out in little time, however its blanks and brackets are', () => {
    const blanks = ' '.repeat(60_000)
    const hostile = [
      `[{}${blanks}`,
      `[{}${',1'.repeat(1_000)}${',{}'.repeat(50)}${blanks}x`,
      `[{"a":"${blanks}"}${blanks}]${blanks}]`,
      `[{}${`,{}${blanks}`.repeat(9)}`,
      `[${'{"a":['.repeat(5_000)}`,
      `[{"a":"${'},{'.repeat(20_000)}`,
      `[{"a":"${'}'.repeat(60_000)}"}]`,
    ]
    for (const text of hostile)
      expect(defer(Buffer.from(text), ENVELOPE, ZONE, 'paid')).toBeUndefined()
  }, 10_000)
})
