import { expect, it } from 'vitest'
import { DOCUMENTED_STATUSES } from '../../src/event/certain.ts'
import { joinBody, makeTraffic, type Element } from '../../src/simulator/traffic.ts'

const EVENTS = 30_000
const bodies = [...makeTraffic({ seed: 7, events: EVENTS, poison: 0.02 })]
const events = bodies.flat().filter(({ isPoison }) => !isPoison)
const parsed = events.map(({ bytes }) => JSON.parse(bytes.toString()) as Record<string, string>)
const valuesOf = (name: string) => new Set(parsed.map((event) => event[name]))

const hash = (list: Element[][]) => Buffer.concat(list.map(joinBody)).toString('base64')

it('is the same for the same seed, and different for another', () => {
  const make = (seed: number) => hash([...makeTraffic({ seed, events: 500, poison: 0.1 })])
  expect(make(1)).toBe(make(1))
  expect(make(1)).not.toBe(make(2))
})

it('has the requested number of events, plus invalid items', () => {
  expect(events).toHaveLength(EVENTS)
  const poison = bodies.flat().length - EVENTS
  expect(poison).toBeGreaterThan(EVENTS * 0.015)
  expect(poison).toBeLessThan(EVENTS * 0.025)
})

it('covers all nine channels and eight statuses', () => {
  expect(valuesOf('mediaType').size).toBe(9)
  expect(valuesOf('activityStatus')).toEqual(new Set(DOCUMENTED_STATUSES))
})

it('has bodies of one to a thousand elements', () => {
  const sizes = bodies.map((body) => body.length)
  expect(Math.min(...sizes)).toBe(1)
  expect(Math.max(...sizes)).toBeGreaterThan(300)
  expect(Math.max(...sizes)).toBeLessThan(1_100)
})

it('has broadcasts and workflows, Cyrillic names, long links and earlier revisions', () => {
  const some = (test: (event: Record<string, unknown>) => boolean) =>
    expect(parsed.some(test)).toBe(true)
  some((event) => 'broadcastId' in event)
  some((event) => 'workflowInstanceId' in event)
  some((event) => /[а-яі]/i.test(String(event['messageName'])))
  some((event) => String(event['clickEventLink']).length === 1_000)
  some((event) => 'statusData' in event)
})

it('has difficult events: without an iid, with integers beyond 2^53, larger than a message', () => {
  expect(parsed.some((event) => !('iid' in event))).toBe(true)
  expect(events.some(({ bytes }) => /"imId":\d{17}/.test(bytes.toString()))).toBe(true)
  expect(events.some(({ bytes }) => bytes.length > 128_000)).toBe(true)
})

it('has deliveries in order, some reported late', () => {
  const times = parsed.map((event) => Date.parse(`${event['activityDateTime']}Z`))
  const late = times.filter(
    (time, index) => time < Math.max(...times.slice(Math.max(0, index - 50), index)) - 60_000,
  )
  expect(late.length).toBeGreaterThan(100)
})

it('has equal clicks in one second, always in one body', () => {
  const seen = new Map<string, number>()
  let equal = 0
  for (const [index, body] of bodies.entries()) {
    for (const { bytes, isPoison } of body) {
      if (isPoison) continue
      const key = bytes.toString()
      if (seen.has(key)) {
        equal++
        expect(seen.get(key)).toBe(index)
      }
      seen.set(key, index)
    }
  }
  expect(equal).toBeGreaterThan(50)
})
