import { Buffer } from 'node:buffer'
import { expect, it } from 'vitest'
import { Elements } from '../../src/ingest/parse-elements.ts'
import { quarantineElements } from '../../src/ingest/quarantine-rejected.ts'
import { prepare } from '../../src/ingest/to-messages.ts'
import { buildEvent } from '../event.ts'

it('leaves room for the labels in the row of an event', () => {
  const body = Buffer.from(
    JSON.stringify([buildEvent({ statusDescription: 'x'.repeat(1_850_000) })]),
  )
  const prepareWith = (labels: string | null) =>
    prepare(new Elements(body), { receivedAt: 0, origin: 'webhook', labels }, 'UTC')
  expect(prepareWith(null)).toMatchObject({ accepted: 1, quarantined: [] })
  expect(prepareWith('x'.repeat(20_000))).toMatchObject({
    accepted: 0,
    quarantined: [{ index: 0, reason: 'the event is larger than 1900000 bytes' }],
  })
})

it('groups invalid elements into arrays of at most 500,000 bytes', () => {
  const element = (index: number) => `${index}`.padEnd(998, 'x') // 1,000 bytes with its quotes
  const body = Buffer.from(
    JSON.stringify(Array.from({ length: 600 }, (_, index) => element(index))),
  )
  const elements = new Elements(body)
  const rejected = Array.from({ length: 600 }, (_, index) => ({ index, reason: 'not an event' }))
  const items = quarantineElements(elements, rejected)
  expect(items.map(({ reason }) => reason)).toEqual([
    'not an event (499 elements)',
    'not an event (101 elements)',
  ])
  expect(items.map(({ kind, elementIndex }) => [kind, elementIndex])).toEqual([
    ['body', 0],
    ['body', 499],
  ])
  expect(Math.max(...items.map(({ sent }) => sent.length))).toBeLessThanOrEqual(500_000)
})

it('names up to three keys that lead to the events of a body', () => {
  const reasonIn = (body: object) => {
    const elements = new Elements(Buffer.from(JSON.stringify(body)))
    return prepare(elements, { receivedAt: 0, origin: 'webhook', labels: null }, 'UTC')
      .quarantined[0]?.reason
  }
  const events = [buildEvent()]
  expect(reasonIn({ a: { b: { c: events } } })).toContain('with the key "a", in it "b", in it "c"')
  expect(reasonIn({ a: { b: { c: { d: events } } } })).not.toContain('with the key')
})
